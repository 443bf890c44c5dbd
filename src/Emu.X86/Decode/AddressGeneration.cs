using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Semantics;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Decode;

/// <summary>
/// The pseudo op that forms a linear address where base + index + displacement is not one already: FS and GS, 67H, and all legacy addressing with
/// its segment checks (SDM 3A 5.3, 5.4). It leaves the address in <see cref="Cpu.Linear"/>, which becomes the base of the instruction behind it.
/// </summary>
internal static unsafe class AddressGeneration
{
    private const byte WriteFlag = 1;

    private static readonly nint Based64Handler = (nint)(delegate*<Cpu*, Op*, Op*>)&Based64;

    internal static void Emit(Op* op, ref Op main, in Instruction instruction, in InsnRow row, int bitness, InstructionInfoFactory info)
    {
        *op = main;
        op->Length = 0;
        op->Access = Access.None;
        op->Prefixes = 0;
        if ((row.Traits & RowTraits.AddressOnly) != 0)
        {
            op->Fn = main.AddressSize == 4 ? &Offset32 : &Offset16;
        }
        else if (bitness == 64)
        {
            if (main.Segment < (byte)SegmentIndex.Fs)
                op->Fn = &Flat32;
            else
                op->Fn = main.AddressSize == 8 ? (delegate*<Cpu*, Op*, Op*>)Based64Handler : &Based32;
        }
        else
        {
            // How many bytes the instruction touches, and whether it writes, for the segment check.
            op->Extra = (ushort)Math.Max(1, instruction.MemorySize.GetSize());
            op->Prefixes = Writes(in instruction, info) ? WriteFlag : (byte)0;
            op->Fn = main.AddressSize == 4 ? &Segmented32 : &Segmented16;
        }

        main.Base = OperandRegister.Linear;
        main.Index = OperandRegister.Zero;
        main.Scale = 0;
        main.Disp = 0;
    }

    /// <summary>The op forms a 64-bit address from the base of FS or GS.</summary>
    internal static bool IsBased64(Op* op) => (nint)op->Fn == Based64Handler;

    /// <summary>Checks [offset, offset + size) against a segment and returns its linear address.</summary>
    /// <returns>False for #GP(0) or #SS(0), recorded.</returns>
    internal static bool TrySegment(Cpu* cpu, SegmentIndex index, ulong offset, int size, bool write, out ulong linear)
    {
        ref SegmentRegister segment = ref cpu->State.Segments[(int)index];
        linear = (uint)(segment.Base + offset);
        uint last = (uint)offset + (uint)size - 1;
        SegmentAttributes attributes = segment.Attributes;
        bool bad = (attributes & SegmentAttributes.Unusable) != 0 || last < (uint)offset;
        if (cpu->IsProtected && !bad)
        {
            bool code = (attributes & SegmentAttributes.Code) != 0;
            bool flag = (attributes & SegmentAttributes.WritableOrReadable) != 0;
            bad = write ? code || !flag : code && !flag;
        }

        bool down = (attributes & (SegmentAttributes.Code | SegmentAttributes.ExpandDownOrConforming)) == SegmentAttributes.ExpandDownOrConforming;
        if (!bad && down)
            bad = (uint)offset <= segment.Limit || last > ((attributes & SegmentAttributes.Big) != 0 ? uint.MaxValue : 0xFFFF);
        else if (!bad)
            bad = last > segment.Limit;
        if (bad)
            cpu->Fault = new Fault(index == SegmentIndex.Ss ? Vector.Ss : Vector.Gp);
        return !bad;
    }

    private static Op* Offset16(Cpu* cpu, Op* op)
    {
        cpu->Linear = (ushort)op->Address(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Offset32(Cpu* cpu, Op* op)
    {
        cpu->Linear = (uint)op->Address(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Flat32(Cpu* cpu, Op* op)
    {
        cpu->Linear = (uint)op->Address(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Based32(Cpu* cpu, Op* op)
    {
        cpu->Linear = cpu->State.Segments[op->Segment].Base + (uint)op->Address(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Based64(Cpu* cpu, Op* op)
    {
        cpu->Linear = cpu->State.Segments[op->Segment].Base + op->Address(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Segmented16(Cpu* cpu, Op* op) => Segmented(cpu, op, (ushort)op->Address(cpu));

    private static Op* Segmented32(Cpu* cpu, Op* op) => Segmented(cpu, op, (uint)op->Address(cpu));

    private static Op* Segmented(Cpu* cpu, Op* op, ulong offset)
    {
        if (!TrySegment(cpu, (SegmentIndex)op->Segment, offset, op->Extra, op->Prefixes == WriteFlag, out ulong linear))
            return Leave.Fault(cpu, op);
        cpu->Linear = linear;
        return op[1].Fn(cpu, op + 1);
    }

    private static bool Writes(in Instruction instruction, InstructionInfoFactory info)
    {
        foreach (UsedMemory memory in info.GetInfo(in instruction, InstructionInfoOptions.NoRegisterUsage).GetUsedMemory())
        {
            if (memory.Access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite)
                return true;
        }

        return false;
    }
}
