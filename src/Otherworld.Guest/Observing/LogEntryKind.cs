namespace Otherworld.Guest.Observing;

/// <summary>What a line of the observer's log says; see the head of <c>images/observer/main.c</c>.</summary>
public enum LogEntryKind
{
    /// <summary>Acknowledged: the key holds the value from now on.</summary>
    Write,

    /// <summary>Acknowledged: the key was incremented by one and is the value now.</summary>
    Count,

    /// <summary>The connection ended before the answer to a write.</summary>
    DoubtfulWrite,

    /// <summary>The connection ended before the answer to an increment.</summary>
    DoubtfulCount,

    /// <summary>The server answered that it did not do it.</summary>
    Refused,

    /// <summary>The connection ended without notice.</summary>
    Broken,

    /// <summary>Reading back begins: what was read back before does not count any more.</summary>
    HeldBegin,

    /// <summary>The server holds the value under the key.</summary>
    Held,

    /// <summary>That was all it holds.</summary>
    HeldEnd,

    /// <summary>Connected, or ended.</summary>
    Note,
}
