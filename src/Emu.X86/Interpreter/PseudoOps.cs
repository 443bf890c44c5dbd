using Emu.X86.State;

namespace Emu.X86.Interpreter;

/// <summary>Ops that are no instructions: the end of a block, a stale op, the stop of an op that runs alone.</summary>
internal static unsafe class PseudoOps
{
    /// <summary>Falls through to the next block.</summary>
    internal static Op* End(Cpu* cpu, Op* op) => Leave.NotTaken(cpu, op);

    /// <summary>The bytes of this block changed: the dispatcher decodes anew from this instruction.</summary>
    internal static Op* Stale(Cpu* cpu, Op* op)
    {
        cpu->RipBase += op->Offset;
        cpu->Budget += op->Remaining;
        cpu->Exit = Exit.Lookup;
        cpu->LinkSite = null;
        return null;
    }

    /// <summary>Follows an op that runs alone, and tells that it came this far.</summary>
    internal static Op* Stop(Cpu* cpu, Op* op) => op;

    /// <summary>Ends a partial block: RIP is behind its last instruction.</summary>
    internal static Op* PartialEnd(Cpu* cpu, Op* op)
    {
        cpu->RipBase += op->Offset;
        cpu->Exit = Exit.Lookup;
        cpu->LinkSite = null;
        return null;
    }

    internal static void MakeStale(Op* ops, int count)
    {
        for (int i = 0; i < count; i++)
            ops[i].Fn = &Stale;
    }
}
