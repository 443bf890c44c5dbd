namespace Otherworld.Guest.Overhead;

/// <summary>What one way through a kernel costs.</summary>
/// <param name="Name">As the guest's program <c>paths</c> calls it.</param>
/// <param name="Rounds">How often it was gone.</param>
/// <param name="Values">Retired instructions of a round, in kernel and user mode, and how many rounds had so many; without values that are rare.</param>
public sealed record PathCount(string Name, int Rounds, IReadOnlyDictionary<long, int> Values)
{
    /// <summary>The value that came most often.</summary>
    public long Mode => Values.OrderByDescending(value => value.Value).ThenBy(value => value.Key).Select(value => value.Key).FirstOrDefault();

    /// <summary>How many rounds had the <see cref="Mode"/>; the others met an interrupt, or a list that was longer or empty.</summary>
    public int ModeCount => Values.GetValueOrDefault(Mode);
}
