namespace Otherworld.Guest.Inspection;

/// <summary>A link in a chain of frames.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="At">Where it lies.</param>
/// <param name="Rip">Where the caller, or who was interrupted, goes on; 0 where the chain ends.</param>
/// <param name="IsUser">User mode was interrupted: the chain ends behind this.</param>
internal readonly record struct FrameLink(FrameKind Kind, ulong At, ulong Rip = 0, bool IsUser = false);
