namespace Otherworld.Guest.Inspection;

/// <summary>What a link in a chain of frames is. All but the first two end the chain.</summary>
internal enum FrameKind
{
    /// <summary>The frame of a function that was called.</summary>
    Call,

    /// <summary>The registers of who was interrupted: an exception, an interrupt or a system call (ENCODE_FRAME_POINTER).</summary>
    Exception,

    /// <summary>Such registers, in memory that is not there.</summary>
    Unreadable,

    /// <summary>No frame: not in memory, or what it would return to is no code of the kernel.</summary>
    NoFrame,

    /// <summary>A place that was there before, or one too many.</summary>
    Circle,
}
