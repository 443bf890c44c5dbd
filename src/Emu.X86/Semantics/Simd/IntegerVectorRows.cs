using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Rows of packed integer, logic and shuffle instructions: MMX, SSE2, SSSE3, SSE4.</summary>
internal static unsafe class IntegerVectorRows
{
    private const Access Aligned = Access.Read | Access.Aligned;

    internal static void Add(RowBuilder rows)
    {
        Elementwise(rows);
        Multiplications(rows);
        Shifts(rows);
        Interleaves(rows);
        Shuffles(rows);
        Extensions(rows);
    }

    private static void Elementwise(RowBuilder rows)
    {
        Both<PackedArithmetic.Add<byte>>(rows, "Paddb");
        Both<PackedArithmetic.Add<ushort>>(rows, "Paddw");
        Both<PackedArithmetic.Add<uint>>(rows, "Paddd");
        Both<PackedArithmetic.Add<ulong>>(rows, "Paddq");
        Both<PackedArithmetic.Subtract<byte>>(rows, "Psubb");
        Both<PackedArithmetic.Subtract<ushort>>(rows, "Psubw");
        Both<PackedArithmetic.Subtract<uint>>(rows, "Psubd");
        Both<PackedArithmetic.Subtract<ulong>>(rows, "Psubq");
        Both<PackedArithmetic.AddSaturate<sbyte>>(rows, "Paddsb");
        Both<PackedArithmetic.AddSaturate<short>>(rows, "Paddsw");
        Both<PackedArithmetic.AddSaturate<byte>>(rows, "Paddusb");
        Both<PackedArithmetic.AddSaturate<ushort>>(rows, "Paddusw");
        Both<PackedArithmetic.SubtractSaturate<sbyte>>(rows, "Psubsb");
        Both<PackedArithmetic.SubtractSaturate<short>>(rows, "Psubsw");
        Both<PackedArithmetic.SubtractSaturate<byte>>(rows, "Psubusb");
        Both<PackedArithmetic.SubtractSaturate<ushort>>(rows, "Psubusw");
        Both<PackedArithmetic.Equal<byte>>(rows, "Pcmpeqb");
        Both<PackedArithmetic.Equal<ushort>>(rows, "Pcmpeqw");
        Both<PackedArithmetic.Equal<uint>>(rows, "Pcmpeqd");
        Xmm<PackedArithmetic.Equal<ulong>>(rows, "Pcmpeqq");
        Both<PackedArithmetic.Greater<sbyte>>(rows, "Pcmpgtb");
        Both<PackedArithmetic.Greater<short>>(rows, "Pcmpgtw");
        Both<PackedArithmetic.Greater<int>>(rows, "Pcmpgtd");
        Xmm<PackedArithmetic.Greater<long>>(rows, "Pcmpgtq");
        Both<PackedArithmetic.Minimum<byte>>(rows, "Pminub");
        Both<PackedArithmetic.Minimum<short>>(rows, "Pminsw");
        Xmm<PackedArithmetic.Minimum<sbyte>>(rows, "Pminsb");
        Xmm<PackedArithmetic.Minimum<int>>(rows, "Pminsd");
        Xmm<PackedArithmetic.Minimum<ushort>>(rows, "Pminuw");
        Xmm<PackedArithmetic.Minimum<uint>>(rows, "Pminud");
        Both<PackedArithmetic.Maximum<byte>>(rows, "Pmaxub");
        Both<PackedArithmetic.Maximum<short>>(rows, "Pmaxsw");
        Xmm<PackedArithmetic.Maximum<sbyte>>(rows, "Pmaxsb");
        Xmm<PackedArithmetic.Maximum<int>>(rows, "Pmaxsd");
        Xmm<PackedArithmetic.Maximum<ushort>>(rows, "Pmaxuw");
        Xmm<PackedArithmetic.Maximum<uint>>(rows, "Pmaxud");
        Both<PackedArithmetic.Average<byte>>(rows, "Pavgb");
        Both<PackedArithmetic.Average<ushort>>(rows, "Pavgw");
        Both<PackedArithmetic.Sign<sbyte>>(rows, "Psignb");
        Both<PackedArithmetic.Sign<short>>(rows, "Psignw");
        Both<PackedArithmetic.Sign<int>>(rows, "Psignd");
        Both<PackedArithmetic.Absolute<sbyte>>(rows, "Pabsb");
        Both<PackedArithmetic.Absolute<short>>(rows, "Pabsw");
        Both<PackedArithmetic.Absolute<int>>(rows, "Pabsd");
        Logic(rows);
    }

