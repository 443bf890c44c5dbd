using System.CommandLine;
using Otherworld.Guest.Boot;

namespace Otherworld.Cli;

/// <summary>Options every verb has, with the same meaning everywhere.</summary>
internal static class CommonOptions
{
    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "End with one line of JSON on standard output." };

    /// <summary><c>--engine</c>, on every verb that runs a machine.</summary>
    public static Option<string> Engine() => new("--engine")
    {
        Description = "What runs the guest's instructions, with the same result: auto (the translator where this host can, the default), interpreter or translator.",
        HelpName = "ENGINE",
        DefaultValueFactory = _ => EngineChoice.Auto,
    };

    /// <summary><c>--verbose</c>.</summary>
    public static Option<bool> Verbose() => new("--verbose", "-v") { Description = "Also say what the effective settings are." };
}
