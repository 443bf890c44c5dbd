using System.Collections.Immutable;

namespace Otherworld.Guest.Benchmarks;

/// <summary>Who takes part: the names in tables and reports.</summary>
public static class ContenderNames
{
    /// <summary>The host's processor, without anything in between.</summary>
    public const string Native = "native";

    /// <summary>Otherworld with the engine that was asked for.</summary>
    public const string Ours = "ours";

    /// <summary>Otherworld with the interpreter alone.</summary>
    public const string OursInterpreter = "ours-interpreter";

    /// <summary>QEMU's TCG.</summary>
    public const string Qemu = "qemu";

    /// <summary>QEMU's TCG in its deterministic mode.</summary>
    public const string QemuIcount = "qemu-icount";

    /// <summary>Bochs, an interpreter.</summary>
    public const string Bochs = "bochs";

    /// <summary>In the order of columns.</summary>
    public static ImmutableArray<string> All { get; } = [Native, Ours, OursInterpreter, Qemu, QemuIcount, Bochs];

    /// <summary>Whose results are right when results differ, best first.</summary>
    internal static ImmutableArray<string> Referees { get; } = [Native, Qemu, QemuIcount, Bochs, OursInterpreter, Ours];
}
