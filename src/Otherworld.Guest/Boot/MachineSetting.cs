namespace Otherworld.Guest.Boot;

/// <summary>One key of <c>machine.toml</c>.</summary>
/// <param name="Section">The table it is in.</param>
/// <param name="Key">Its name there.</param>
/// <param name="Meaning">One line for a person.</param>
/// <param name="Get">Its value as it would be written, without quotes.</param>
/// <param name="Set">The settings with another value; throws <see cref="Emu.Core.OtherworldException"/> for text that is none.</param>
public sealed record MachineSetting(string Section, string Key, string Meaning, Func<MachineSettings, string> Get, Func<MachineSettings, string, MachineSettings> Set)
{
    /// <summary><c>section.key</c>.</summary>
    public string Name => $"{Section}.{Key}";

    /// <summary>The environment variable that overrides the file.</summary>
    public string Variable => $"OTHERWORLD_{Section}__{Key}".ToUpperInvariant();
}
