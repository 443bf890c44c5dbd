using System.Runtime.InteropServices;

namespace Emu.X86.Tests.HostExecution;

/// <summary>The image FXSAVE64 writes. SDM 1, table 10-2 and 10.5.1.2.</summary>
[StructLayout(LayoutKind.Explicit, Size = 512)]
public struct HostFxImage
{
    [FieldOffset(0)] public ushort ControlWord;
    [FieldOffset(2)] public ushort StatusWord;
    /// <summary>One bit for each physical register, set when it is not empty.</summary>
    [FieldOffset(4)] public byte AbridgedTag;
    [FieldOffset(6)] public ushort Opcode;
    [FieldOffset(8)] public ulong InstructionPointer;
    [FieldOffset(16)] public ulong DataPointer;
    [FieldOffset(24)] public uint Mxcsr;
    [FieldOffset(28)] public uint MxcsrMask;
    [FieldOffset(32)] public HostX87Registers St;
    [FieldOffset(160)] public HostXmmRegisters Xmm;

    /// <summary>What a process starts with: everything masked, nearest, 64-bit significands, empty stack.</summary>
    public static HostFxImage Initial => new() { ControlWord = 0x37f, Mxcsr = 0x1f80 };
}
