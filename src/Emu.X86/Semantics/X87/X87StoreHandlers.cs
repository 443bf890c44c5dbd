using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>FST, FIST, FISTTP, FBSTP to memory.</summary>
internal static unsafe class X87StoreHandlers
{
    /// <summary>Rows state both read and write access: what an unmasked exception keeps from being stored must stay.</summary>
    internal static Op* Store<TStore, T, TPops>(Cpu* cpu, Op* op)
        where TStore : struct, IX87Store
        where T : unmanaged
        where TPops : struct, IConstant
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        StoreTop<TStore>(cpu, op, target, TPops.Value != 0);
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreTop<TStore>(Cpu* cpu, Op* op, byte* target, bool pop)
        where TStore : struct, IX87Store
    {
        X87Unit.Note(cpu, op, memory: true);
        FloatContext context = new(cpu->State.Fcw);
        if (X87Unit.IsEmpty(cpu, 0))
        {
            if (!X87Unit.StackFaulted(cpu, overflow: false))
                return;
            TStore.Store(target, Float80.Indefinite, ref context);
        }
        else
        {
            TStore.Store(target, X87Unit.Get(cpu, 0), ref context);
            X87Unit.Settle(cpu, in context);
            if ((context.Unmasked & TStore.Blocking) != FloatExceptions.None)
                return;
        }

        if (pop)
            X87Unit.Pop(cpu);
    }
}
