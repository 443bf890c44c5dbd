using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.Semantics.X87;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Rows of SSE floating point.</summary>
internal static unsafe class FloatRows
{
    private const Access Aligned = Access.Read | Access.Aligned;

    internal static void Add(RowBuilder rows)
    {
        Arithmetic<SseScalarOps.Add>(rows, "Add");
        Arithmetic<SseScalarOps.Subtract>(rows, "Sub");
        Arithmetic<SseScalarOps.Multiply>(rows, "Mul");
        Arithmetic<SseScalarOps.Divide>(rows, "Div");
        Arithmetic<SseScalarOps.SquareRoot>(rows, "Sqrt");
        Arithmetic<SseScalarOps.Minimum>(rows, "Min");
        Arithmetic<SseScalarOps.Maximum>(rows, "Max");
        Packed<VectorFloatOps.Horizontal<SseScalarOps.Add, Binary32>>(rows, "Haddps_xmm_xmmm128");
        Packed<VectorFloatOps.Horizontal<SseScalarOps.Add, Binary64>>(rows, "Haddpd_xmm_xmmm128");
        Packed<VectorFloatOps.Horizontal<SseScalarOps.Subtract, Binary32>>(rows, "Hsubps_xmm_xmmm128");
        Packed<VectorFloatOps.Horizontal<SseScalarOps.Subtract, Binary64>>(rows, "Hsubpd_xmm_xmmm128");
        Packed<VectorFloatOps.AddSubtract<Binary32>>(rows, "Addsubps_xmm_xmmm128");
        Packed<VectorFloatOps.AddSubtract<Binary64>>(rows, "Addsubpd_xmm_xmmm128");
        Packed<VectorFloatOps.DotProduct<Binary32>>(rows, "Dpps_xmm_xmmm128_imm8");
        Packed<VectorFloatOps.DotProduct<Binary64>>(rows, "Dppd_xmm_xmmm128_imm8");
        Packed<VectorFloatOps.Round<Binary32>>(rows, "Roundps_xmm_xmmm128_imm8");
        Packed<VectorFloatOps.Round<Binary64>>(rows, "Roundpd_xmm_xmmm128_imm8");
        Narrow<VectorFloatOps.RoundScalar<Binary32>, Width.Doubleword>(rows, "Roundss_xmm_xmmm32_imm8");
        Narrow<VectorFloatOps.RoundScalar<Binary64>, Width.Quadword>(rows, "Roundsd_xmm_xmmm64_imm8");
        Comparisons(rows);
        Conversions(rows);
        ToIntegers(rows);
        Estimates(rows);
    }

    private static void Arithmetic<TOp>(RowBuilder rows, string name)
        where TOp : struct, ISseScalar
    {
        rows.Add($"{name}ss_xmm_xmmm32", &SseScalar.Register<TOp, Binary32, Width.Doubleword>, &SseScalar.Memory<TOp, Binary32, Width.Doubleword>, Access.Read);
        rows.Add($"{name}sd_xmm_xmmm64", &SseScalar.Register<TOp, Binary64, Width.Quadword>, &SseScalar.Memory<TOp, Binary64, Width.Quadword>, Access.Read);
        rows.Add($"{name}ps_xmm_xmmm128", &SsePacked.Register<TOp, Binary32>, &SsePacked.Memory<TOp, Binary32>, Aligned);
        rows.Add($"{name}pd_xmm_xmmm128", &SsePacked.Register<TOp, Binary64>, &SsePacked.Memory<TOp, Binary64>, Aligned);
    }

    private static void Comparisons(RowBuilder rows)
    {
        Packed<VectorFloatOps.Compare<Binary32>>(rows, "Cmpps_xmm_xmmm128_imm8");
        Packed<VectorFloatOps.Compare<Binary64>>(rows, "Cmppd_xmm_xmmm128_imm8");
        Narrow<VectorFloatOps.CompareScalar<Binary32>, Width.Doubleword>(rows, "Cmpss_xmm_xmmm32_imm8");
        Narrow<VectorFloatOps.CompareScalar<Binary64>, Width.Quadword>(rows, "Cmpsd_xmm_xmmm64_imm8");
        Flags<Constants.One>(rows, "C");
        Flags<Constants.Zero>(rows, "Uc");
    }

    private static void Flags<TSignal>(RowBuilder rows, string prefix)
        where TSignal : struct, IConstant
    {
        rows.Add($"{prefix}omiss_xmm_xmmm32", &SseToGeneral.CompareRegister<Binary32, Width.Doubleword, TSignal>, &SseToGeneral.CompareMemory<Binary32, Width.Doubleword, TSignal>, Access.Read);
        rows.Add($"{prefix}omisd_xmm_xmmm64", &SseToGeneral.CompareRegister<Binary64, Width.Quadword, TSignal>, &SseToGeneral.CompareMemory<Binary64, Width.Quadword, TSignal>, Access.Read);
    }

