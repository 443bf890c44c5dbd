namespace Emu.Core.State;

/// <summary>Pages of a <see cref="PageStore"/> at one moment.</summary>
/// <param name="Numbers">Ascending.</param>
/// <param name="Pages">4096 bytes each, never to be written.</param>
public sealed record PageImage(ulong[] Numbers, byte[][] Pages);
