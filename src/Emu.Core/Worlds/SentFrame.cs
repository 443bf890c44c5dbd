using System.Collections.Immutable;

namespace Emu.Core.Worlds;

/// <summary>A frame as somebody sees who looks at a link.</summary>
/// <param name="Tick">When it left its card.</param>
/// <param name="Link">The link, by its place in the world.</param>
/// <param name="Sender">The end of the link at which it entered.</param>
/// <param name="Frame">Its bytes.</param>
/// <param name="Missed">The ends it will never reach.</param>
public readonly record struct SentFrame(ulong Tick, int Link, int Sender, ReadOnlyMemory<byte> Frame, ImmutableArray<int> Missed);