    private static void Conversions(RowBuilder rows)
    {
        Narrow<ConversionOps.Scalar<Binary32, Binary64>, Width.Doubleword>(rows, "Cvtss2sd_xmm_xmmm32");
        Narrow<ConversionOps.Scalar<Binary64, Binary32>, Width.Quadword>(rows, "Cvtsd2ss_xmm_xmmm64");
        Narrow<ConversionOps.Pair<Binary32, Binary64>, Width.Quadword>(rows, "Cvtps2pd_xmm_xmmm64");
        Packed<ConversionOps.Pair<Binary64, Binary32>>(rows, "Cvtpd2ps_xmm_xmmm128");
        Packed<ConversionOps.FromDoublewords<Binary32>>(rows, "Cvtdq2ps_xmm_xmmm128");
        Narrow<ConversionOps.FromDoublewords<Binary64>, Width.Quadword>(rows, "Cvtdq2pd_xmm_xmmm64");
        Packed<ConversionOps.ToDoublewords<Binary32>>(rows, "Cvtps2dq_xmm_xmmm128");
        Packed<ConversionOps.ToDoublewordsTruncated<Binary32>>(rows, "Cvttps2dq_xmm_xmmm128");
        Packed<ConversionOps.ToDoublewords<Binary64>>(rows, "Cvtpd2dq_xmm_xmmm128");
        Packed<ConversionOps.ToDoublewordsTruncated<Binary64>>(rows, "Cvttpd2dq_xmm_xmmm128");
        FromGeneral<Binary32>(rows, "Cvtsi2ss");
        FromGeneral<Binary64>(rows, "Cvtsi2sd");
        rows.Add("Cvtpi2ps_xmm_mmm64", &MmxConversion.FromRegister<ConversionOps.FromMmx>, &SseFloat.Memory<ConversionOps.FromMmx, Width.Quadword>, Access.Read);
        rows.Add(
            "Cvtpi2pd_xmm_mmm64",
            &MmxConversion.FromRegister<ConversionOps.FromDoublewords<Binary64>>,
            &SseFloat.Memory<ConversionOps.FromDoublewords<Binary64>, Width.Quadword>,
            Access.Read);
    }

    private static void FromGeneral<TFormat>(RowBuilder rows, string name)
        where TFormat : struct, IBinaryFormat
    {
        rows.Add(
            $"{name}_xmm_rm32",
            &SseFloat.General<ConversionOps.FromGeneral<TFormat, Width.Doubleword>, Width.Doubleword>,
            &SseFloat.Memory<ConversionOps.FromGeneral<TFormat, Width.Doubleword>, Width.Doubleword>,
            Access.Read);
        rows.Add(
            $"{name}_xmm_rm64",
            &SseFloat.General<ConversionOps.FromGeneral<TFormat, Width.Quadword>, Width.Quadword>,
            &SseFloat.Memory<ConversionOps.FromGeneral<TFormat, Width.Quadword>, Width.Quadword>,
            Access.Read);
    }

    private static void ToIntegers(RowBuilder rows)
    {
        ToGeneral<Constants.Zero>(rows, "Cvt");
        ToGeneral<Constants.One>(rows, "Cvtt");
    }

    private static void ToGeneral<TTruncate>(RowBuilder rows, string prefix)
        where TTruncate : struct, IConstant
    {
        rows.Add(
            $"{prefix}ss2si_r32_xmmm32",
            &SseToGeneral.ConvertRegister<Binary32, Width.Doubleword, Width.Doubleword, TTruncate>,
            &SseToGeneral.ConvertMemory<Binary32, Width.Doubleword, Width.Doubleword, TTruncate>,
            Access.Read);
        rows.Add(
            $"{prefix}ss2si_r64_xmmm32",
            &SseToGeneral.ConvertRegister<Binary32, Width.Doubleword, Width.Quadword, TTruncate>,
            &SseToGeneral.ConvertMemory<Binary32, Width.Doubleword, Width.Quadword, TTruncate>,
            Access.Read);
        rows.Add(
            $"{prefix}sd2si_r32_xmmm64",
            &SseToGeneral.ConvertRegister<Binary64, Width.Quadword, Width.Doubleword, TTruncate>,
            &SseToGeneral.ConvertMemory<Binary64, Width.Quadword, Width.Doubleword, TTruncate>,
            Access.Read);
        rows.Add(
            $"{prefix}sd2si_r64_xmmm64",
            &SseToGeneral.ConvertRegister<Binary64, Width.Quadword, Width.Quadword, TTruncate>,
            &SseToGeneral.ConvertMemory<Binary64, Width.Quadword, Width.Quadword, TTruncate>,
            Access.Read);
        rows.Add($"{prefix}ps2pi_mm_xmmm64", &MmxConversion.ToMmxRegister<Binary32, TTruncate>, &MmxConversion.ToMmxMemory<Binary32, TTruncate>, Access.Read);
        rows.Add($"{prefix}pd2pi_mm_xmmm128", &MmxConversion.ToMmxRegister<Binary64, TTruncate>, &MmxConversion.ToMmxMemory<Binary64, TTruncate>, Aligned);
    }

    private static void Estimates(RowBuilder rows)
    {
        Packed<EstimateOps.Each<EstimateOps.Reciprocal>>(rows, "Rcpps_xmm_xmmm128");
        Packed<EstimateOps.Each<EstimateOps.ReciprocalSquareRoot>>(rows, "Rsqrtps_xmm_xmmm128");
        Narrow<EstimateOps.First<EstimateOps.Reciprocal>, Width.Doubleword>(rows, "Rcpss_xmm_xmmm32");
        Narrow<EstimateOps.First<EstimateOps.ReciprocalSquareRoot>, Width.Doubleword>(rows, "Rsqrtss_xmm_xmmm32");
    }

    private static void Packed<TOp>(RowBuilder rows, string code)
        where TOp : struct, IVectorFloatOp
        => rows.Add(code, &SseFloat.Register<TOp>, &SseFloat.Memory<TOp>, Aligned);

    private static void Narrow<TOp, T>(RowBuilder rows, string code)
        where TOp : struct, IVectorFloatOp
        where T : unmanaged
        => rows.Add(code, &SseFloat.Register<TOp>, &SseFloat.Memory<TOp, T>, Access.Read);
}
