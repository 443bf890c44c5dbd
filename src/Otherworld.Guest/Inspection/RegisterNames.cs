using Emu.X86.State;

namespace Otherworld.Guest.Inspection;

/// <summary>Names of the registers that can be set from outside.</summary>
internal static class RegisterNames
{
    /// <summary>The name of a register by its number (<see cref="PatchableRegister"/>).</summary>
    public static string Of(int number) => number switch
    {
        < PatchableRegister.Rip => ((GeneralRegister)number).ToString().ToLowerInvariant(),
        PatchableRegister.Rip => "rip",
        PatchableRegister.Rflags => "rflags",
        PatchableRegister.FsBase => "fs_base",
        PatchableRegister.GsBase => "gs_base",
        PatchableRegister.KernelGsBase => "k_gs_base",
        PatchableRegister.Cr2 => "cr2",
        >= PatchableRegister.X87Low => $"r{(number - PatchableRegister.X87Low) / 2}.{((number & 1) == 0 ? "significand" : "exponent")}",
        _ => $"xmm{(number - PatchableRegister.Xmm0Low) / 2}.{((number & 1) == 0 ? "low" : "high")}",
    };
}
