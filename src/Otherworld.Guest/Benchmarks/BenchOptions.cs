using System.Collections.Immutable;
using Emu.X86;

namespace Otherworld.Guest.Benchmarks;

/// <summary>What <c>bench</c> was asked to do.</summary>
public sealed record BenchOptions
{
    /// <summary>Suites to run, in this order.</summary>
    public required ImmutableArray<BenchSuite> Suites { get; init; }

    /// <summary>Whom to compare with: <c>native</c>, <c>qemu</c> (both modes), <c>interpreter</c>.</summary>
    public required ImmutableArray<string> Against { get; init; }

    /// <summary>Only these items; empty for all.</summary>
    public ImmutableArray<string> Only { get; init; } = [];

    /// <summary>How often everything is measured; the median counts.</summary>
    public int Runs { get; init; } = 5;

    /// <summary>Each item makes this part of its rounds.</summary>
    public int Divisor { get; init; } = 1;

    /// <summary>The engine of <see cref="ContenderNames.Ours"/>; null for the default.</summary>
    public EngineKind? Engine { get; init; }

    /// <summary>The QEMU to use; null for the one in PATH, installed when it is absent.</summary>
    public string? Qemu { get; init; }

    /// <summary>The words that start this program.</summary>
    public required ImmutableArray<string> Self { get; init; }

    /// <summary>The commit this program was built from.</summary>
    public required string Commit { get; init; }

    /// <summary>The host's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where progress goes.</summary>
    public required Action<string> Progress { get; init; }
}
