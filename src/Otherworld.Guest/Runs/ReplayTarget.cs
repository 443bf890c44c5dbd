using Emu.Core;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Runs;

/// <summary>A point of a recorded run, as people name it.</summary>
/// <param name="Limit">Instructions or guest time since power-on; null when the point is a text.</param>
/// <param name="Mark">A mark of the guest protocol on the debug console, for example <c>gate-open</c>; null otherwise.</param>
/// <param name="IsPanic">The point at which a kernel says that it dies.</param>
public sealed record ReplayTarget(RunLimit? Limit, string? Mark, bool IsPanic)
{
    /// <summary>What a kernel of any make says on its console when it dies.</summary>
    public const string PanicText = "Kernel panic - not syncing";

    /// <summary>Reads <c>12_000_000</c>, <c>250ms</c>, <c>panic</c> or the name of a mark.</summary>
    /// <exception cref="OtherworldException">It is none of these.</exception>
    public static ReplayTarget Parse(string text)
    {
        if (text == "panic")
            return new ReplayTarget(null, null, true);
        if (text.Length != 0 && char.IsAsciiDigit(text[0]))
            return new ReplayTarget(Quantity.ParseLimit(text), null, false);
        if (text.Length == 0 || !text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            throw new OtherworldException($"'{text}' is no point of a run. Write instructions (12_000_000), guest time (250ms), panic, or a mark such as gate-open.");
        return new ReplayTarget(null, text, false);
    }

    /// <summary>The text on the debug console at which to stop: the kernel's last mark before it jumps, or the mark asked for.</summary>
    public string DebugText => "ow: " + (IsPanic ? "jump" : Mark);
}
