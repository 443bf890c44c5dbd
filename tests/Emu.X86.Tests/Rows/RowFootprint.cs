using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Tests.Rows;

/// <summary>What Iced says an instruction touches: bytes of registers, bytes of memory, flags.</summary>
internal sealed class RowFootprint
{
    private readonly bool[] _read = new bool[RegisterImage.Size];
    private readonly bool[] _written = new bool[RegisterImage.Size];
    private readonly bool[] _always = new bool[RegisterImage.Size];
    private readonly List<UsedMemory> _memory;
    private readonly ulong _flagsRead;
    private readonly ulong _flagsWritten;
    private readonly ulong _flagsUndefined;
    private bool[] _memoryRead = [];
    private bool[] _memoryWritten = [];
    private bool[] _memoryAlways = [];

    internal RowFootprint(InstructionInfo information, in Instruction instruction)
    {
        foreach (UsedRegister used in information.GetUsedRegisters())
            Mark(RegisterImage.BytesOf, used.Register, used.Access);
        _memory = [.. information.GetUsedMemory()];
        _flagsRead = Flags(instruction.RflagsRead);
        _flagsUndefined = Flags(instruction.RflagsUndefined);
        _flagsWritten = Flags(instruction.RflagsModified);
    }

    /// <summary>Finds the bytes of memory that the state's registers lead to.</summary>
    internal void Locate(byte[] registers, ulong start, int size)
    {
        _memoryRead = new bool[size];
        _memoryWritten = new bool[size];
        _memoryAlways = new bool[size];
        foreach (UsedMemory used in _memory)
        {
            if (used.Access is OpAccess.None or OpAccess.NoMemAccess)
                continue;
            Assert.That(used.TryGetVirtualAddress(0, out ulong address, (Register register, int _, int _, out ulong value) => Value(registers, register, out value)), Is.True);
            int offset = (int)(address - start);
            Range range = offset..(offset + used.MemorySize.GetSize());
            if (Reads(used.Access))
                _memoryRead.AsSpan(range).Fill(true);
            if (Writes(used.Access))
                _memoryWritten.AsSpan(range).Fill(true);
            if (used.Access is OpAccess.Write or OpAccess.ReadWrite)
                _memoryAlways.AsSpan(range).Fill(true);
        }
    }

    /// <summary>Changes everything that is not read, or kept where a write may not happen.</summary>
    internal void Disturb(RowState state, Random random, bool flags)
    {
        Disturb(state.Registers, _read, random);
        Disturb(state.Memory, _memoryRead, random);

        if (flags)
            state.Flags ^= (ulong)random.Next(0x1000) & Rflags.Status & ~_flagsRead;
    }

    /// <summary>The first thing that changed although it is not named as written, or null.</summary>
    internal string? FirstSurprise(RowState before, RowState after)
    {
        for (int i = 0; i < _written.Length; i++)
        {
            if (!_written[i] && before.Registers[i] != after.Registers[i])
                return RegisterImage.NameOf(i);
        }

        for (int i = 0; i < _memoryWritten.Length; i++)
        {
            if (!_memoryWritten[i] && before.Memory[i] != after.Memory[i])
                return $"memory at {i:X}H";
        }

        ulong flags = (before.Flags ^ after.Flags) & ~_flagsWritten;
        return flags != 0 ? $"flags {flags:X}H" : null;
    }

    /// <summary>The first thing named as written that differs between two results, or null.</summary>
    internal string? FirstDifference(RowState first, RowState second)
    {
        for (int i = 0; i < _always.Length; i++)
        {
            if (_always[i] && first.Registers[i] != second.Registers[i])
                return RegisterImage.NameOf(i);
        }

        for (int i = 0; i < _memoryAlways.Length; i++)
        {
            if (_memoryAlways[i] && first.Memory[i] != second.Memory[i])
                return $"memory at {i:X}H";
        }

        ulong flags = (first.Flags ^ second.Flags) & _flagsWritten & ~_flagsUndefined;
        return flags != 0 ? $"flags {flags:X}H" : null;
    }

    private static void Disturb(byte[] bytes, bool[] kept, Random random)
    {
        byte[] before = [.. bytes];
        random.NextBytes(bytes);
        for (int i = 0; i < kept.Length; i++)
        {
            if (kept[i])
                bytes[i] = before[i];
        }
    }

    private void Mark(Func<Register, bool, Range> bytesOf, Register register, OpAccess access)
    {
        if (Reads(access))
            _read.AsSpan(bytesOf(register, false)).Fill(true);
        if (Writes(access))
            _written.AsSpan(bytesOf(register, true)).Fill(true);
        if (access is OpAccess.Write or OpAccess.ReadWrite)
            _always.AsSpan(bytesOf(register, true)).Fill(true);
    }

    /// <summary>A conditional write leaves what was there, which then is part of the result.</summary>
    private static bool Reads(OpAccess access)
        => access is OpAccess.Read or OpAccess.CondRead or OpAccess.ReadWrite or OpAccess.ReadCondWrite or OpAccess.CondWrite;

    private static bool Writes(OpAccess access) => access is OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite;

    private static bool Value(byte[] registers, Register register, out ulong value)
    {
        value = 0;
        if (register.IsSegmentRegister())
            return true;
        Range bytes = RegisterImage.BytesOf(register, written: false);
        ReadOnlySpan<byte> span = registers.AsSpan(bytes);
        for (int i = 0; i < span.Length; i++)
            value |= (ulong)span[i] << (8 * i);
        return span.Length != 0;
    }

    private static ulong Flags(RflagsBits bits)
    {
        ulong mask = 0;
        mask |= (bits & RflagsBits.OF) != 0 ? Rflags.Of : 0;
        mask |= (bits & RflagsBits.SF) != 0 ? Rflags.Sf : 0;
        mask |= (bits & RflagsBits.ZF) != 0 ? Rflags.Zf : 0;
        mask |= (bits & RflagsBits.AF) != 0 ? Rflags.Af : 0;
        mask |= (bits & RflagsBits.CF) != 0 ? Rflags.Cf : 0;
        mask |= (bits & RflagsBits.PF) != 0 ? Rflags.Pf : 0;
        return mask;
    }
}
