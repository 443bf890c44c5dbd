using Emu.Core;
using Emu.X86;

namespace Otherworld.Guest.Boot;

/// <summary>What a person may ask of the engine. No part of a machine's identity: every engine gives the same bits.</summary>
public static class EngineChoice
{
    /// <summary>The default: the translator where the host can run it, otherwise the interpreter.</summary>
    public const string Auto = "auto";

    private const int MissingOnThisHost = 3;

    /// <summary>The words there are, for a message.</summary>
    public static string Words => "auto, interpreter or translator";

    /// <summary>Null for <see cref="Auto"/>.</summary>
    /// <exception cref="OtherworldException">No such engine.</exception>
    public static EngineKind? Parse(string text) => text switch
    {
        Auto => null,
        "interpreter" => EngineKind.Interpreter,
        "translator" => EngineKind.Translator,
        _ => throw new OtherworldException($"'{text}' is not an engine. Write {Words}."),
    };

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public static string Format(EngineKind? choice) => choice switch
    {
        null => Auto,
        EngineKind.Interpreter => "interpreter",
        _ => "translator",
    };

    /// <summary>The engine to run.</summary>
    /// <exception cref="OtherworldException">The translator was asked for by name and cannot run here.</exception>
    public static EngineKind Resolve(EngineKind? choice) =>
        choice == EngineKind.Translator && EngineSupport.WhyNoTranslator is { } reason
            ? throw new OtherworldException($"the translator cannot run here: {reason}. Use --engine auto or interpreter.", MissingOnThisHost)
            : choice ?? EngineSupport.Best;
}
