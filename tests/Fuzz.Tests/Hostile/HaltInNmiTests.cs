using Emu.Core.Machine;
using Emu.X86.State;
using Otherworld.Guest.Boot;

namespace Fuzz.Tests.Hostile;

/// <summary>A guest that halts in its NMI handler: the next NMI cannot wake it, and waiting for that would take for ever.</summary>
public sealed class HaltInNmiTests
{
    private const ulong Code = 0x2_0000;

    [Test]
    public void A_second_NMI_waits_and_the_run_ends()
    {
        using GuestMachine guest = GuestMachine.Create(new MachineSettings { MemorySize = 2 << 20, Rng = false, Console = false, WatchdogTime = 0 }, new MachineOutputs());
        guest.Machine.Memory.Write(Code, [0xF4, 0xEB, 0xFD]); // hlt; jmp back to it
        guest.Machine.Memory.Write(2 * 4, (uint)(Code >> 4) << 16);
        ref CpuState state = ref guest.Processor.State;
        state.Segments[(int)SegmentIndex.Cs].Selector = (ushort)(Code >> 4);
        state.Segments[(int)SegmentIndex.Cs].Base = Code;
        state.Rip = 0;
        state.Registers()[(int)GeneralRegister.Rsp] = 0x8000;
        state.Idtr = new DescriptorTable { Limit = 0x3FF };
        guest.Processor.Restored();

        for (ulong halts = 1; halts <= 4; halts++)
        {
            Assert.That(guest.Machine.Run(1_000_000).Reason, Is.EqualTo(StopReason.Halted));
            Assert.That(guest.Processor.InstructionCount, Is.EqualTo(Math.Min(halts, 2)), "the first NMI ends the first HLT, no other one ends the second");
            guest.Machine.Inject(InputSource.Nmi, default);
        }
    }
}
