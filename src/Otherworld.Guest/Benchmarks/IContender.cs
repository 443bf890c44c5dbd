using System.Diagnostics;

namespace Otherworld.Guest.Benchmarks;

/// <summary>Something that can run the bench program.</summary>
internal interface IContender
{
    /// <summary>One of <see cref="ContenderNames"/>.</summary>
    string Name { get; }

    /// <summary>For people: which program this is.</summary>
    string Version { get; }

    /// <summary>Whether it can do an item of a suite.</summary>
    bool TakesPartIn(BenchSuite suite, string item);

    /// <summary>The bench program runs on the host's own clock: what it says it took is right, and exact where a listener would be late.</summary>
    bool TellsTime { get; }

    /// <summary>The process whose standard output carries the bench program's lines.</summary>
    ProcessStartInfo Command(BenchLaunch launch);
}
