namespace Otherworld.Guest.Benchmarks;

/// <summary>What a line of a guest's console says to the bench.</summary>
internal enum BenchLineKind
{
    /// <summary>Nothing: it is somebody else's.</summary>
    Other,

    /// <summary>The first user instruction was a moment ago.</summary>
    Ready,

    /// <summary>An item starts.</summary>
    Started,

    /// <summary>An item is done.</summary>
    Finished,

    /// <summary>Something went wrong.</summary>
    Failed,

    /// <summary>All items are done.</summary>
    Done,
}
