using System.CommandLine;
using System.Globalization;
using Emu.Core;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Lockstep;

namespace Otherworld.Cli;

/// <summary>Options every verb has, with the same meaning everywhere.</summary>
internal static class CommonOptions
{
    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "End with one line of JSON on standard output." };

    /// <summary><c>--protected</c>.</summary>
    public static Option<bool> Protected() => new("--protected") { Description = "With the kernel of the image 'protected' (built first when it is absent), which cannot write to memory of applications by mistake (docs/protected.md)." };

    /// <summary><c>--engine</c>, on every verb that runs a machine.</summary>
    public static Option<string> Engine() => new("--engine")
    {
        Description = "What runs the guest's instructions, with the same result: auto (the translator where this host can, the default), interpreter or translator.",
        HelpName = "ENGINE",
        DefaultValueFactory = _ => EngineChoice.Auto,
    };

    /// <summary><c>--tty</c>; see <see cref="ReadTty"/>.</summary>
    public static Option<string?> Tty() => new("--tty") { Description = "The guest's line that this terminal is: ttyS0 (the default) to ttyS3, or hvc0.", HelpName = "LINE" };

    /// <summary>What was said with <see cref="Tty"/>.</summary>
    /// <exception cref="OtherworldException">It is no line of the machine.</exception>
    public static InputSource ReadTty(ParseResult parsed, Option<string?> tty) => parsed.GetValue(tty) switch
    {
        null or "ttyS0" => InputSource.Serial0,
        "ttyS1" => InputSource.Serial1,
        "ttyS2" => InputSource.Serial2,
        "ttyS3" => InputSource.Serial3,
        "hvc0" => InputSource.VirtioConsole,
        string other => throw new OtherworldException($"--tty {other}: wanted is ttyS0, ttyS1, ttyS2, ttyS3 or hvc0."),
    };

    /// <summary><c>--record</c>.</summary>
    public static Option<string?> Record() => new("--record") { Description = "Record the run into a new folder; ./otherworld replay RUN gives it back bit for bit.", HelpName = "RUN" };

    /// <summary><c>--self-contained</c>.</summary>
    public static Option<bool> SelfContained() => new("--self-contained") { Description = "The recording holds its disk images too, and can be replayed anywhere." };

    /// <summary>What was said with <see cref="Record"/>.</summary>
    /// <returns>The folder; null without the option.</returns>
    /// <exception cref="OtherworldException">Options of a recording without one.</exception>
    public static string? ReadRecord(ParseResult parsed, Option<string?> record, Option<bool> selfContained) =>
        parsed.GetValue(selfContained) && parsed.GetValue(record) is null
            ? throw new OtherworldException("--self-contained says how --record RUN records. Give --record too.")
            : parsed.GetValue(record);

    /// <summary><c>--lockstep</c>; see <see cref="ReadLockstep"/>.</summary>
    public static Option<string?> Lockstep() => new("--lockstep")
    {
        Description = "Run interpreter and translator side by side in random steps of about N ticks (1000); 1 and a report of the first difference if they differ.",
        HelpName = "N",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>What was said with <see cref="Lockstep"/>.</summary>
    /// <returns>Mean ticks of a step; null without the option.</returns>
    /// <exception cref="OtherworldException">It is no number, or an engine was asked for besides.</exception>
    public static ulong? ReadLockstep(ParseResult parsed, Option<string?> lockstep, Option<string> engine)
    {
        if (parsed.GetResult(lockstep) is null)
            return null;
        if (parsed.GetResult(engine) is { Implicit: false })
            throw new OtherworldException("--lockstep and --engine exclude each other: lockstep runs both engines.");
        if (parsed.GetValue(lockstep) is not { } text)
            return LockstepOptions.DefaultStep;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong step) && step is > 0 and <= 1_000_000_000
            ? step
            : throw new OtherworldException($"--lockstep {text}: wanted is a number of ticks from 1 to 1000000000.");
    }

    /// <summary><c>--verbose</c>.</summary>
    public static Option<bool> Verbose() => new("--verbose", "-v") { Description = "Also say what the effective settings are." };
}
