namespace Emu.X86.State;

/// <summary>Numbers of the registers that can be set from outside (<see cref="Emu.Core.Machine.RegisterPatch"/>): first the general ones, in the order of <see cref="GeneralRegister"/>.</summary>
public static class PatchableRegister
{
    /// <summary>RIP.</summary>
    public const ushort Rip = 16;

    /// <summary>The low half of XMM0; its high half and those of XMM1 to XMM15 follow.</summary>
    public const ushort Xmm0Low = 32;

    /// <summary>Behind the last one.</summary>
    public const ushort End = Xmm0Low + 32;
}
