namespace Emu.X86.Translator;

/// <summary>One translation of a block, as it is in the arena now; for reports.</summary>
/// <param name="Start">RAM offset of the block's first byte.</param>
/// <param name="GuestBytes">Bytes of guest code.</param>
/// <param name="Instructions">Guest instructions.</param>
/// <param name="Host">Host address of the code.</param>
/// <param name="HostBytes">Bytes of host code, six for each exit that are no instructions included.</param>
/// <param name="IsCurrent">False when the bytes changed, or the block was translated anew for another privilege.</param>
public readonly record struct TranslatedBlock(ulong Start, int GuestBytes, int Instructions, ulong Host, int HostBytes, bool IsCurrent);
