namespace Otherworld.Guest.Experiments;

/// <summary>One death.</summary>
/// <param name="Kind">Name of the <see cref="Crashes.PanicKind"/>.</param>
/// <param name="Icount">Instruction count at which the fault was injected.</param>
/// <param name="Symbol">Where the kernel was then.</param>
/// <param name="DeathIcount">Instruction count at which it entered its crash path.</param>
public sealed record CrashRecord(string Kind, ulong Icount, string Symbol, ulong DeathIcount);
