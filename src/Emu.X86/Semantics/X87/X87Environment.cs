using System.Runtime.CompilerServices;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>
/// FNSTENV, FLDENV, FNSAVE, FRSTOR in their four formats: 16 and 32-bit, protected and real (or virtual-8086) mode. SDM 1, figures 8-9 to 8-12.
/// Several words go to memory, so every byte is reached before anything changes.
/// </summary>
internal static unsafe class X87Environment
{
    private const int Words = 7;
    private const int RegisterBytes = 80;

    /// <summary>FNSTENV: masks all exceptions afterwards.</summary>
    internal static Op* Store<TSize>(Cpu* cpu, Op* op)
        where TSize : unmanaged
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        if (!TryStore<TSize>(cpu, op, registers: false))
            return Leave.Fault(cpu, op);
        cpu->State.Fcw |= 0x3F;
        X87Unit.RefreshSummary(cpu);
        return Leave.Next(cpu, op);
    }

    /// <summary>FNSAVE: initialises afterwards.</summary>
    internal static Op* Save<TSize>(Cpu* cpu, Op* op)
        where TSize : unmanaged
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        if (!TryStore<TSize>(cpu, op, registers: true))
            return Leave.Fault(cpu, op);
        X87Unit.Initialise(cpu);
        return Leave.Next(cpu, op);
    }

    internal static Op* Load<TSize>(Cpu* cpu, Op* op)
        where TSize : unmanaged
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        return TryLoad<TSize>(cpu, op, registers: false) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    internal static Op* Restore<TSize>(Cpu* cpu, Op* op)
        where TSize : unmanaged
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        return TryLoad<TSize>(cpu, op, registers: true) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryStore<TSize>(Cpu* cpu, Op* op, bool registers)
        where TSize : unmanaged
    {
        ulong linear = op->Address(cpu);
        int size = Words * sizeof(TSize) + (registers ? RegisterBytes : 0);
        // The first and last byte are touched precisely, for their faults; then everything between is reachable.
        if (!FpuMemory.CanWrite(cpu, op, linear, size))
            return false;
        byte* image = stackalloc byte[Words * 4];
        Compose<TSize>(cpu, (TSize*)image, wide: sizeof(TSize) == 4);
        bool ok = FpuMemory.TryWrite(cpu, op, linear, image, Words * sizeof(TSize));
        linear += (ulong)(Words * sizeof(TSize));
        for (int i = 0; i < 8 && ok && registers; i++)
        {
            Float80 value = X87Unit.Get(cpu, i);
            ok = Cpu.TryWrite(cpu, op, linear, value);
            linear += 10;
        }

        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryLoad<TSize>(Cpu* cpu, Op* op, bool registers)
        where TSize : unmanaged
    {
        ulong linear = op->Address(cpu);
        byte* image = stackalloc byte[Words * 4 + RegisterBytes];
        int size = Words * sizeof(TSize) + (registers ? RegisterBytes : 0);
        if (!FpuMemory.TryRead(cpu, op, linear, image, size))
            return false;
        Interpret<TSize>(cpu, (TSize*)image);
        ushort tags = cpu->State.Ftw;
        for (int i = 0; i < 8 && registers; i++)
            X87Unit.Set(cpu, i, *(Float80*)(image + Words * sizeof(TSize) + 10 * i));
        cpu->State.Ftw = tags;
        return true;
    }

    private static void Compose<TSize>(Cpu* cpu, TSize* image, bool wide)
        where TSize : unmanaged
    {
        ref CpuState state = ref cpu->State;
        uint ip = (uint)state.Fip, dp = (uint)state.Fdp, upper = wide ? 0xFFFF_0000 : 0;
        Put(image, 0, upper | state.Fcw);
        Put(image, 1, upper | state.Fsw);
        Put(image, 2, upper | X87Unit.FullTags(cpu));
        if (cpu->IsRealOrVirtual)
        {
            Put(image, 3, upper | ip & 0xFFFF);
            Put(image, 4, ip >> 16 << 12 | (state.Fop & 0x7FFu));
            Put(image, 5, upper | dp & 0xFFFF);
            Put(image, 6, dp >> 16 << 12);
            return;
        }

        Put(image, 3, ip);
        Put(image, 4, wide ? (state.Fop & 0x7FFu) << 16 : 0);
        Put(image, 5, dp);
        Put(image, 6, upper);
    }

    private static void Interpret<TSize>(Cpu* cpu, TSize* image)
        where TSize : unmanaged
    {
        ref CpuState state = ref cpu->State;
        state.Fsw = (ushort)Take(image, 1);
        state.Ftw = EmptyTags((ushort)Take(image, 2));
        if (cpu->IsRealOrVirtual)
        {
            uint mask = sizeof(TSize) == 4 ? 0xFFFFu : 0xF;
            state.Fip = (Take(image, 4) >> 12 & mask) << 16 | Take(image, 3) & 0xFFFF;
            state.Fop = (ushort)(Take(image, 4) & 0x7FF);
            state.Fdp = (Take(image, 6) >> 12 & mask) << 16 | Take(image, 5) & 0xFFFF;
        }
        else
        {
            state.Fip = Take(image, 3);
            state.Fop = (ushort)(sizeof(TSize) == 4 ? Take(image, 4) >> 16 & 0x7FF : 0);
            state.Fdp = Take(image, 5);
        }

        X87Control.SetControl(cpu, (ushort)Take(image, 0));
    }

    /// <summary>Only "empty" counts of a loaded tag; the rest follows from the contents.</summary>
    private static ushort EmptyTags(ushort tags)
    {
        int both = tags & tags >> 1 & 0x5555;
        return (ushort)(both | both << 1);
    }

    private static void Put<TSize>(TSize* image, int index, uint value)
        where TSize : unmanaged => Width.Store<TSize>((byte*)(image + index), value);

    private static uint Take<TSize>(TSize* image, int index)
        where TSize : unmanaged => (uint)Width.Load<TSize>((byte*)(image + index));
}
