namespace Otherworld.Guest.Campaigns;

/// <summary>A task of a guest that is profiled.</summary>
/// <param name="pid">Its number: the place of a task that is gone may become another's.</param>
internal sealed class ProfiledTask(int pid)
{
    /// <summary>Its number.</summary>
    public int Pid { get; } = pid;

    /// <summary>It belongs to the application.</summary>
    public bool IsOurs { get; set; }

    /// <summary>It is in a system call; null while nobody has seen it enter the kernel.</summary>
    public bool? InCall { get; set; }

    /// <summary>Instruction count since which it runs in the kernel.</summary>
    public ulong Since { get; set; }

    /// <summary>Instructions it ran in the kernel since it entered it.</summary>
    public List<(ulong Start, ulong End)> Parts { get; } = [];
}
