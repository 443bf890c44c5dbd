namespace Otherworld.Guest.Exploring;

/// <summary>What stands on a timeline.</summary>
public enum RunEventKind
{
    /// <summary>A mark of the guest protocol (docs/guest-protocol.md).</summary>
    Mark,

    /// <summary>A kernel says that it dies.</summary>
    Death,

    /// <summary>The processes of a dead kernel run again.</summary>
    Gate,

    /// <summary>Somebody typed.</summary>
    Typed,

    /// <summary>Memory was changed from outside: a fault was injected.</summary>
    Fault,

    /// <summary>Another input: a network frame, a button.</summary>
    Input,
}
