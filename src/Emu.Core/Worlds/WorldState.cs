using System.Collections.Immutable;
using Emu.Core.Machine;

namespace Emu.Core.Worlds;

/// <summary>A world at one moment, apart from its machines.</summary>
/// <param name="Now">Its tick.</param>
/// <param name="Ends">How each machine ended; null for those that run.</param>
/// <param name="Links">The ends of all links, link by link.</param>
public sealed record WorldState(ulong Now, ImmutableArray<RunResult?> Ends, ImmutableArray<EndImage> Links);
