namespace Emu.Core.Devices.Virtio;

/// <summary>One buffer of a descriptor chain, checked to lie in RAM as one piece.</summary>
/// <param name="Address">Guest physical address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Writable">The device may write it; otherwise it may only read it.</param>
internal readonly record struct BufferSegment(ulong Address, uint Length, bool Writable);
