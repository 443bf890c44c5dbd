using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>MOVS, STOS, LODS, SCAS, CMPS with REP, REPE and REPNE (SDM 2B, REP). Each iteration is one tick and can be interrupted or fault.</summary>
internal static unsafe class Strings
{
    private interface IStringOp
    {
        /// <summary>REPE/REPNE stop it by ZF.</summary>
        static abstract bool Compares { get; }

        /// <summary>One iteration; registers move only when it succeeds.</summary>
        static abstract bool Step<T>(Cpu* cpu, Op* op)
            where T : unmanaged;

        /// <summary>Many iterations at once where nothing can go wrong within a page; 0 when that is not so.</summary>
        static abstract ulong Bulk<T>(Cpu* cpu, Op* op, ulong most)
            where T : unmanaged;
    }

    internal static void Add(RowBuilder rows)
    {
        Family<Move>(rows, "Movs{0}_m{1}_m{1}");
        Family<Compare>(rows, "Cmps{0}_m{1}_m{1}");
        Store(rows);
    }

    private static void Family<TOp>(RowBuilder rows, string pattern)
        where TOp : struct, IStringOp
    {
        Row<TOp, Width.Byte>(rows, Name(pattern, "b", "8"));
        Row<TOp, Width.Word>(rows, Name(pattern, "w", "16"));
        Row<TOp, Width.Doubleword>(rows, Name(pattern, "d", "32"));
        Row<TOp, Width.Quadword>(rows, Name(pattern, "q", "64"));
    }

    private static void Store(RowBuilder rows)
    {
        Accumulator<Width.Byte>(rows, "b", "m8", "AL");
        Accumulator<Width.Word>(rows, "w", "m16", "AX");
        Accumulator<Width.Doubleword>(rows, "d", "m32", "EAX");
        Accumulator<Width.Quadword>(rows, "q", "m64", "RAX");
    }

    private static void Accumulator<T>(RowBuilder rows, string letter, string memory, string register)
        where T : unmanaged
    {
        Row<Fill, T>(rows, $"Stos{letter}_{memory}_{register}");
        Row<Load, T>(rows, $"Lods{letter}_{register}_{memory}");
        Row<Scan, T>(rows, $"Scas{letter}_{register}_{memory}");
    }

    private static string Name(string pattern, string letter, string width) => pattern.Replace("{0}", letter, StringComparison.Ordinal).Replace("{1}", width, StringComparison.Ordinal);

    private static void Row<TOp, T>(RowBuilder rows, string name)
        where TOp : struct, IStringOp
        where T : unmanaged => rows.Add(name, &Run<TOp, T>, traits: RowTraits.String);

    private static Op* Run<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IStringOp
        where T : unmanaged
    {
        if ((op->Prefixes & 3) == 0)
            return TOp.Step<T>(cpu, op) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
        return Repeat<TOp, T>(cpu, op);
    }

    private static Op* Repeat<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IStringOp
        where T : unmanaged
    {
        byte* rcx = (byte*)cpu->Gpr(GeneralRegister.Rcx);
        ulong count = SegmentedAddress.Truncate(*(ulong*)rcx, op->AddressSize);
        // The block has reserved one tick for this instruction and Remaining - 1 for those behind it; all of them may be used.
        ulong budget = (ulong)(cpu->Budget + op->Remaining);
        ulong done = 0;
        bool finished = count == 0;
        while (!finished && done < budget)
        {
            ulong many = TOp.Bulk<T>(cpu, op, Math.Min(count, budget - done));
            if (many == 0)
            {
                if (!TOp.Step<T>(cpu, op))
                {
                    cpu->Budget -= (long)done;
                    return Leave.Fault(cpu, op);
                }

                many = 1;
            }

            done += many;
            count -= many;
            StoreCount(rcx, count, op->AddressSize);
            finished = count == 0 || (TOp.Compares && cpu->Zf != ((op->Prefixes & 1) != 0));
            if (cpu->BusTouched && !finished)
                return Leave.Again(cpu, op, (long)done);
        }

        if (!finished)
            return Leave.Again(cpu, op, (long)done);
        long extra = (long)Math.Max(done, 1) - 1;
        if (extra > cpu->Budget)
            return EndShort(cpu, op, extra);
        cpu->Budget -= extra;
        return Leave.Next(cpu, op);
    }

