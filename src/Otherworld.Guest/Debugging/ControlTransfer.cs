namespace Otherworld.Guest.Debugging;

/// <summary>A place where a run did not go on with the next instruction.</summary>
/// <param name="InstructionCount">Instructions retired before it.</param>
/// <param name="From">The last instruction before.</param>
/// <param name="To">The first instruction after.</param>
/// <param name="IsEvent">An exception or interrupt was delivered; otherwise a branch was taken.</param>
public readonly record struct ControlTransfer(ulong InstructionCount, ulong From, ulong To, bool IsEvent);
