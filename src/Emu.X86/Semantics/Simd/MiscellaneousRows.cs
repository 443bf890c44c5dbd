using Emu.X86.Interpreter;
using Emu.X86.Semantics.X87;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Rows of MMX moves, element access, strings, bit counts and hints.</summary>
internal static unsafe class MiscellaneousRows
{
    private const Access Aligned = Access.Read | Access.Aligned;

    internal static void Add(RowBuilder rows)
    {
        MmxRows(rows);
        ElementRows(rows);
        Implicit(rows);
        Strings(rows);
        Counts(rows);
        HintRows(rows);
    }

    private static void MmxRows(RowBuilder rows)
    {
        rows.Add("Movd_mm_rm32", &MmxMoves.Register<Width.Doubleword>, &MmxMoves.Load<Width.Doubleword>, Access.Read);
        rows.Add("Movq_mm_rm64", &MmxMoves.Register<Width.Quadword>, &MmxMoves.Load<Width.Quadword>, Access.Read);
        rows.Add("Movd_rm32_mm", &MmxMoves.ToGeneral<Width.Doubleword>, &MmxMoves.Store<Width.Doubleword>, Access.Write);
        rows.Add("Movq_rm64_mm", &MmxMoves.ToGeneral<Width.Quadword>, &MmxMoves.Store<Width.Quadword>, Access.Write);
        rows.Add("Movq_mm_mmm64", &MmxMoves.Register<Width.Quadword>, &MmxMoves.Load<Width.Quadword>, Access.Read);
        rows.Add("Movq_mmm64_mm", &MmxMoves.Register<Width.Quadword>, &MmxMoves.Store<Width.Quadword>, Access.Write);
        rows.Add("Movntq_m64_mm", null, &MmxMoves.Store<Width.Quadword>, Access.Write);
        rows.Add("Movq2dq_xmm_mm", &MmxMoves.ToXmm);
        rows.Add("Movdq2q_mm_xmm", &MmxMoves.FromXmm);
        foreach (string width in (string[])["r32", "r64"])
        {
            rows.Add($"Pmovmskb_{width}_mm", &MmxMoves.SignMask);
            rows.Add($"Pextrw_{width}_mm_imm8", &MmxMoves.ExtractWord);
            rows.Add($"Pinsrw_mm_{width}m16_imm8", &MmxMoves.InsertWord, &MmxMoves.InsertWordFromMemory, Access.Read);
        }

        rows.Add("Maskmovq_rDI_mm_mm", &MaskedMove.Mmx, &MaskedMove.Mmx, Access.None, RowTraits.String);
        rows.Add("Maskmovdqu_rDI_xmm_xmm", &MaskedMove.Xmm, &MaskedMove.Xmm, Access.None, RowTraits.String);
    }

    private static void ElementRows(RowBuilder rows)
    {
        foreach (string width in (string[])["r32", "r64"])
        {
            rows.Add($"Pextrb_{width}m8_xmm_imm8", &SseElements.Extract<Width.Byte>, &SseElements.ExtractToMemory<Width.Byte>, Access.Write);
            rows.Add($"Pextrw_{width}m16_xmm_imm8", &SseElements.Extract<Width.Word>, &SseElements.ExtractToMemory<Width.Word>, Access.Write);
            rows.Add($"Pextrw_{width}_xmm_imm8", &SseElements.Extract<Width.Word>);
            rows.Add($"Pinsrb_xmm_{width}m8_imm8", &SseElements.Insert<Width.Byte>, &SseElements.InsertFromMemory<Width.Byte>, Access.Read);
            rows.Add($"Pinsrw_xmm_{width}m16_imm8", &SseElements.Insert<Width.Word>, &SseElements.InsertFromMemory<Width.Word>, Access.Read);
        }

        rows.Add("Pextrd_rm32_xmm_imm8", &SseElements.Extract<Width.Doubleword>, &SseElements.ExtractToMemory<Width.Doubleword>, Access.Write);
        rows.Add("Pextrq_rm64_xmm_imm8", &SseElements.Extract<Width.Quadword>, &SseElements.ExtractToMemory<Width.Quadword>, Access.Write);
        rows.Add("Extractps_rm32_xmm_imm8", &SseElements.Extract<Width.Doubleword>, &SseElements.ExtractToMemory<Width.Doubleword>, Access.Write);
        rows.Add("Extractps_r64m32_xmm_imm8", &SseElements.Extract<Width.Doubleword>, &SseElements.ExtractToMemory<Width.Doubleword>, Access.Write);
        rows.Add("Pinsrd_xmm_rm32_imm8", &SseElements.Insert<Width.Doubleword>, &SseElements.InsertFromMemory<Width.Doubleword>, Access.Read);
        rows.Add("Pinsrq_xmm_rm64_imm8", &SseElements.Insert<Width.Quadword>, &SseElements.InsertFromMemory<Width.Quadword>, Access.Read);
        rows.Add("Insertps_xmm_xmmm32_imm8", &SseElements.InsertSingle, &SseElements.InsertSingleFromMemory, Access.Read);
    }

