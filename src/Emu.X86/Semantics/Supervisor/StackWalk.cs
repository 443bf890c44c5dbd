using Emu.X86.Decode;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>Pushes and pops on the current stack that become visible only with <see cref="Commit"/>. SDM 1, 6.2.</summary>
internal unsafe ref struct StackWalk
{
    private readonly Cpu* _cpu;
    private readonly Interpreter.Op* _op;
    private readonly ulong _mask;
    private ulong _pointer;

    internal StackWalk(Cpu* cpu, Interpreter.Op* op)
    {
        _cpu = cpu;
        _op = op;
        _mask = MaskOf(cpu);
        _pointer = *cpu->Gpr(GeneralRegister.Rsp) & _mask;
    }

    /// <summary>The pointer as it stands after what was done so far.</summary>
    internal readonly ulong Pointer => _pointer;

    /// <summary>64 bits in 64-bit mode, else 32 or 16 by SS.B.</summary>
    internal static ulong MaskOf(Cpu* cpu)
    {
        if (cpu->Is64Bit)
            return ulong.MaxValue;
        return (cpu->State.Segments[(int)SegmentIndex.Ss].Attributes & SegmentAttributes.Big) != 0 ? 0xFFFF_FFFF : 0xFFFF;
    }

    /// <summary>Pops <paramref name="size"/> bytes (2, 4 or 8), zero-extended.</summary>
    internal bool TryPop(int size, out ulong value)
    {
        value = 0;
        if (!TryLinear(_pointer, size, write: false, out ulong linear))
            return false;
        bool ok;
        if (size == 8)
        {
            ok = Cpu.TryRead(_cpu, _op, linear, out value);
        }
        else if (size == 4)
        {
            ok = Cpu.TryRead(_cpu, _op, linear, out uint low);
            value = low;
        }
        else
        {
            ok = Cpu.TryRead(_cpu, _op, linear, out ushort low);
            value = low;
        }

        _pointer = (_pointer + (ulong)size) & _mask;
        return ok;
    }

    /// <summary>Pushes the low <paramref name="size"/> bytes.</summary>
    internal bool TryPush(int size, ulong value)
    {
        ulong pointer = (_pointer - (ulong)size) & _mask;
        if (!TryLinear(pointer, size, write: true, out ulong linear))
            return false;
        _pointer = pointer;
        if (size == 8)
            return Cpu.TryWrite(_cpu, _op, linear, value);
        return size == 4 ? Cpu.TryWrite(_cpu, _op, linear, (uint)value) : Cpu.TryWrite(_cpu, _op, linear, (ushort)value);
    }

    /// <summary>Skips bytes upwards.</summary>
    internal void Release(ulong bytes) => _pointer = (_pointer + bytes) & _mask;

    /// <summary>Makes the pointer the register's.</summary>
    internal readonly void Commit() => SetPointer(_cpu, _pointer, _mask);

    /// <summary>Writes the part of RSP that the stack's width covers.</summary>
    internal static void SetPointer(Cpu* cpu, ulong pointer, ulong mask)
    {
        ulong* rsp = cpu->Gpr(GeneralRegister.Rsp);
        *rsp = mask == 0xFFFF ? (*rsp & ~mask) | (pointer & mask) : pointer & mask;
    }

    private readonly bool TryLinear(ulong pointer, int size, bool write, out ulong linear)
    {
        linear = pointer;
        return _mask == ulong.MaxValue || AddressGeneration.TrySegment(_cpu, SegmentIndex.Ss, pointer, size, write, out linear);
    }
}
