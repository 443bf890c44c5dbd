namespace Otherworld.Guest.Tracing;

/// <summary>A slice whose end is still to come, and by what it will be known.</summary>
/// <param name="Slice">The slice.</param>
/// <param name="Frame">Where the stack holds the address that its handler returns to; 0 for a system call.</param>
/// <param name="ReturnTo">That address.</param>
internal readonly record struct OpenSlice(TraceSlice Slice, ulong Frame, ulong ReturnTo);
