using Iced.Intel;

namespace Otherworld.Guest.Overhead;

/// <summary>
/// Compares functions of two kernels, instruction by instruction. What the linker filled in is not compared as a number: a branch, call or pointer into
/// code must lead to the same place of the same function, and an address of data need only be one in both.
/// </summary>
/// <param name="ours">Functions of the first kernel.</param>
/// <param name="theirs">Functions of the second kernel.</param>
internal sealed class FunctionComparer(FunctionTable ours, FunctionTable theirs)
{
    /// <summary>Lowest address of the kernel's image (Documentation/x86/x86_64/mm.rst).</summary>
    private const ulong ImageStart = 0xffff_ffff_8000_0000;

    /// <summary>Last address behind it.</summary>
    private const ulong ImageEnd = 0xffff_ffff_c000_0000;

    /// <summary>Where the image lies in physical memory when it is loaded, up to where it cannot reach: code that runs before paging has such addresses.</summary>
    private const ulong LoadStart = 0x100_0000, LoadEnd = 0x400_0000;

    private readonly FunctionTable _ours = ours;
    private readonly FunctionTable _theirs = theirs;

    /// <summary>Whether two functions do the same with the same instructions.</summary>
    public bool AreSame(KernelFunction one, KernelFunction other)
    {
        if (one.Code.Length != other.Code.Length)
            return false;
        Decoder first = Open(one), second = Open(other);
        while (first.IP < one.Address + (ulong)one.Code.Length)
        {
            int at = (int)(first.IP - one.Address);
            first.Decode(out Instruction here);
            second.Decode(out Instruction there);
            if (here.Length != there.Length || here.Code != there.Code)
                return false;
            ConstantOffsets fields = first.GetConstantOffsets(here);
            if (!SameBytes(one.Code.Span.Slice(at, here.Length), other.Code.Span.Slice(at, here.Length), Mask(fields, here, there)))
                return false;
            if (!LeadToTheSame(here, there))
                return false;
        }

        return true;
    }

    private static Decoder Open(KernelFunction function) => Decoder.Create(64, new ByteArrayCodeReader(function.Code.ToArray()), function.Address);

    /// <summary>One bit for each byte of the instruction that the linker filled in.</summary>
    private static uint Mask(ConstantOffsets fields, in Instruction here, in Instruction there)
    {
        uint mask = 0;
        if (fields.HasDisplacement && (here.IsIPRelativeMemoryOperand || (IsAddress(here.MemoryDisplacement64) && IsAddress(there.MemoryDisplacement64))))
            mask |= Bits(fields.DisplacementOffset, fields.DisplacementSize);
        if (fields.HasImmediate && (IsBranch(here) || (IsAddress(Immediate(here)) && IsAddress(Immediate(there)))))
            mask |= Bits(fields.ImmediateOffset, fields.ImmediateSize);
        return mask;
    }

    private static uint Bits(int offset, int size) => ((1U << size) - 1) << offset;

    private static bool SameBytes(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, uint mask)
    {
        for (int i = 0; i < one.Length; i++)
        {
            if ((mask >> i & 1) == 0 && one[i] != other[i])
                return false;
        }

        return true;
    }

    private bool LeadToTheSame(in Instruction here, in Instruction there)
    {
        if (IsBranch(here))
            return AreSamePlace(here.NearBranchTarget, there.NearBranchTarget);
        ulong one = Immediate(here), other = Immediate(there);
        if (IsAddress(one) && IsAddress(other) && !AreSamePlace(one, other))
            return false;
        (one, other) = (here.MemoryDisplacement64, there.MemoryDisplacement64);
        return !IsAddress(one) || !IsAddress(other) || AreSamePlace(one, other);
    }

    /// <summary>The same byte of the same function, or no code in either kernel.</summary>
    private bool AreSamePlace(ulong one, ulong other)
    {
        if (one == other && one < LoadEnd) // a number, in all likelihood
            return true;
        (FunctionKey, ulong)[] names = [.. _ours.NamesOf(Linked(one))], others = [.. _theirs.NamesOf(Linked(other))];
        return names.Length == 0 ? others.Length == 0 : names.Intersect(others).Any();
    }

    private static bool IsBranch(in Instruction instruction) => instruction.Op0Kind is OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64;

    private static bool IsAddress(ulong value) => value is (>= ImageStart and < ImageEnd) or (>= LoadStart and < LoadEnd);

    private static ulong Linked(ulong address) => address < ImageStart ? address + ImageStart : address;

    /// <summary>The immediate operand as the instruction uses it; 0 without one.</summary>
    private static ulong Immediate(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) is OpKind.Immediate32 or OpKind.Immediate64 or OpKind.Immediate32to64)
                return instruction.GetImmediate(i);
        }

        return 0;
    }
}
