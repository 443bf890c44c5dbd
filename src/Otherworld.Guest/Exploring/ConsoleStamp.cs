namespace Otherworld.Guest.Exploring;

/// <summary>How much a serial line had said.</summary>
/// <param name="Icount">Retired instructions since power-on.</param>
/// <param name="Length">Bytes said from the beginning of the run up to then.</param>
public readonly record struct ConsoleStamp(ulong Icount, int Length);
