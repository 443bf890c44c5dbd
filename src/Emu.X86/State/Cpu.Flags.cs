using System.Numerics;
using System.Runtime.CompilerServices;

namespace Emu.X86.State;

/// <content>
/// Lazy status flags in two words. Arithmetic stores its sign-extended result and the vector of carries; any flag is then a shift or an XOR,
/// without asking which operation set it.
/// </content>
public unsafe partial struct Cpu
{
    private const ulong AfBit = 1 << 3;
    private const ulong SfDelta = 1 << 4;
    private const int CarryBit = 63;

    /// <summary>CF.</summary>
    public readonly bool Cf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)FlagAux < 0;
    }

    /// <summary>ZF.</summary>
    public readonly bool Zf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => FlagResult == 0;
    }

    /// <summary>SF.</summary>
    public readonly bool Sf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((FlagResult >> 63) ^ ((FlagAux >> 4) & 1)) != 0;
    }

    /// <summary>OF.</summary>
    public readonly bool Of
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)(FlagAux ^ (FlagAux << 1)) < 0;
    }

    /// <summary>SF != OF: "less".</summary>
    public readonly bool Less
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (((FlagResult ^ FlagAux ^ (FlagAux << 1)) >> 63) ^ ((FlagAux >> 4) & 1)) != 0;
    }

    /// <summary>PF.</summary>
    public readonly bool Pf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (BitOperations.PopCount((byte)(FlagResult ^ (FlagAux >> 8))) & 1) == 0;
    }

    /// <summary>AF.</summary>
    public readonly bool Af
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (FlagAux & AfBit) != 0;
    }

    /// <summary>CF as 0 or 1.</summary>
    public readonly ulong CarryIn
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => FlagAux >> CarryBit;
    }

    /// <summary>RFLAGS with its status bits up to date.</summary>
    public readonly ulong RflagsValue
    {
        get
        {
            ulong status = (Cf ? Rflags.Cf : 0) | (Pf ? Rflags.Pf : 0) | (Af ? Rflags.Af : 0) | (Zf ? Rflags.Zf : 0) | (Sf ? Rflags.Sf : 0)
                | (Of ? Rflags.Of : 0);
            return (State.Rflags & ~Rflags.Status) | status | Rflags.Fixed;
        }
    }

    /// <summary>Flags of <c>left + right (+ carry)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetAdd<T>(ulong left, ulong right, ulong sum)
        where T : unmanaged
    {
        FlagResult = Width.SignExtend<T>(sum);
        FlagAux = Carries<T>((left & right) | ((left | right) & ~sum));
    }

    /// <summary>Flags of <c>left - right (- borrow)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetSub<T>(ulong left, ulong right, ulong difference)
        where T : unmanaged
    {
        FlagResult = Width.SignExtend<T>(difference);
        FlagAux = Carries<T>((~left & right) | ((~left | right) & difference));
    }

    /// <summary>Flags of AND, OR, XOR, TEST: CF and OF clear; AF, undefined on paper, clear.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetLogic<T>(ulong result)
        where T : unmanaged
    {
        FlagResult = Width.SignExtend<T>(result);
        FlagAux = 0;
    }

    /// <summary>Flags of INC and DEC: like <see cref="SetAdd"/> or <see cref="SetSub"/> but CF stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void KeepCarry(bool carry)
    {
        ulong overflow = (FlagAux ^ (FlagAux << 1)) >> CarryBit;
        ulong cf = carry ? 1UL : 0;
        FlagAux = (FlagAux & AfBit) | (cf << CarryBit) | ((cf ^ overflow) << (CarryBit - 1));
    }

    /// <summary>ZF, SF, PF from a result; CF, OF, AF as given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetResult<T>(ulong result, bool cf, bool of, bool af)
        where T : unmanaged
    {
        ulong carry = cf ? 1UL : 0;
        FlagResult = Width.SignExtend<T>(result);
        FlagAux = (carry << CarryBit) | ((carry ^ (of ? 1UL : 0)) << (CarryBit - 1)) | (af ? AfBit : 0);
    }

    /// <summary>ZF, SF, PF from a result; CF as bit 0 of <paramref name="carry"/>, OF as that XOR bit 0 of <paramref name="carryIn"/>; AF clear.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetShifted<T>(ulong result, ulong carry, ulong carryIn)
        where T : unmanaged
    {
        FlagResult = Width.SignExtend<T>(result);
        FlagAux = CarryPair(carry, carryIn);
    }

    /// <summary>Changes only CF and OF, from bits as for <see cref="SetShifted"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetRotated(ulong carry, ulong carryIn) => FlagAux = (FlagAux & ~(3UL << (CarryBit - 1))) | CarryPair(carry, carryIn);

    /// <summary>All six status flags from a value in RFLAGS layout.</summary>
    public void SetStatus(ulong rflags)
    {
        ulong cf = rflags & Rflags.Cf;
        ulong of = (rflags & Rflags.Of) != 0 ? 1UL : 0;
        bool zf = (rflags & Rflags.Zf) != 0;
        FlagResult = zf ? 0UL : 1;
        bool parityOfResult = zf; // 0 has even parity, 1 has odd
        ulong parityDelta = ((rflags & Rflags.Pf) != 0) != parityOfResult ? 1UL << 8 : 0;
        FlagAux = (cf << CarryBit) | ((cf ^ of) << (CarryBit - 1)) | ((rflags & Rflags.Af) != 0 ? AfBit : 0)
            | ((rflags & Rflags.Sf) != 0 ? SfDelta : 0) | parityDelta;
    }

    /// <summary>Changes only CF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetCarry(bool carry)
    {
        ulong overflow = (FlagAux ^ (FlagAux << 1)) >> CarryBit;
        ulong cf = carry ? 1UL : 0;
        FlagAux = (FlagAux & ~(3UL << (CarryBit - 1))) | (cf << CarryBit) | ((cf ^ overflow) << (CarryBit - 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong CarryPair(ulong carry, ulong carryIn) => (carry << CarryBit) | ((carryIn & 1) << (CarryBit - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Carries<T>(ulong carries)
        where T : unmanaged
        => sizeof(T) == 8 ? carries & ((3UL << (CarryBit - 1)) | AfBit) : ((carries << (64 - (8 * sizeof(T)))) & (3UL << (CarryBit - 1))) | (carries & AfBit);
}
