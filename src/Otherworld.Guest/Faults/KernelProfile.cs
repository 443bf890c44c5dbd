using Emu.Core.Machine;
using Emu.Core.State;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Faults;

/// <summary>Which functions of its kernel a workload runs: faults drawn among them are likely to be activated.</summary>
/// <param name="Functions">By ascending address.</param>
/// <param name="Samples">How often each was seen, in the same order.</param>
/// <param name="Atomic">Those that were seen with interrupts disabled.</param>
/// <param name="Window">Instructions during which was looked.</param>
public sealed record KernelProfile(IReadOnlyList<KernelFunction> Functions, IReadOnlyList<int> Samples, IReadOnlyList<KernelFunction> Atomic, ulong Window)
{
    private const ulong MeanStep = 1500;

    /// <summary>
    /// Runs the guest on and looks where it stands every 1,500 instructions on average, at points drawn so that no loop of the guest keeps step with them. The
    /// result is part of what an experiment is drawn from, so it is the same on every host and in both engines.
    /// </summary>
    /// <param name="host">Stands where the experiments start, and somewhere later afterwards.</param>
    /// <param name="symbols">Of its kernel.</param>
    /// <param name="window">Instructions to look at.</param>
    public static KernelProfile Record(IFaultHost host, SymbolTable symbols, ulong window)
    {
        KernelText text = new(new KernelMemory(host.Guest.Machine.Memory, host.Guest.Processor), symbols);
        SortedDictionary<ulong, int> seen = [];
        SortedSet<ulong> atomic = [];
        Prng random = new(window);
        ulong start = host.Guest.Processor.InstructionCount;
        ulong end = start + window;
        while (host.Guest.Processor.InstructionCount < end)
        {
            ulong step = Math.Min(1 + random.Below(2 * MeanStep), end - host.Guest.Processor.InstructionCount);
            if (host.Run(host.Guest.Machine.Clock.Now + step).Reason != StopReason.Limit)
                break;
            if (host.Guest.Processor is not { Cpl: 0, Halted: false } || !symbols.TryFind(host.Guest.Processor.State.Rip, out Symbol symbol))
                continue;
            seen[symbol.Address] = seen.GetValueOrDefault(symbol.Address) + 1;
            if (!host.Guest.Processor.InterruptsEnabled)
                atomic.Add(symbol.Address);
        }

        KernelFunction[] functions = [.. text.Functions.Where(function => seen.ContainsKey(function.Address))];
        return new KernelProfile(functions, [.. functions.Select(function => seen[function.Address])], [.. functions.Where(function => atomic.Contains(function.Address))], host.Guest.Processor.InstructionCount - start);
    }
}
