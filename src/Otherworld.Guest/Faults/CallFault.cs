using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Faults;

/// <summary>
/// A mistake in one call of a kernel function: the emulator catches the call at the function's first instruction. The site is one of the functions of the
/// class; without a site, calls of all of them count, and the seed draws which call it is.
/// </summary>
internal abstract class CallFault : FaultClass
{
    /// <summary>Calls that pass before one is caught, at most.</summary>
    private const ulong MostPassed = 48;

    /// <inheritdoc/>
    public override string Source => FaultSources.Rio;

    /// <summary>The functions whose calls can be caught, as far as the kernel has them.</summary>
    protected abstract IReadOnlyList<string> Functions { get; }

    /// <summary>Changes a call.</summary>
    /// <returns>False when this call is none of the class; the next one will be looked at.</returns>
    protected abstract bool Change(KernelCall call, FaultPlacement placement);

    /// <summary>The functions from which a fault without a site is drawn.</summary>
    protected virtual IReadOnlyList<string> Choose(FaultPlacement placement) => Functions;

    /// <inheritdoc/>
    internal override void Place(FaultPlacement placement)
    {
        IReadOnlyList<string> chosen = placement.Spec.Site is { } site ? [site] : Choose(placement);
        SymbolTable symbols = placement.Symbols;
        ulong[] entries = [.. chosen.Where(name => symbols.TryAddressOf(name, out _)).Select(symbols.AddressOf).Distinct().Where(placement.Text.Holds)];
        if (entries.Length == 0)
            throw placement.Refuse($"the kernel has none of {string.Join(", ", chosen)}.");
        if (placement.Spec.Site is { } wanted && Functions.Count > 0 && !Functions.Contains(wanted))
            throw placement.Refuse($"the sites of this class are {string.Join(", ", Functions)}.");
        ulong passing = placement.Below(MostPassed);
        placement.DrewFrom($"call {passing + 1} of {string.Join(", ", entries.Select(symbols.Describe))}");
        FaultTrap[] traps = [];
        Arm();

        void Arm() => traps = [.. entries.Select(entry => placement.At(entry, Caught))];

        void Caught()
        {
            if (passing > 0)
            {
                passing--;
                return;
            }

            if (placement.IsTaken)
                return; // one mistake a call
            KernelCall call = new(placement);
            foreach (FaultTrap trap in traps)
                placement.Leave(trap);
            if (!Change(call, placement))
            {
                Arm();
                return;
            }

            placement.Take();
            placement.Activate();
        }
    }
}
