using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>The stack in any mode: 64-bit RSP, or SS with ESP or SP by the B flag (SDM 1, 6.2). Nothing changes when an access faults.</summary>
internal static unsafe class StackAccess
{
    /// <summary>Pushes one value and moves the stack pointer.</summary>
    internal static bool TryPush<T>(Cpu* cpu, Op* op, ulong value)
        where T : unmanaged
    {
        ulong next = Offset(cpu, 0 - (ulong)sizeof(T));
        T operand = default;
        Width.Store<T>((byte*)&operand, value);
        if (!SegmentedAddress.TryLinear(cpu, SegmentIndex.Ss, next, sizeof(T), write: true, out ulong linear) || !Cpu.TryWrite(cpu, op, linear, operand))
            return false;
        SetPointer(cpu, next);
        return true;
    }

    /// <summary>Reads the value at a distance from the top; the stack pointer stays.</summary>
    internal static bool TryPeek<T>(Cpu* cpu, Op* op, ulong distance, out ulong value)
        where T : unmanaged
    {
        value = 0;
        if (!SegmentedAddress.TryLinear(cpu, SegmentIndex.Ss, Offset(cpu, distance), sizeof(T), write: false, out ulong linear)
            || !Cpu.TryRead(cpu, op, linear, out T operand))
            return false;
        value = Width.Load<T>((byte*)&operand);
        return true;
    }

    /// <summary>Moves the stack pointer, wrapping at its size.</summary>
    internal static void Adjust(Cpu* cpu, ulong distance) => SetPointer(cpu, Offset(cpu, distance));

    /// <summary>Stack pointer plus a distance, cut to the stack's address size.</summary>
    internal static ulong Offset(Cpu* cpu, ulong distance) => SegmentedAddress.Truncate(*cpu->Gpr(GeneralRegister.Rsp) + distance, PointerSize(cpu));

    /// <summary>8, 4 or 2.</summary>
    internal static int PointerSize(Cpu* cpu)
        => cpu->Is64Bit ? 8 : (cpu->State.Segments[(int)SegmentIndex.Ss].Attributes & SegmentAttributes.Big) != 0 ? 4 : 2;

    /// <summary>Writes RSP, ESP or SP.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void SetPointer(Cpu* cpu, ulong value)
    {
        byte* rsp = (byte*)cpu->Gpr(GeneralRegister.Rsp);
        switch (PointerSize(cpu))
        {
            case 2:
                *(ushort*)rsp = (ushort)value;
                break;
            case 4:
                *(ulong*)rsp = (uint)value;
                break;
            default:
                *(ulong*)rsp = value;
                break;
        }
    }
}
