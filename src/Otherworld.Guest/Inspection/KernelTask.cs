namespace Otherworld.Guest.Inspection;

/// <summary>A process of a kernel: the leader of its threads.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="ParentPid">Of the process that started it, or took it over.</param>
/// <param name="Name">The command, up to 15 characters.</param>
/// <param name="State">As in /proc/PID/stat: R running, S sleeping, D in uninterruptible sleep, T stopped, t traced, Z zombie, X dead, P parked, I idle.</param>
/// <param name="UserId">The real user id.</param>
/// <param name="ResidentKilobytes">Its resident memory, as VmRSS of /proc/PID/status; 0 for a kernel thread.</param>
/// <param name="Threads">How many threads it has.</param>
/// <param name="IsKernelThread">It has no user memory.</param>
/// <param name="Address">Linear address of its <c>task_struct</c>.</param>
public sealed record KernelTask(int Pid, int ParentPid, string Name, char State, uint UserId, long ResidentKilobytes, int Threads, bool IsKernelThread, ulong Address);
