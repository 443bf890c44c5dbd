using System.Globalization;
using System.Runtime;
using System.Text.Json;

namespace Otherworld.Bench;

/// <summary>The interpreter's speed on every compute kernel: instructions counted exactly, the median of several runs, in processor time (other work on the machine does not count).</summary>
internal static class MipsTable
{
    private const int Runs = 5;
    private const ulong InstructionsWanted = 150_000_000;

    internal static void Print(bool json)
    {
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        using ComputeKernels kernels = new();
        List<Row> rows = [];
        for (int kernel = 0; kernel < ComputeKernels.Names.Length; kernel++)
        {
            Row row = Measure(kernels, kernel);
            rows.Add(row);
            if (!json)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-10} {row.Instructions,12} instructions  {row.MedianSeconds,7:F3} s  {row.Mips,6:F0} MIPS"));
        }

        double geomean = Math.Exp(rows.Average(row => Math.Log(row.Mips)));
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new { items = rows, interpreter_mips = geomean }));
        else
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"geometric mean {geomean:F0} MIPS"));
    }

    private static Row Measure(ComputeKernels kernels, int kernel)
    {
        (ulong once, _) = kernels.Run(kernel, 1);
        int rounds = (int)(InstructionsWanted / once) + 1;
        double[] seconds = new double[Runs];
        ulong instructions = 0;
        for (int run = 0; run < Runs; run++)
        {
            TimeSpan start = Environment.CpuUsage.UserTime;
            (instructions, _) = kernels.Run(kernel, rounds);
            seconds[run] = (Environment.CpuUsage.UserTime - start).TotalSeconds;
        }

        Array.Sort(seconds);
        double median = seconds[Runs / 2];
        return new Row(ComputeKernels.Names[kernel], instructions, median, instructions / median / 1e6);
    }

    private sealed record Row(string Name, ulong Instructions, double MedianSeconds, double Mips);
}
