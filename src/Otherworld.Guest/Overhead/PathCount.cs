namespace Otherworld.Guest.Overhead;

/// <summary>What one way through a kernel costs.</summary>
/// <param name="Name">As the guest's program <c>paths</c> calls it.</param>
/// <param name="Instructions">Retired instructions of a round, in kernel and user mode: the value that came most often.</param>
/// <param name="Count">How many rounds had it; the others met an interrupt, or a fuller list.</param>
/// <param name="Rounds">How many there were.</param>
public sealed record PathCount(string Name, ulong Instructions, int Count, int Rounds);
