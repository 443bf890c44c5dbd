namespace Emu.Core.Tests.Snapshots;

/// <summary>A folder that goes away again.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("otherworld-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string[] Packs => Directory.GetFiles(this["pages"], "*.owpack");

    public long Size => Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