    /// <summary>Finished, but the ticks reserved for the rest of the block were needed: leave behind the instruction.</summary>
    private static Op* EndShort(Cpu* cpu, Op* op, long extra)
    {
        cpu->Budget -= extra;
        return Leave.After(cpu, op);
    }

    private static void StoreCount(byte* rcx, ulong count, int size)
    {
        if (size == 2)
            *(ushort*)rcx = (ushort)count;
        else
            *(ulong*)rcx = count;
    }

    /// <summary>Adds to an index register, cut to the address size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Advance(Cpu* cpu, Op* op, GeneralRegister register, long distance)
    {
        byte* index = (byte*)cpu->Gpr(register);
        if (op->AddressSize == 8)
            *(ulong*)index += (ulong)distance;
        else if (op->AddressSize == 4)
            *(ulong*)index = (uint)(*(uint*)index + distance);
        else
            *(ushort*)index = (ushort)(*(ushort*)index + distance);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Direction<T>(Cpu* cpu)
        where T : unmanaged => (cpu->State.Rflags & Rflags.Df) != 0 ? -sizeof(T) : sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TrySource<T>(Cpu* cpu, Op* op, out ulong linear)
        where T : unmanaged
        => SegmentedAddress.TryLinear(cpu, (SegmentIndex)op->Segment, SegmentedAddress.Truncate(*cpu->Gpr(GeneralRegister.Rsi), op->AddressSize), sizeof(T), write: false, out linear);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryTarget<T>(Cpu* cpu, Op* op, bool write, out ulong linear)
        where T : unmanaged
        => SegmentedAddress.TryLinear(cpu, SegmentIndex.Es, SegmentedAddress.Truncate(*cpu->Gpr(GeneralRegister.Rdi), op->AddressSize), sizeof(T), write, out linear);

    /// <summary>64-bit addressing without a segment base: the case that is worth doing in bulk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlain(Op* op) => op->AddressSize == 8 && op->Segment < (byte)SegmentIndex.Fs;

    /// <summary>How many elements, this one the first, lie in its page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong InPage<T>(ulong linear, ulong most, bool downwards = false)
        where T : unmanaged
    {
        ulong above = 4096 - (linear & 0xFFF);
        if (!downwards)
            return Math.Min(most, above / (ulong)sizeof(T));
        return above < (ulong)sizeof(T) ? 0 : Math.Min(most, ((linear & 0xFFF) / (ulong)sizeof(T)) + 1);
    }

    private readonly struct Move : IStringOp
    {
        public static bool Compares => false;

        public static bool Step<T>(Cpu* cpu, Op* op)
            where T : unmanaged
        {
            if (!TrySource<T>(cpu, op, out ulong source) || !Cpu.TryRead(cpu, op, source, out T value)
                || !TryTarget<T>(cpu, op, write: true, out ulong target) || !Cpu.TryWrite(cpu, op, target, value))
                return false;
            long distance = Direction<T>(cpu);
            Advance(cpu, op, GeneralRegister.Rsi, distance);
            Advance(cpu, op, GeneralRegister.Rdi, distance);
            return true;
        }

        public static ulong Bulk<T>(Cpu* cpu, Op* op, ulong most)
            where T : unmanaged
        {
            if (!IsPlain(op))
                return 0;
            bool down = (cpu->State.Rflags & Rflags.Df) != 0;
            ulong* rsi = cpu->Gpr(GeneralRegister.Rsi);
            ulong* rdi = cpu->Gpr(GeneralRegister.Rdi);
            ulong count = InPage<T>(*rdi, InPage<T>(*rsi, most, down), down);
            if (count < 2)
                return 0;
            ulong bytes = count * (ulong)sizeof(T);
            ulong toLowest = down ? bytes - (ulong)sizeof(T) : 0;
            Mmu mmu = cpu->Processor.Mmu;
            if ((!Cpu.ForRead<T>(cpu, *rsi - toLowest, out byte* source) && !mmu.TryBorrow(*rsi - toLowest, PageAccess.Read, out source))
                || (!Cpu.ForWrite<T>(cpu, *rdi - toLowest, out byte* target) && !mmu.TryBorrow(*rdi - toLowest, PageAccess.Write, out target)))
                return 0;
            if (down ? target < source && source < target + bytes : source < target && target < source + bytes)
                return 0; // elements read what others of them wrote
            Buffer.MemoryCopy(source, target, bytes, bytes);
            ulong distance = down ? 0 - bytes : bytes;
            *rsi += distance;
            *rdi += distance;
            return count;
        }
    }

    private readonly struct Fill : IStringOp
    {
        public static bool Compares => false;

        public static bool Step<T>(Cpu* cpu, Op* op)
            where T : unmanaged
        {
            T value = *(T*)cpu->Gpr(GeneralRegister.Rax);
            if (!TryTarget<T>(cpu, op, write: true, out ulong target) || !Cpu.TryWrite(cpu, op, target, value))
                return false;
            Advance(cpu, op, GeneralRegister.Rdi, Direction<T>(cpu));
            return true;
        }

        public static ulong Bulk<T>(Cpu* cpu, Op* op, ulong most)
            where T : unmanaged
        {
            if (op->AddressSize != 8 || (cpu->State.Rflags & Rflags.Df) != 0)
                return 0;
            ulong* rdi = cpu->Gpr(GeneralRegister.Rdi);
            ulong count = InPage<T>(*rdi, most);
            if (count < 2 || !Cpu.ForWrite<T>(cpu, *rdi, out byte* target))
                return 0;
            new Span<T>(target, (int)count).Fill(*(T*)cpu->Gpr(GeneralRegister.Rax));
            *rdi += count * (ulong)sizeof(T);
            return count;
        }
    }

    private readonly struct Load : IStringOp
    {
        public static bool Compares => false;

        public static bool Step<T>(Cpu* cpu, Op* op)
            where T : unmanaged
        {
            if (!TrySource<T>(cpu, op, out ulong source) || !Cpu.TryRead(cpu, op, source, out T value))
                return false;
            Width.StoreRegister<T>((byte*)cpu->Gpr(GeneralRegister.Rax), Width.Load<T>((byte*)&value));
            Advance(cpu, op, GeneralRegister.Rsi, Direction<T>(cpu));
            return true;
        }

        public static ulong Bulk<T>(Cpu* cpu, Op* op, ulong most)
            where T : unmanaged => 0;
    }

    private readonly struct Scan : IStringOp
    {
        public static bool Compares => true;

        public static bool Step<T>(Cpu* cpu, Op* op)
            where T : unmanaged
        {
            if (!TryTarget<T>(cpu, op, write: false, out ulong target) || !Cpu.TryRead(cpu, op, target, out T value))
                return false;
            BinaryOps.Sub.Apply<T>(cpu, Width.Load<T>((byte*)cpu->Gpr(GeneralRegister.Rax)), Width.Load<T>((byte*)&value));
            Advance(cpu, op, GeneralRegister.Rdi, Direction<T>(cpu));
            return true;
        }

        public static ulong Bulk<T>(Cpu* cpu, Op* op, ulong most)
            where T : unmanaged => 0;
    }

    private readonly struct Compare : IStringOp
    {
        public static bool Compares => true;

        public static bool Step<T>(Cpu* cpu, Op* op)
            where T : unmanaged
        {
            if (!TrySource<T>(cpu, op, out ulong source) || !Cpu.TryRead(cpu, op, source, out T left)
                || !TryTarget<T>(cpu, op, write: false, out ulong target) || !Cpu.TryRead(cpu, op, target, out T right))
                return false;
            BinaryOps.Sub.Apply<T>(cpu, Width.Load<T>((byte*)&left), Width.Load<T>((byte*)&right));
            long distance = Direction<T>(cpu);
            Advance(cpu, op, GeneralRegister.Rsi, distance);
            Advance(cpu, op, GeneralRegister.Rdi, distance);
            return true;
        }

        public static ulong Bulk<T>(Cpu* cpu, Op* op, ulong most)
            where T : unmanaged => 0;
    }
}
