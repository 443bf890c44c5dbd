using Emu.Core.State;

namespace Otherworld.Guest.Faults;

/// <summary>A mix of classes to draw experiments from.</summary>
/// <param name="Name">As people write it.</param>
/// <param name="Summary">What it stands for.</param>
/// <param name="Faults">How many faults an experiment has, all of one class.</param>
/// <param name="Classes">The classes with their weights.</param>
public sealed record FaultSet(string Name, string Summary, int Faults, IReadOnlyList<(FaultClass Class, uint Weight)> Classes)
{
    /// <summary>Draws a class by weight.</summary>
    public FaultClass Draw(ref Prng random)
    {
        ulong left = random.Below((ulong)Classes.Sum(entry => entry.Weight));
        foreach ((FaultClass drawn, uint weight) in Classes)
        {
            if (left < weight)
                return drawn;
            left -= weight;
        }

        throw new Emu.Core.InternalErrorException("a draw beyond all weights");
    }
}
