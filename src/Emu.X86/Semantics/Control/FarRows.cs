using Emu.X86.Interpreter;
using Emu.X86.Semantics.Supervisor;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>Rows of far JMP, CALL and RET.</summary>
internal static unsafe class FarRows
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Jmp_ptr1616", &JumpDirect, traits: RowTraits.EndsBlock);
        rows.Add("Jmp_ptr1632", &JumpDirect, traits: RowTraits.EndsBlock);
        rows.Add("Call_ptr1616", &CallDirect, access: Access.Stack, traits: RowTraits.EndsBlock);
        rows.Add("Call_ptr1632", &CallDirect, access: Access.Stack, traits: RowTraits.EndsBlock);
        foreach (string size in (string[])["m1616", "m1632", "m1664"])
        {
            rows.Add("Jmp_" + size, null, &JumpMemory, traits: RowTraits.EndsBlock);
            rows.Add("Call_" + size, null, &CallMemory, traits: RowTraits.EndsBlock);
        }

        foreach (string size in (string[])["w", "d", "q"])
        {
            rows.Add($"Retf{size}", &Return, access: Access.Stack, traits: RowTraits.EndsBlock);
            rows.Add($"Retf{size}_imm16", &Return, access: Access.Stack, traits: RowTraits.EndsBlock);
        }
    }

    private static Op* JumpDirect(Cpu* cpu, Op* op) => FarJump.Jump(cpu, op, op->Extra, op->Imm);

    private static Op* CallDirect(Cpu* cpu, Op* op) => FarCall.Call(cpu, op, op->Extra, op->Imm);

    private static Op* JumpMemory(Cpu* cpu, Op* op)
        => FarPointer.TryRead(cpu, op, op->Address(cpu), op->OperandSize, out ulong offset, out ushort selector)
            ? FarJump.Jump(cpu, op, selector, offset) : Leave.Fault(cpu, op);

    private static Op* CallMemory(Cpu* cpu, Op* op)
        => FarPointer.TryRead(cpu, op, op->Address(cpu), op->OperandSize, out ulong offset, out ushort selector)
            ? FarCall.Call(cpu, op, selector, offset) : Leave.Fault(cpu, op);

    private static Op* Return(Cpu* cpu, Op* op) => FarReturn.Return(cpu, op);
}