    private static void Logic(RowBuilder rows)
    {
        Both<PackedArithmetic.And>(rows, "Pand");
        Both<PackedArithmetic.AndNot>(rows, "Pandn");
        Both<PackedArithmetic.Or>(rows, "Por");
        Both<PackedArithmetic.Xor>(rows, "Pxor");
        foreach (string type in (string[])["ps", "pd"])
        {
            Xmm<PackedArithmetic.And>(rows, $"And{type}");
            Xmm<PackedArithmetic.AndNot>(rows, $"Andn{type}");
            Xmm<PackedArithmetic.Or>(rows, $"Or{type}");
            Xmm<PackedArithmetic.Xor>(rows, $"Xor{type}");
        }
    }

    private static void Multiplications(RowBuilder rows)
    {
        Both<PackedMultiply.Low<short>>(rows, "Pmullw");
        Xmm<PackedMultiply.Low<int>>(rows, "Pmulld");
        Both<PackedMultiply.HighSigned>(rows, "Pmulhw");
        Both<PackedMultiply.HighUnsigned>(rows, "Pmulhuw");
        Both<PackedMultiply.HighRounded>(rows, "Pmulhrsw");
        Both<PackedMultiply.AddPairs>(rows, "Pmaddwd");
        Both<PackedMultiply.AddBytePairs>(rows, "Pmaddubsw");
        Both<PackedMultiply.EvenUnsigned>(rows, "Pmuludq");
        Xmm<PackedMultiply.EvenSigned>(rows, "Pmuldq");
        Both<PackedMultiply.SumOfDifferences>(rows, "Psadbw");
    }

    private static void Shifts(RowBuilder rows)
    {
        Shift<PackedShift.Left<ushort>>(rows, "Psllw");
        Shift<PackedShift.Left<uint>>(rows, "Pslld");
        Shift<PackedShift.Left<ulong>>(rows, "Psllq");
        Shift<PackedShift.Right<ushort>>(rows, "Psrlw");
        Shift<PackedShift.Right<uint>>(rows, "Psrld");
        Shift<PackedShift.Right<ulong>>(rows, "Psrlq");
        Shift<PackedShift.RightArithmetic<short>>(rows, "Psraw");
        Shift<PackedShift.RightArithmetic<int>>(rows, "Psrad");
        rows.Add("Pslldq_xmm_imm8", &Packed.Count<PackedShift.LeftBytes>);
        rows.Add("Psrldq_xmm_imm8", &Packed.Count<PackedShift.RightBytes>);
        XmmImmediate<PackedShift.Align>(rows, "Palignr");
        MmxImmediate<PackedShift.AlignMmx>(rows, "Palignr");
    }