    private static void Implicit(RowBuilder rows)
    {
        rows.Add("Pblendvb_xmm_xmmm128", &SseImplicit.Blend<sbyte>, &SseImplicit.BlendMemory<sbyte>, Aligned);
        rows.Add("Blendvps_xmm_xmmm128", &SseImplicit.Blend<int>, &SseImplicit.BlendMemory<int>, Aligned);
        rows.Add("Blendvpd_xmm_xmmm128", &SseImplicit.Blend<long>, &SseImplicit.BlendMemory<long>, Aligned);
        rows.Add("Ptest_xmm_xmmm128", &SseImplicit.Test, &SseImplicit.TestMemory, Aligned);
        rows.Add("Mpsadbw_xmm_xmmm128_imm8", &Packed.RegisterImmediate<PackedMiscellaneous.MultipleSums>, &Packed.MemoryImmediate<PackedMiscellaneous.MultipleSums>, Aligned);
        rows.Add("Phminposuw_xmm_xmmm128", &Packed.Register<PackedMiscellaneous.HorizontalMinimum>, &Packed.Memory<PackedMiscellaneous.HorizontalMinimum>, Aligned);
    }

    private static void Strings(RowBuilder rows)
    {
        Compare<Constants.Zero>(rows, "Pcmpistri_xmm_xmmm128_imm8", "Pcmpistrm_xmm_xmmm128_imm8");
        Compare<Constants.One>(rows, "Pcmpestri_xmm_xmmm128_imm8", "Pcmpestrm_xmm_xmmm128_imm8");
        Compare<Constants.Two>(rows, "Pcmpestri64_xmm_xmmm128_imm8", "Pcmpestrm64_xmm_xmmm128_imm8");
    }

    private static void Compare<TExplicit>(RowBuilder rows, string index, string mask)
        where TExplicit : struct, IConstant
    {
        rows.Add(index, &StringCompare.Register<TExplicit, Constants.Zero>, &StringCompare.Memory<TExplicit, Constants.Zero>, Access.Read);
        rows.Add(mask, &StringCompare.Register<TExplicit, Constants.One>, &StringCompare.Memory<TExplicit, Constants.One>, Access.Read);
    }

    private static void Counts(RowBuilder rows)
    {
        rows.Add("Popcnt_r16_rm16", &BitCounts.PopulationCount<Width.Word>, &BitCounts.PopulationCountMemory<Width.Word>, Access.Read);
        rows.Add("Popcnt_r32_rm32", &BitCounts.PopulationCount<Width.Doubleword>, &BitCounts.PopulationCountMemory<Width.Doubleword>, Access.Read);
        rows.Add("Popcnt_r64_rm64", &BitCounts.PopulationCount<Width.Quadword>, &BitCounts.PopulationCountMemory<Width.Quadword>, Access.Read);
        foreach (string code in (string[])["Crc32_r32_rm8", "Crc32_r64_rm8"])
            rows.Add(code, &BitCounts.Crc32<Width.Byte>, &BitCounts.Crc32Memory<Width.Byte>, Access.Read);
        rows.Add("Crc32_r32_rm16", &BitCounts.Crc32<Width.Word>, &BitCounts.Crc32Memory<Width.Word>, Access.Read);
        rows.Add("Crc32_r32_rm32", &BitCounts.Crc32<Width.Doubleword>, &BitCounts.Crc32Memory<Width.Doubleword>, Access.Read);
        rows.Add("Crc32_r64_rm64", &BitCounts.Crc32<Width.Quadword>, &BitCounts.Crc32Memory<Width.Quadword>, Access.Read);
    }

    private static void HintRows(RowBuilder rows)
    {
        foreach (string name in (string[])["nta", "t0", "t1", "t2", "", "w"])
            rows.Add($"Prefetch{name}_m8", null, &Hints.Nothing, Access.None, RowTraits.AddressOnly);
        rows.Add("Prefetchwt1_m8", null, &Hints.Nothing, Access.None, RowTraits.AddressOnly);
        for (int i = 3; i < 8; i++)
            rows.Add($"Prefetchreserved{i}_m8", null, &Hints.Nothing, Access.None, RowTraits.AddressOnly);
        ReservedNopRows(rows);
        rows.Add("Clflush_m8", null, &Hints.Flush, Access.Read);
        Fence(rows, "Lfence", 0xE8);
        Fence(rows, "Mfence", 0xF0);
        Fence(rows, "Sfence", 0xF8);
    }

    /// <summary>
    /// 0FH 0DH and 0FH 18H to 1FH are hints: whatever they came to mean later does nothing on a processor that does not have it (SDM 2B, NOP and RDSSP). Programs
    /// built for CET run RDSSP unasked and take an unchanged register for the answer "no shadow stack".
    /// </summary>
    private static void ReservedNopRows(RowBuilder rows)
    {
        foreach (string opcode in (string[])["0F0D", "0F18", "0F19", "0F1A", "0F1B", "0F1C", "0F1D", "0F1E", "0F1F"])
        {
            foreach (string width in (string[])["16", "32", "64"])
                rows.Add($"Reservednop_rm{width}_r{width}_{opcode}", &Hints.Nothing, &Hints.Nothing, Access.None, RowTraits.AddressOnly);
        }

        rows.Add("Rdsspd_r32", &Hints.Nothing);
        rows.Add("Rdsspq_r64", &Hints.Nothing);
        foreach (string hint in (string[])["Cldemote_m8", "Prefetchit0_m8", "Prefetchit1_m8"])
            rows.Add(hint, null, &Hints.Nothing, Access.None, RowTraits.AddressOnly);
    }

    /// <summary>The reserved bits of the ModRM byte do not matter.</summary>
    private static void Fence(RowBuilder rows, string name, int first)
    {
        rows.Add(name, &Hints.Nothing);
        for (int i = 1; i < 8; i++)
            rows.Add($"{name}_{first + i:X2}", &Hints.Nothing);
    }
}
