using System.Collections.Immutable;
using Emu.Core.Worlds;

namespace Otherworld.Guest.Worlds;

/// <summary>A world as a machine file describes it.</summary>
public sealed record WorldPlan
{
    /// <summary>Seed of the losses, and of the machines that have none of their own.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Most ticks of a machine's turn; 0 for the longest there is. No part of what the world is.</summary>
    public ulong Quantum { get; init; }

    /// <summary>The machines, in the order of their turns.</summary>
    public required ImmutableArray<MachinePlan> Machines { get; init; }

    /// <summary>The links.</summary>
    public required ImmutableArray<LinkDescription> Links { get; init; }
}