    private static void Interleaves(RowBuilder rows)
    {
        Interleave<PackedShuffle.InterleaveLowBytes>(rows, "bw");
        Interleave<PackedShuffle.InterleaveLowWords>(rows, "wd");
        Interleave<PackedShuffle.InterleaveLowDoublewords>(rows, "dq");
        Xmm<PackedShuffle.InterleaveLowQuadwords>(rows, "Punpcklqdq");
        Xmm<PackedShuffle.High<PackedShuffle.InterleaveLowQuadwords>>(rows, "Punpckhqdq");
        Xmm<PackedShuffle.InterleaveLowDoublewords>(rows, "Unpcklps");
        Xmm<PackedShuffle.High<PackedShuffle.InterleaveLowDoublewords>>(rows, "Unpckhps");
        Xmm<PackedShuffle.InterleaveLowQuadwords>(rows, "Unpcklpd");
        Xmm<PackedShuffle.High<PackedShuffle.InterleaveLowQuadwords>>(rows, "Unpckhpd");
        Halves<PackedShuffle.PackSignedWords>(rows, "Packsswb");
        Halves<PackedShuffle.PackSignedDoublewords>(rows, "Packssdw");
        Halves<PackedShuffle.PackUnsignedWords>(rows, "Packuswb");
        Xmm<PackedShuffle.PackUnsignedDoublewords>(rows, "Packusdw");
        Halves<PackedShuffle.HorizontalWords<PackedArithmetic.Add<short>>>(rows, "Phaddw");
        Halves<PackedShuffle.HorizontalWords<PackedArithmetic.Subtract<short>>>(rows, "Phsubw");
        Halves<PackedShuffle.HorizontalWords<PackedArithmetic.AddSaturate<short>>>(rows, "Phaddsw");
        Halves<PackedShuffle.HorizontalWords<PackedArithmetic.SubtractSaturate<short>>>(rows, "Phsubsw");
        Halves<PackedShuffle.HorizontalDoublewords<PackedArithmetic.Add<int>>>(rows, "Phaddd");
        Halves<PackedShuffle.HorizontalDoublewords<PackedArithmetic.Subtract<int>>>(rows, "Phsubd");
    }

    private static void Shuffles(RowBuilder rows)
    {
        Xmm<PackedShuffle.ShuffleBytes>(rows, "Pshufb");
        Mmx<PackedShuffle.ShuffleBytesMmx>(rows, "Pshufb");
        XmmImmediate<PackedShuffle.ShuffleDoublewords>(rows, "Pshufd");
        XmmImmediate<PackedShuffle.ShuffleLowWords>(rows, "Pshuflw");
        MmxImmediate<PackedShuffle.ShuffleLowWords>(rows, "Pshufw");
        XmmImmediate<PackedShuffle.ShuffleHighWords>(rows, "Pshufhw");
        XmmImmediate<PackedShuffle.ShuffleSingles>(rows, "Shufps");
        XmmImmediate<PackedShuffle.ShuffleDoubles>(rows, "Shufpd");
        XmmImmediate<PackedShuffle.Blend<ushort>>(rows, "Pblendw");
        XmmImmediate<PackedShuffle.Blend<uint>>(rows, "Blendps");
        XmmImmediate<PackedShuffle.Blend<ulong>>(rows, "Blendpd");
        Xmm<PackedShuffle.DuplicateEven>(rows, "Movsldup");
        Xmm<PackedShuffle.DuplicateOdd>(rows, "Movshdup");
        Narrow<PackedShuffle.DuplicateLow, ulong>(rows, "Movddup_xmm_xmmm64");
    }

    private static void Extensions(RowBuilder rows)
    {
        Narrow<PackedExtend.SignedBytesToWords, Width.Quadword>(rows, "Pmovsxbw_xmm_xmmm64");
        Narrow<PackedExtend.Twice<PackedExtend.SignedBytesToWords, PackedExtend.SignedWordsToDoublewords>, Width.Doubleword>(rows, "Pmovsxbd_xmm_xmmm32");
        Narrow<PackedExtend.Twice<PackedExtend.Twice<PackedExtend.SignedBytesToWords, PackedExtend.SignedWordsToDoublewords>, PackedExtend.SignedDoublewordsToQuadwords>, Width.Word>(
            rows, "Pmovsxbq_xmm_xmmm16");
        Narrow<PackedExtend.SignedWordsToDoublewords, Width.Quadword>(rows, "Pmovsxwd_xmm_xmmm64");
        Narrow<PackedExtend.Twice<PackedExtend.SignedWordsToDoublewords, PackedExtend.SignedDoublewordsToQuadwords>, Width.Doubleword>(rows, "Pmovsxwq_xmm_xmmm32");
        Narrow<PackedExtend.SignedDoublewordsToQuadwords, Width.Quadword>(rows, "Pmovsxdq_xmm_xmmm64");
        Narrow<PackedExtend.BytesToWords, Width.Quadword>(rows, "Pmovzxbw_xmm_xmmm64");
        Narrow<PackedExtend.Twice<PackedExtend.BytesToWords, PackedExtend.WordsToDoublewords>, Width.Doubleword>(rows, "Pmovzxbd_xmm_xmmm32");
        Narrow<PackedExtend.Twice<PackedExtend.Twice<PackedExtend.BytesToWords, PackedExtend.WordsToDoublewords>, PackedExtend.DoublewordsToQuadwords>, Width.Word>(
            rows, "Pmovzxbq_xmm_xmmm16");
        Narrow<PackedExtend.WordsToDoublewords, Width.Quadword>(rows, "Pmovzxwd_xmm_xmmm64");
        Narrow<PackedExtend.Twice<PackedExtend.WordsToDoublewords, PackedExtend.DoublewordsToQuadwords>, Width.Doubleword>(rows, "Pmovzxwq_xmm_xmmm32");
        Narrow<PackedExtend.DoublewordsToQuadwords, Width.Quadword>(rows, "Pmovzxdq_xmm_xmmm64");
    }

