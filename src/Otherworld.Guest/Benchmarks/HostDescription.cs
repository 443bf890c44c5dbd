using System.Runtime.InteropServices;

namespace Otherworld.Guest.Benchmarks;

/// <summary>What a measurement was made on.</summary>
internal static class HostDescription
{
    /// <summary>Processor, number of processors, memory, system.</summary>
    internal static string Read() =>
        $"{Processor()}, {Environment.ProcessorCount} processors, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}";

    /// <summary>The processor's name.</summary>
    internal static string Processor()
    {
        const string key = "model name";
        try
        {
            string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
            return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
        catch (IOException)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }
    }
}
