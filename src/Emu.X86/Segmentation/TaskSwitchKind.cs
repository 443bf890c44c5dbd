namespace Emu.X86.Segmentation;

/// <summary>What causes a task switch (SDM 3A 7.3).</summary>
internal enum TaskSwitchKind
{
    Jump,
    Call,
    Interrupt,
    Return,
}