    private static void Xmm<TOp>(RowBuilder rows, string name)
        where TOp : struct, IVectorOp
        => rows.Add($"{name}_xmm_xmmm128", &Packed.Register<TOp>, &Packed.Memory<TOp>, Aligned);

    private static void Mmx<TOp>(RowBuilder rows, string name)
        where TOp : struct, IVectorOp
        => rows.Add($"{name}_mm_mmm64", &MmxPacked.Register<TOp>, &MmxPacked.Memory<TOp, Width.Quadword>, Access.Read);

    private static void Both<TOp>(RowBuilder rows, string name)
        where TOp : struct, IVectorOp
    {
        Xmm<TOp>(rows, name);
        Mmx<TOp>(rows, name);
    }

    /// <summary>Each half of the result comes from one operand.</summary>
    private static void Halves<TOp>(RowBuilder rows, string name)
        where TOp : struct, IVectorOp
    {
        Xmm<TOp>(rows, name);
        Mmx<PackedShuffle.Joined<TOp>>(rows, name);
    }

    private static void Shift<TOp>(RowBuilder rows, string name)
        where TOp : struct, IVectorOp
    {
        Both<TOp>(rows, name);
        rows.Add($"{name}_xmm_imm8", &Packed.Count<TOp>);
        rows.Add($"{name}_mm_imm8", &MmxPacked.Count<TOp>);
    }

    private static void Interleave<TLow>(RowBuilder rows, string elements)
        where TLow : struct, IVectorOp
    {
        Xmm<TLow>(rows, $"Punpckl{elements}");
        Xmm<PackedShuffle.High<TLow>>(rows, $"Punpckh{elements}");
        rows.Add($"Punpckl{elements}_mm_mmm32", &MmxPacked.Register<TLow>, &MmxPacked.Memory<TLow, Width.Doubleword>, Access.Read);
        Mmx<PackedShuffle.HighMmx<TLow>>(rows, $"Punpckh{elements}");
    }

    /// <summary>The memory operand is narrower than the register and may lie anywhere.</summary>
    private static void Narrow<TOp, T>(RowBuilder rows, string code)
        where TOp : struct, IVectorOp
        where T : unmanaged
        => rows.Add(code, &Packed.Register<TOp>, &Packed.Memory<TOp, T>, Access.Read);

    private static void XmmImmediate<TOp>(RowBuilder rows, string name)
        where TOp : struct, IVectorImmediateOp
        => rows.Add($"{name}_xmm_xmmm128_imm8", &Packed.RegisterImmediate<TOp>, &Packed.MemoryImmediate<TOp>, Aligned);

    private static void MmxImmediate<TOp>(RowBuilder rows, string name)
        where TOp : struct, IVectorImmediateOp
        => rows.Add($"{name}_mm_mmm64_imm8", &MmxPacked.RegisterImmediate<TOp>, &MmxPacked.MemoryImmediate<TOp>, Access.Read);
}
