using Emu.X86.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Faults;

/// <summary>Tells where a kernel broke, when it stands at the beginning of its way out.</summary>
internal static class DeathPlace
{
    private const string CrashEntry = "ow_crash_run";
    private const ulong CauseRegisters = 8; // struct ow_cause (images/kernel/otherworld/crash.c): regs
    private const ulong RegistersRip = 16 * 8; // struct pt_regs (arch/x86/include/asm/ptrace.h)
    private const ulong RegistersRbp = 4 * 8;
    private const ulong RegistersFlags = 18 * 8;
    private const ulong RegistersRsp = 19 * 8;

    /// <summary>Functions that only report: who called them is of interest.</summary>
    private static readonly string[] Messengers = ["panic", "check_panic_on_warn", "ow_crash", "ow_panic", "oops_end", "nmi_panic", "__warn", "__stack_chk_fail"];

    /// <summary>Adds the first function that failed.</summary>
    public static FaultRecord Describe(GuestMachine guest, KernelMemory memory, SymbolTable symbols, FaultRecord record)
    {
        ref CpuState state = ref guest.Processor.State;
        ulong rip = state.Rip, rbp = state.Registers()[(int)GeneralRegister.Rbp], rsp = state.Registers()[(int)GeneralRegister.Rsp];
        bool isOurs = symbols.TryAddressOf(CrashEntry, out ulong entry) && entry == rip;
        bool isReturn = false;
        if (isOurs && memory.TryRead(state.Registers()[(int)GeneralRegister.Rdi] + CauseRegisters, out ulong saved))
        {
            memory.TryRead(saved + RegistersRip, out rip);
            memory.TryRead(saved + RegistersRbp, out rbp);
            memory.TryRead(saved + RegistersRsp, out rsp);
            isReturn = memory.TryRead(saved + RegistersFlags, out ulong flags) && flags == 0; // otherworld_panic() knows its caller only
        }

        FrameChain frames = new(memory, symbols);
        if (!frames.IsText(rip))
            return record with { FailedIn = memory.TryRead(rsp, out ulong caller) && frames.IsText(caller) ? $"{symbols.Describe(rip)} called from {symbols.DescribeReturn(caller)}" : symbols.Describe(rip) };
        foreach (FrameLink link in frames.From(rbp))
        {
            if (!IsMessenger(symbols, isReturn ? rip - 1 : rip) || link.Kind is not (FrameKind.Call or FrameKind.Exception))
                break;
            rip = link.Rip;
            isReturn = link.Kind == FrameKind.Call;
        }

        return record with { FailedIn = isReturn ? symbols.DescribeReturn(rip) : symbols.Describe(rip) };
    }

    private static bool IsMessenger(SymbolTable symbols, ulong rip) => symbols.TryFind(rip, out Symbol symbol) && Messengers.Contains(symbol.Name);
}
