namespace Otherworld.Guest.Inspection;

/// <summary>A file a process has open.</summary>
/// <param name="Descriptor">Its number.</param>
/// <param name="Path">As readlink /proc/PID/fd/N.</param>
/// <param name="Offset">Where the next read or write begins, bytes.</param>
/// <param name="Flags">As in /proc/PID/fdinfo/N: the flags of open(2), with O_CLOEXEC.</param>
/// <param name="Address">Linear address of its <c>struct file</c>.</param>
public sealed record OpenFile(int Descriptor, string Path, long Offset, uint Flags, ulong Address);
