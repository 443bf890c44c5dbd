using Emu.Core.Bus;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Tests.Laws;

/// <summary>The machine the laws are checked on: every device that exists, and a way to disturb it.</summary>
internal static class Lawful
{
    private static readonly ulong[] Windows = [0xFEE0_0000, 0xFEC0_0000, 0xFEB0_0000, 0xFEB0_0200, 0xFEB0_0400, 0xFEB0_0600, 0xD000_0000];
    private static readonly ushort[] Ports =
    [
        0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1, 0x40, 0x41, 0x42, 0x43, 0x61, 0x60, 0x64, 0x70, 0x71, 0x80, 0x92, 0xE9, 0xED, 0xF0, 0xF4, 0xCF9, 0x600, 0x602, 0x604, 0x608,
        0x3F8, 0x3F9, 0x3FA, 0x3FB, 0x3FC, 0x3FD, 0x3FE, 0x3FF, 0x2F8, 0x2F9, 0x2FA, 0x2FC, 0x3E8, 0x3EC, 0x2E8, 0x2EC, 0x1234,
    ];

    public static PcMachine Build()
    {
        MachineDescription description = Rig.Small with { MemorySize = 2 << 20, WatchdogTicks = 3_000_000, Virtio = VirtioFleet.Kinds };
        return new PcMachine(description, new MachineOutputs(), parts => new FakeProcessor(parts), VirtioFleet.Factories);
    }

    public static IDevice Find(PcMachine machine, string id) => machine.Devices.Single(device => device.Id == id);

    /// <summary>A seeded storm of port, MMIO and MSR accesses, inputs and time.</summary>
    public static void Disturb(PcMachine machine, int seed, int steps)
    {
        var random = new Prng(unchecked((ulong)seed));
        IBus bus = machine.Parts.Bus;
        for (int i = 0; i < steps; i++)
        {
            int size = 1 << (int)random.Below(3);
            ulong value = random.Below(4) == 0 ? random.Next() : random.Below(256);
            ushort port = Ports[random.Below((ulong)Ports.Length)];
            ulong address = Windows[random.Below((ulong)Windows.Length)] + random.Below(random.Below(3) == 0 ? 0x1000u : 0x40u) * (random.Below(2) == 0 ? 16u : 4u) % 0x1000;
            switch (random.Below(10))
            {
                case 0 or 1:
                    bus.ReadPort(port, size);
                    break;
                case 2 or 3 or 4:
                    bus.WritePort(port, size, (uint)value);
                    break;
                case 5:
                    bus.ReadMmio(address, size);
                    break;
                case 6:
                    bus.WriteMmio(address, size == 1 ? 8 : size, value);
                    break;
                case 7:
                    machine.Lapic.TryWriteMsr((uint)(random.Below(5) switch { 0 => 0x1BUL, 1 => 0x6E0UL, _ => 0x800 + random.Below(0x40) }), value);
                    break;
                case 8:
                    Input(machine, ref random);
                    break;
                default:
                    machine.Run(machine.Clock.Now + random.Below(random.Below(20) == 0 ? 100_000u : 3_000u));
                    break;
            }
        }
    }

    /// <summary>What a snapshot does: every section of one machine into another.</summary>
    public static void Copy(PcMachine from, PcMachine to)
    {
        for (int i = 0; i < from.Devices.Count; i++)
            from.Devices[i].StateBytes.CopyTo(to.Devices[i].StateBytes);
        byte[] page = new byte[4096];
        for (ulong address = 0; address < from.Memory.Size; address += 4096)
        {
            from.Memory.Read(address, page);
            to.Memory.Write(address, page);
        }

        to.Restored();
    }

    private static void Input(PcMachine machine, ref Prng random)
    {
        int uart = (int)random.Below(4);
        byte[] bytes = new byte[Math.Min((int)random.Below(20), machine.Uarts[uart].LineRoom)];
        random.Fill(bytes);
        machine.Inject(new InputEvent(machine.Clock.Now, (InputSource)uart, bytes));
        if (random.Below(8) == 0)
            machine.Inject(InputSource.Nmi, default);
        if (random.Below(8) == 0)
            machine.Inject(InputSource.Keyboard, bytes);
        if (random.Below(4) == 0)
            machine.Inject(InputSource.Network0, Frame(ref random));
        machine.Run(machine.Clock.Now + 1);
    }

    private static byte[] Frame(ref Prng random)
    {
        byte[] frame = new byte[random.Below(1600)];
        random.Fill(frame);
        return frame;
    }
}
