using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Rows of SSE moves.</summary>
internal static unsafe class MoveRows
{
    internal static void Add(RowBuilder rows)
    {
        foreach (string name in (string[])["Movaps", "Movapd", "Movdqa"])
        {
            rows.Add($"{name}_xmm_xmmm128", &SseMoves.Register, &SseMoves.LoadAligned, Access.Read | Access.Aligned);
            rows.Add($"{name}_xmmm128_xmm", &SseMoves.Register, &SseMoves.StoreAligned, Access.Write | Access.Aligned);
        }

        foreach (string name in (string[])["Movups", "Movupd", "Movdqu"])
        {
            rows.Add($"{name}_xmm_xmmm128", &SseMoves.Register, &SseMoves.Load<Vector128<byte>>, Access.Read);
            rows.Add($"{name}_xmmm128_xmm", &SseMoves.Register, &SseMoves.Store<Vector128<byte>>, Access.Write);
        }

        rows.Add("Lddqu_xmm_m128", null, &SseMoves.Load<Vector128<byte>>, Access.Read);
        rows.Add("Movntdqa_xmm_m128", null, &SseMoves.LoadAligned, Access.Read | Access.Aligned);
        foreach (string name in (string[])["Movntps", "Movntpd", "Movntdq"])
            rows.Add($"{name}_m128_xmm", null, &SseMoves.StoreAligned, Access.Write | Access.Aligned);
        rows.Add("Movnti_m32_r32", null, &SseMoves.StoreGeneral<Width.Doubleword>, Access.Write);
        rows.Add("Movnti_m64_r64", null, &SseMoves.StoreGeneral<Width.Quadword>, Access.Write);
        Scalars(rows);
        Halves(rows);
        Masks(rows);
    }

    private static void Scalars(RowBuilder rows)
    {
        rows.Add("Movss_xmm_xmmm32", &SseMoves.Merge<Width.Doubleword>, &SseMoves.Load<Width.Doubleword>, Access.Read);
        rows.Add("Movss_xmmm32_xmm", &SseMoves.Merge<Width.Doubleword>, &SseMoves.Store<Width.Doubleword>, Access.Write);
        rows.Add("Movsd_xmm_xmmm64", &SseMoves.Merge<Width.Quadword>, &SseMoves.Load<Width.Quadword>, Access.Read);
        rows.Add("Movsd_xmmm64_xmm", &SseMoves.Merge<Width.Quadword>, &SseMoves.Store<Width.Quadword>, Access.Write);
        rows.Add("Movd_xmm_rm32", &SseMoves.Extend<Width.Doubleword>, &SseMoves.Load<Width.Doubleword>, Access.Read);
        rows.Add("Movq_xmm_rm64", &SseMoves.Extend<Width.Quadword>, &SseMoves.Load<Width.Quadword>, Access.Read);
        rows.Add("Movd_rm32_xmm", &SseMoves.ToGeneral<Width.Doubleword>, &SseMoves.Store<Width.Doubleword>, Access.Write);
        rows.Add("Movq_rm64_xmm", &SseMoves.ToGeneral<Width.Quadword>, &SseMoves.Store<Width.Quadword>, Access.Write);
        rows.Add("Movq_xmm_xmmm64", &SseMoves.Extend<Width.Quadword>, &SseMoves.Load<Width.Quadword>, Access.Read);
        rows.Add("Movq_xmmm64_xmm", &SseMoves.Extend<Width.Quadword>, &SseMoves.Store<Width.Quadword>, Access.Write);
    }

    private static void Halves(RowBuilder rows)
    {
        rows.Add("Movhlps_xmm_xmm", &SseMoves.Half<LowHalf, HighHalf>);
        rows.Add("Movlhps_xmm_xmm", &SseMoves.Half<HighHalf, LowHalf>);
        foreach (string type in (string[])["ps", "pd"])
        {
            rows.Add($"Movl{type}_xmm_m64", null, &SseMoves.LoadHalf<LowHalf>, Access.Read);
            rows.Add($"Movh{type}_xmm_m64", null, &SseMoves.LoadHalf<HighHalf>, Access.Read);
            rows.Add($"Movl{type}_m64_xmm", null, &SseMoves.StoreHalf<LowHalf>, Access.Write);
            rows.Add($"Movh{type}_m64_xmm", null, &SseMoves.StoreHalf<HighHalf>, Access.Write);
        }
    }

    private static void Masks(RowBuilder rows)
    {
        foreach (string width in (string[])["r32", "r64"])
        {
            rows.Add($"Pmovmskb_{width}_xmm", &SseMoves.SignMask<byte>);
            rows.Add($"Movmskps_{width}_xmm", &SseMoves.SignMask<uint>);
            rows.Add($"Movmskpd_{width}_xmm", &SseMoves.SignMask<ulong>);
        }
    }
}
