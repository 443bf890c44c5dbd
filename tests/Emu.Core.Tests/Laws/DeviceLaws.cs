using System.Reflection;
using CsCheck;
using Emu.Core.Bus;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Tests.Laws;

/// <summary>What holds for every device of a machine, whichever it is. A new device is tested by being built into <see cref="PcMachine"/>.</summary>
public sealed class DeviceLaws
{
    private static readonly byte[] Sizes = [1, 2, 4];

    private static IEnumerable<TestCaseData> Devices()
    {
        using PcMachine machine = Lawful.Build();
        return [.. machine.Devices.Where(device => device is not FakeProcessor).Select(device => new TestCaseData(device.Id).SetArgDisplayNames(device.Id))];
    }

    [TestCaseSource(nameof(Devices))]
    public void The_only_field_that_changes_is_the_state(string id)
    {
        using PcMachine machine = Lawful.Build();
        IDevice device = Lawful.Find(machine, id);
        var offenders = new List<string>();
        for (Type? type = device.GetType(); type != null && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!field.IsInitOnly && field.FieldType != device.StateType)
                    offenders.Add($"{type.Name}.{field.Name}");
            }
        }

        Assert.That(offenders, Is.Empty);
    }

    [TestCaseSource(nameof(Devices))]
    public void State_has_no_padding(string id)
    {
        using PcMachine machine = Lawful.Build();
        IDevice device = Lawful.Find(machine, id);
        Assert.That(StateLayout.Padding(device.StateType), Is.Empty);
        Assert.That(StateLayout.SizeOf(device.StateType), Is.EqualTo(device.StateBytes.Length));
    }

    [TestCaseSource(nameof(Devices))]
    public void Writing_back_what_was_saved_changes_nothing(string id)
    {
        using PcMachine machine = Lawful.Build();
        Lawful.Disturb(machine, seed: 7, steps: 3000);
        IDevice device = Lawful.Find(machine, id);
        byte[] saved = device.StateBytes.ToArray();
        ulong before = machine.StateHash();
        device.StateBytes.Fill(0xA5);
        saved.CopyTo(device.StateBytes);
        machine.Restored();
        Assert.That(machine.StateHash(), Is.EqualTo(before));
    }

    [TestCaseSource(nameof(Devices))]
    public void Reset_equals_a_fresh_device(string id)
    {
        using PcMachine used = Lawful.Build(), fresh = Lawful.Build();
        Lawful.Disturb(used, seed: 11, steps: 3000);
        used.PowerOn();
        Assert.That(Lawful.Find(used, id).StateBytes.SequenceEqual(Lawful.Find(fresh, id).StateBytes), Is.True);
    }

    [Test]
    public void Identifiers_are_unique()
    {
        using PcMachine machine = Lawful.Build();
        Assert.That(machine.Devices.Select(device => device.Id), Is.Unique);
    }

    [Test]
    public void Every_device_of_the_assembly_is_in_the_machine()
    {
        using PcMachine machine = Lawful.Build();
        HashSet<Type> built = [.. machine.Devices.Select(device => device.GetType())];
        IEnumerable<Type> all = typeof(PcMachine).Assembly.GetTypes().Where(type => !type.IsAbstract && typeof(IDevice).IsAssignableFrom(type) && !type.IsInterface);
        Assert.That(all.Where(type => !built.Contains(type)), Is.Empty);
    }

    [Test]
    public void Any_access_pattern_is_answered_without_exception() =>
        Gen.Int.Sample(
            seed =>
            {
                using PcMachine machine = Lawful.Build();
                Lawful.Disturb(machine, seed, steps: 2000);
            },
            iter: 60);

    [Test]
    public void Two_machines_fed_the_same_have_the_same_hash() =>
        Gen.Int.Sample(
            seed =>
            {
                using PcMachine first = Lawful.Build(), second = Lawful.Build();
                Lawful.Disturb(first, seed, steps: 1000);
                Lawful.Disturb(second, seed, steps: 1000);
                return first.StateHash() == second.StateHash();
            },
            iter: 20);

    [Test]
    public void A_machine_restored_in_the_middle_goes_on_the_same() =>
        Gen.Int.Sample(
            seed =>
            {
                using PcMachine whole = Lawful.Build(), first = Lawful.Build(), second = Lawful.Build();
                Lawful.Disturb(whole, seed, steps: 500);
                Lawful.Disturb(first, seed, steps: 500);
                Lawful.Copy(first, second);
                Lawful.Disturb(whole, seed + 1, steps: 500);
                Lawful.Disturb(second, seed + 1, steps: 500);
                return whole.StateHash() == second.StateHash();
            },
            iter: 20);

    [Test]
    public void Every_port_answers_every_width()
    {
        using PcMachine machine = Lawful.Build();
        IBus bus = machine.Parts.Bus;
        for (int port = 0; port < 0x1_0000; port++)
        {
            foreach (byte size in Sizes)
            {
                bus.ReadPort((ushort)port, size);
                bus.WritePort((ushort)port, size, 0xFFFF_FFFF);
            }
        }

        Assert.That(machine.Stop.IsRequested, Is.True, "the reset ports were among them");
    }
}
