using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.X87;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM. SDM 2B, 4.1.</summary>
internal static unsafe class StringCompare
{
    /// <summary>
    /// <typeparamref name="TExplicit"/>: 0 lengths end at a zero element, 1 they are in EAX and EDX, 2 in RAX and RDX. <typeparamref name="TMask"/>: 1 result in XMM0, 0 in ECX.
    /// </summary>
    internal static Op* Register<TExplicit, TMask>(Cpu* cpu, Op* op)
        where TExplicit : struct, IConstant
        where TMask : struct, IConstant
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        Run(cpu, op, Cpu.At(cpu, op->Src), TExplicit.Value, TMask.Value != 0);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Memory<TExplicit, TMask>(Cpu* cpu, Op* op)
        where TExplicit : struct, IConstant
        where TMask : struct, IConstant
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<Vector128<byte>>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Run(cpu, op, source, TExplicit.Value, TMask.Value != 0);
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run(Cpu* cpu, Op* op, byte* source, int lengths, bool mask)
    {
        int control = (int)op->Imm;
        bool words = (control & 1) != 0;
        int count = words ? 8 : 16;
        byte* first = Cpu.At(cpu, op->Dst);
        int firstLength = lengths == 0 ? ImplicitLength(first, words, count) : ExplicitLength(*cpu->Gpr(GeneralRegister.Rax), lengths == 2, count);
        int secondLength = lengths == 0 ? ImplicitLength(source, words, count) : ExplicitLength(*cpu->Gpr(GeneralRegister.Rdx), lengths == 2, count);
        int result = Aggregate(first, source, firstLength, secondLength, control, count);
        int all = (1 << count) - 1;
        result = (control >> 4 & 3) switch
        {
            1 => result ^ all,
            3 => result ^ ((1 << secondLength) - 1),
            _ => result,
        };
        cpu->SetStatus((result != 0 ? Rflags.Cf : 0) | (secondLength < count ? Rflags.Zf : 0) | (firstLength < count ? Rflags.Sf : 0) | ((result & 1) != 0 ? Rflags.Of : 0));
        bool upper = (control & 0x40) != 0;
        if (mask)
            SseOperand.Set(cpu, (ushort)((byte*)cpu->State.Xmm - (byte*)cpu), upper ? Expand(result, words) : Vector128.CreateScalar((ulong)result).AsByte());
        else
            *cpu->Gpr(GeneralRegister.Rcx) = (ulong)(result == 0 ? count : upper ? int.Log2(result) : int.TrailingZeroCount(result));
    }

    private static int Aggregate(byte* first, byte* second, int firstLength, int secondLength, int control, int count)
    {
        int result = 0;
        for (int j = 0; j < count; j++)
        {
            bool holds = (control >> 2 & 3) switch
            {
                0 => IsAny(first, firstLength, second, j, secondLength, control),
                1 => IsInRange(first, firstLength, second, j, secondLength, control),
                2 => IsEqual(first, firstLength, second, j, secondLength, control),
                _ => BeginsAt(first, firstLength, second, j, secondLength, control, count),
            };
            result |= holds ? 1 << j : 0;
        }

        return result;
    }

    private static bool IsAny(byte* first, int firstLength, byte* second, int j, int secondLength, int control)
    {
        for (int i = 0; i < firstLength && j < secondLength; i++)
        {
            if (Element(first, i, control) == Element(second, j, control))
                return true;
        }

        return false;
    }

    private static bool IsInRange(byte* first, int firstLength, byte* second, int j, int secondLength, int control)
    {
        for (int i = 0; i + 1 < firstLength && j < secondLength; i += 2)
        {
            int value = Element(second, j, control);
            if (value >= Element(first, i, control) && value <= Element(first, i + 1, control))
                return true;
        }

        return false;
    }

    // Two missing elements are equal, one is not.
    private static bool IsEqual(byte* first, int firstLength, byte* second, int j, int secondLength, int control)
    {
        bool left = j < firstLength, right = j < secondLength;
        return left && right ? Element(first, j, control) == Element(second, j, control) : left == right;
    }

    // Elements past the end of the first string match anything.
    private static bool BeginsAt(byte* first, int firstLength, byte* second, int j, int secondLength, int control, int count)
    {
        for (int i = 0; i < firstLength && i + j < count; i++)
        {
            if (i + j >= secondLength || Element(first, i, control) != Element(second, i + j, control))
                return false;
        }

        return true;
    }

    private static int Element(byte* data, int index, int control) => (control & 3) switch
    {
        0 => data[index],
        1 => ((ushort*)data)[index],
        2 => ((sbyte*)data)[index],
        _ => ((short*)data)[index],
    };

    private static int ImplicitLength(byte* data, bool words, int count)
    {
        int length = 0;
        while (length < count && (words ? ((ushort*)data)[length] : data[length]) != 0)
            length++;
        return length;
    }

    private static int ExplicitLength(ulong register, bool wide, int count)
    {
        long value = wide ? (long)register : (int)register;
        ulong magnitude = value < 0 ? 0 - (ulong)value : (ulong)value;
        return (int)Math.Min(magnitude, (ulong)count);
    }

    private static Vector128<byte> Expand(int bits, bool words)
    {
        Vector128<byte> result = default;
        for (int i = 0; i < 16; i++)
            result = result.WithElement(i, (bits >> (words ? i / 2 : i) & 1) != 0 ? (byte)0xFF : (byte)0);
        return result;
    }
}
