namespace Emu.X86.Segmentation;

/// <summary>How far a task switch came.</summary>
internal enum TaskSwitchOutcome
{
    /// <summary>The new task runs; RipBase is its EIP.</summary>
    Done,

    /// <summary>A fault in the old task: nothing has changed.</summary>
    FaultBefore,

    /// <summary>A fault in the new task, before its first instruction: RipBase is its EIP.</summary>
    FaultAfter,
}
