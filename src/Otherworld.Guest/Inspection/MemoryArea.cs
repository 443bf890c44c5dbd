namespace Otherworld.Guest.Inspection;

/// <summary>A piece of a process's address space: a line of /proc/PID/maps.</summary>
/// <param name="Start">Its first address.</param>
/// <param name="End">The address behind its last.</param>
/// <param name="Permissions">Such as <c>rw-p</c>.</param>
/// <param name="Offset">Where in its file it begins, bytes.</param>
/// <param name="Major">Device of its file.</param>
/// <param name="Minor">Device of its file.</param>
/// <param name="Inode">Of its file; 0 without one.</param>
/// <param name="Name">The file, or what else it is, such as <c>[heap]</c>; may be empty.</param>
public sealed record MemoryArea(ulong Start, ulong End, string Permissions, ulong Offset, uint Major, uint Minor, ulong Inode, string Name);
