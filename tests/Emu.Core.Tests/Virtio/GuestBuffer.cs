namespace Emu.Core.Tests.Virtio;

/// <summary>A buffer as a driver describes it.</summary>
internal readonly record struct GuestBuffer(ulong Address, uint Length, bool Writable);
