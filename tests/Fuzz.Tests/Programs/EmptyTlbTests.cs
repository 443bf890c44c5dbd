using Emu.Core.Machine;
using Emu.X86;
using Emu.X86.State;
using Otherworld.Guest.Boot;

namespace Fuzz.Tests.Programs;

/// <summary>An access across two pages of which the TLB knows neither must fault in both engines, at every page whose empty entry could look like its neighbour's.</summary>
public sealed class EmptyTlbTests
{
    private const ulong Origin = 0x9_0000;

    [Test]
    public void Accesses_across_absent_pages_fault_in_hot_code([Values(0x3FEFFAUL, 0x3FFFFAUL, 0x200FF9UL, 0x5FDFFCUL)] ulong address)
    {
        foreach (EngineKind engine in CutLawTests.Engines)
        {
            using GuestMachine guest = Boot(address);
            guest.Processor.Engine = engine;
            guest.Processor.TranslateAfter = 1;
            RunResult result = guest.Machine.Run(1_000_000);
            Assert.That(result.Reason, Is.EqualTo(StopReason.TripleFault), engine.ToString());
            Assert.That(guest.Processor.State.Cr2 & ~7UL, Is.EqualTo(address & ~7UL), engine.ToString());
        }
    }

    /// <summary>A loop that reads a good place a thousand times, then the bad one; there is no IDT.</summary>
    private static GuestMachine Boot(ulong address)
    {
        GuestMachine guest = GuestMachine.Create(new MachineSettings { MemorySize = 4 << 20, Rng = false, Console = false }, new MachineOutputs());
        byte[] code =
        [
            0x48, 0xBB, .. BitConverter.GetBytes(Origin + 0x800), // mov rbx, good
            0xB9, 0xE8, 0x03, 0x00, 0x00,                         // mov ecx, 1000
            0x48, 0x2B, 0x03,                                     // again: sub rax, [rbx]
            0x83, 0xF9, 0x02,                                     // cmp ecx, 2
            0x48, 0xBE, .. BitConverter.GetBytes(address),        // mov rsi, bad
            0x48, 0x0F, 0x44, 0xDE,                               // cmovz rbx, rsi
            0xFF, 0xC9,                                           // dec ecx
            0x75, 0xE8,                                           // jnz again
            0x0F, 0x0B,                                           // ud2
        ];
        guest.Machine.Memory.Write(Origin, code);
        guest.Machine.Memory.Write(0x1000, 0x2003UL);
        guest.Machine.Memory.Write(0x2000, 0x3003UL);
        guest.Machine.Memory.Write(0x3000, 0x83UL); // the first 2 MiB, nothing else
        ProcessorEntry.Apply(guest.Processor, new EntryState
        {
            Mode = EntryMode.Long64,
            Rip = Origin,
            Cr0 = ControlBits.Cr0Pe | ControlBits.Cr0Et | ControlBits.Cr0Pg,
            Cr3 = 0x1000,
            Cr4 = ControlBits.Cr4Pae,
            Efer = ControlBits.EferLme | ControlBits.EferLma,
            GdtBase = 0,
            GdtLimit = 0,
        });
        return guest;
    }
}
