using Emu.Core.Machine;
using Emu.X86;
using Emu.X86.Paging;
using Emu.X86.State;
using Otherworld.Guest.Boot;

namespace Fuzz.Tests.Programs;

/// <summary>Code runs from where the page tables say now, even when the TLB entry by which the page was reached has been displaced in between.</summary>
public sealed class RemappedCodeTests
{
    private const ulong Origin = 0x9_0000;
    private const ulong Page = 0x40_0000;
    private const ulong SameEntry = Page + ((ulong)TlbEntry.Count << 12);
    private const ulong PageEntry = 0x4000;
    private const ulong First = 0x7000;
    private const ulong Second = 0x8000;
    private const ulong Answer = 0x9000;

    [Test]
    public void A_page_that_was_mapped_anew_runs_its_new_code()
    {
        foreach (EngineKind engine in CutLawTests.Engines)
        {
            using GuestMachine guest = Boot();
            guest.Processor.Engine = engine;
            guest.Processor.TranslateAfter = 1;
            RunResult result = guest.Machine.Run(1_000_000);
            Assert.That(result.Reason, Is.EqualTo(StopReason.TripleFault), engine.ToString());
            Assert.That(guest.Machine.Memory.Read<uint>(Answer), Is.EqualTo(2), engine.ToString());
        }
    }

    /// <summary>Calls the page, displaces its TLB entry by a read, maps the page elsewhere, calls it again; there is no IDT.</summary>
    private static GuestMachine Boot()
    {
        GuestMachine guest = GuestMachine.Create(new MachineSettings { MemorySize = 4 << 20, Rng = false, Console = false }, new MachineOutputs());
        byte[] code =
        [
            0x48, 0xBC, .. BitConverter.GetBytes(Origin + 0xF00), // mov rsp, stack
            0x48, 0xBF, .. BitConverter.GetBytes(Page),           // mov rdi, page
            0xFF, 0xD7,                                           // call rdi
            0x48, 0xBE, .. BitConverter.GetBytes(SameEntry),      // mov rsi, a page with the same TLB entry
            0x48, 0x8B, 0x0E,                                     // mov rcx, [rsi]
            0x48, 0xBE, .. BitConverter.GetBytes(PageEntry),      // mov rsi, the page's entry
            0x48, 0xC7, 0x06, .. BitConverter.GetBytes((int)Second | 3), // mov qword [rsi], second
            0xFF, 0xD7,                                           // call rdi
            0x89, 0x04, 0x25, .. BitConverter.GetBytes((int)Answer), // mov [answer], eax
            0x0F, 0x0B,                                           // ud2
        ];
        guest.Machine.Memory.Write(Origin, code);
        guest.Machine.Memory.Write(First, (byte[])[0xB8, 1, 0, 0, 0, 0xC3]); // mov eax, 1; ret
        guest.Machine.Memory.Write(Second, (byte[])[0xB8, 2, 0, 0, 0, 0xC3]);
        guest.Machine.Memory.Write(0x1000, 0x2003UL);
        guest.Machine.Memory.Write(0x2000, 0x3003UL);
        guest.Machine.Memory.Write(0x3000, 0x83UL); // the first 2 MiB
        guest.Machine.Memory.Write(0x3010, PageEntry | 3);
        guest.Machine.Memory.Write(0x3000 + ((SameEntry >> 21) * 8), 0x5003UL);
        guest.Machine.Memory.Write(PageEntry, First | 3);
        guest.Machine.Memory.Write(0x5000, 0x6003UL);
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
