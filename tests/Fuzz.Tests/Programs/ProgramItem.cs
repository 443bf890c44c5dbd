using Iced.Intel;

namespace Fuzz.Tests.Programs;

/// <summary>One instruction of a random program before its address is known.</summary>
/// <param name="Instruction">Without the operand that depends on addresses.</param>
/// <param name="Target">Index of the item that a branch goes to or a RIP-relative operand points at; -1 for none.</param>
/// <param name="Offset">Bytes behind the start of that item.</param>
internal readonly record struct ProgramItem(Instruction Instruction, int Target = -1, int Offset = 0)
{
    /// <summary>The instruction with its addresses filled in.</summary>
    public Instruction At(ulong target)
    {
        Instruction instruction = Instruction;
        if (Target < 0)
            return instruction;
        target += (ulong)Offset;
        if (instruction.Op0Kind == OpKind.NearBranch64)
            instruction.NearBranch64 = target;
        else
            instruction.MemoryDisplacement64 = target;
        return instruction;
    }
}
