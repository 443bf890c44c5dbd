namespace Otherworld.Guest.Campaigns;

/// <summary>What had been said when a warm state was saved; see <see cref="WarmStore"/>.</summary>
/// <param name="Commit">Of the program that saved it.</param>
/// <param name="Hash">Over all that was said.</param>
/// <param name="Said">By line, in the order of the machines' lines.</param>
internal sealed record SaidFile(string Commit, string Hash, IReadOnlyList<byte[]> Said);
