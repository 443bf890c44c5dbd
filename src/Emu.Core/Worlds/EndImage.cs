using System.Collections.Immutable;

namespace Emu.Core.Worlds;

/// <summary>The end of a link at one moment.</summary>
/// <param name="State">Its own state.</param>
/// <param name="Wires">The wires that begin there.</param>
public sealed record EndImage(LinkEndState State, ImmutableArray<WireImage> Wires);
