using System.Globalization;
using Emu.Core;
using Iced.Intel;

namespace Otherworld.Guest.Faults;

/// <summary>
/// A mistake in the code: one instruction of the kernel is changed, for good. It is activated when it is executed first. The site is a function, in which an
/// instruction is drawn, or one instruction; without a site every function that the workload runs is as likely.
/// </summary>
internal abstract class TextFault : FaultClass
{
    private const int MostDraws = 1000;

    /// <inheritdoc/>
    public override string Source => FaultSources.Rio;

    /// <summary>Whether an instruction is one of those that this class changes.</summary>
    /// <param name="function">The function's.</param>
    /// <param name="index">Which of them.</param>
    protected abstract bool Fits(IReadOnlyList<Instruction> function, int index);

    /// <summary>Changes an instruction that fits.</summary>
    /// <param name="instruction">It.</param>
    /// <param name="bytes">Its bytes, which may be changed.</param>
    /// <param name="placement">Draws what is open.</param>
    /// <returns>As many bytes; null when this one cannot be changed so.</returns>
    protected abstract byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement);

    /// <inheritdoc/>
    internal override void Place(FaultPlacement placement)
    {
        if (placement.Spec.Site is { } site)
        {
            if (!TryPlace(placement, SiteInText.Read(placement, site), out ulong? instruction))
                throw placement.Refuse($"no instruction {(instruction is null ? "of" : "at")} {site} is one to {Summary}.");
            return;
        }

        IReadOnlyList<KernelFunction> functions = placement.Profile?.Functions ?? placement.Text.Functions;
        placement.DrewFrom(placement.Profile is { } profile
            ? string.Create(CultureInfo.InvariantCulture, $"{functions.Count} kernel functions seen running in {profile.Window:#,0} instructions")
            : string.Create(CultureInfo.InvariantCulture, $"all {functions.Count} functions of the kernel"));
        for (int draw = 0; draw < MostDraws; draw++)
        {
            if (TryPlace(placement, new SiteInText(placement.OneOf(functions), null), out _))
                return;
        }

        throw placement.Refuse($"none of {functions.Count} functions has an instruction to {Summary}.");
    }

    private bool TryPlace(FaultPlacement placement, SiteInText site, out ulong? at)
    {
        at = site.Instruction;
        IReadOnlyList<Instruction> code = placement.Text.Decode(site.Function);
        List<int> fitting = [.. Enumerable.Range(0, code.Count).Where(index => (site.Instruction ?? code[index].IP) == code[index].IP && !placement.IsChanged(code[index].IP) && Fits(code, index))];
        while (fitting.Count > 0)
        {
            int drawn = (int)placement.Below((ulong)fitting.Count);
            Instruction instruction = code[fitting[drawn]];
            byte[] before = placement.Text.BytesOf(instruction);
            if (Mutate(instruction, [.. before], placement) is { } after && !after.AsSpan().SequenceEqual(before))
            {
                Check.That(after.Length == before.Length, "a changed instruction is as long as it was");
                Apply(placement, instruction.IP, before, after);
                return true;
            }

            fitting.RemoveAt(drawn);
        }

        return false;
    }

    private static void Apply(FaultPlacement placement, ulong address, byte[] before, byte[] after)
    {
        placement.Patch(address, placement.Symbols.Describe(address), after, $"{placement.Text.Format(address, before)} -> {placement.Text.Format(address, after)}");
        FaultTrap? trap = null;
        trap = placement.At(address, () =>
        {
            placement.Activate();
            placement.Leave(trap!);
        });
    }
}
