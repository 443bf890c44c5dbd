using System.Collections.Immutable;

namespace Emu.Core.Worlds;

/// <summary>A wire at one moment.</summary>
/// <param name="State">Its own state.</param>
/// <param name="UnderWay">The frames on it.</param>
public sealed record WireImage(WireState State, ImmutableArray<Transit> UnderWay);
