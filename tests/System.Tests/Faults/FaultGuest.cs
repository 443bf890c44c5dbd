using Otherworld.Guest.Experiments;
using Otherworld.Guest.Faults;

namespace System.Tests.Faults;

/// <summary>A snapshot of a guest under load, made once, and runs of it with faults.</summary>
internal sealed class FaultGuest : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("otherworld-faults-").FullName;

    public FaultGuest()
    {
        using DemoRun run = new(new DemoOptions { Image = Images.Otherworld });
        Assert.That(run.Boot() ?? run.StartPrograms() ?? run.StartWork(0), Is.Null);
        run.Console.Guest.Save(Snapshot, "test", "under load");
    }

    /// <summary>The file.</summary>
    public string Snapshot => Path.Combine(_folder, "load.snapshot");

    /// <summary>A path in a folder that goes with this.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Runs one fault.</summary>
    public FaultResult Run(string fault, ulong limit, Emu.X86.EngineKind? engine = null, string? record = null)
    {
        using FaultRun run = new(new FaultRunOptions { Snapshot = Snapshot, Fault = FaultSpec.Parse(fault), Limit = limit, Engine = engine, Record = record });
        return run.Run();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
