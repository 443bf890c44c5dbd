using System.Text;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Tests.Laws;

/// <summary>Layouts of states are a file format: a change must be seen, and the version of the format raised.</summary>
public sealed class StateLayoutTests
{
    private const string Path = "docs/formats/state-layout.txt";

    [Test]
    public void Layouts_are_as_recorded()
    {
        string found = Describe();
        string file = System.IO.Path.Combine(Checkout.Root, Path);
        if (Environment.GetEnvironmentVariable("OTHERWORLD_UPDATE_FORMATS") == "1")
            File.WriteAllText(file, found);
        Assert.That(File.Exists(file) ? File.ReadAllText(file) : "", Is.EqualTo(found), $"if the change is meant, run this test with OTHERWORLD_UPDATE_FORMATS=1 and commit {Path}");
    }

    private static string Describe()
    {
        var text = new StringBuilder("# One line per section: identifier, bytes, hash of names, types and order of its fields.\n");
        using PcMachine machine = Lawful.Build();
        foreach (IDevice device in machine.Devices.Where(device => device is not FakeProcessor))
            text.Append(device.Id).Append(' ').Append(device.StateBytes.Length).Append(' ').Append(StateLayout.Hash(device.StateType)).Append('\n');
        return text.ToString();
    }
}
