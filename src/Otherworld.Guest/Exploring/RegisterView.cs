namespace Otherworld.Guest.Exploring;

/// <summary>A register for people.</summary>
/// <param name="Name">As in the manual.</param>
/// <param name="Value">Hexadecimal.</param>
/// <param name="Meaning">The symbol it points into; empty where it is none.</param>
public sealed record RegisterView(string Name, string Value, string Meaning);
