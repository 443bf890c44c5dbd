namespace Emu.Core.Bus;

/// <summary>How often one address without a device was accessed.</summary>
/// <param name="Kind">Port or MMIO, read or write.</param>
/// <param name="Address">Port number or physical address.</param>
/// <param name="Count">Accesses since power-on.</param>
public readonly record struct UnclaimedAccess(AccessKind Kind, ulong Address, ulong Count);
