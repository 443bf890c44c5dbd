using Iced.Intel;

namespace Emu.X86.Translator;

/// <summary>Which encodings are translated, and how. Whatever is not here, the interpreter runs.</summary>
internal static class Treatments
{
    private static readonly CpuidFeature[] SseFeatures =
        [CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.SSE3, CpuidFeature.SSSE3, CpuidFeature.SSE4_1, CpuidFeature.SSE4_2];

    internal static Treatment Of(Code code, OpCodeInfo info)
    {
        if (!info.Mode64 || info.Encoding != EncodingKind.Legacy)
            return Treatment.Interpret;
        return Branch(code) is var branch and not Treatment.Interpret ? branch : Plain(code, info);
    }

    private static Treatment Branch(Code code) => code switch
    {
        Code.Jmp_rel8_64 or Code.Jmp_rel32_64 => Treatment.Jump,
        Code.Jmp_rm64 => Treatment.JumpIndirect,
        Code.Call_rel32_64 => Treatment.Call,
        Code.Call_rm64 => Treatment.CallIndirect,
        Code.Retnq => Treatment.Return,
        Code.Syscall => Treatment.SystemCall,
        Code.Sysretq => Treatment.SystemReturn,
        Code.Push_r64 => Treatment.PushRegister,
        Code.Pushq_imm8 or Code.Pushq_imm32 => Treatment.PushImmediate,
        Code.Pop_r64 => Treatment.Pop,
        Code.Leaveq => Treatment.Leave,
        Code.Lea_r32_m or Code.Lea_r64_m => Treatment.Lea,
        Code.Nop_rm16 or Code.Nop_rm32 or Code.Nop_rm64 or Code.Nopw or Code.Nopd or Code.Nopq or Code.Pause or Code.Endbr64 => Treatment.Nothing,
        Code.Lfence or Code.Mfence or Code.Sfence => Treatment.Nothing,
        Code.Cmpxchg16b_m128 => Treatment.CompareExchange16,
        Code.Push_rm64 => Treatment.PushMemory,
        Code.Pop_rm64 => Treatment.PopMemory,
        Code.Pushfq => Treatment.PushFlags,
        Code.Popfq => Treatment.PopFlags,
        Code.Cld => Treatment.ClearDirection,
        Code.Cli => Treatment.ClearInterrupts,
        Code.Sti => Treatment.SetInterrupts,
        Code.Clac => Treatment.ClearAc,
        Code.Stac => Treatment.SetAc,
        Code.Swapgs => Treatment.SwapGs,
        Code.Mov_r64_cr => Treatment.ReadControl,
        Code.Rdtsc => Treatment.ReadTime,
        Code.Mov_rm16_Sreg or Code.Mov_r32m16_Sreg or Code.Mov_r64m16_Sreg => Treatment.ReadSelector,
        Code.Rdfsbase_r64 or Code.Rdgsbase_r64 => Treatment.ReadBase,
        Code.Wrfsbase_r64 or Code.Wrgsbase_r64 => Treatment.WriteBase,
        Code.Invlpg_m => Treatment.Privileged,
        Code.Prefetchnta_m8 or Code.Prefetcht0_m8 or Code.Prefetcht1_m8 or Code.Prefetcht2_m8 or Code.Prefetch_m8 or Code.Prefetchw_m8 => Treatment.Nothing,
        _ => Treatment.Interpret,
    };

    private static Treatment Plain(Code code, OpCodeInfo info)
    {
        Mnemonic mnemonic = code.Mnemonic();
        switch (mnemonic)
        {
            case Mnemonic.Mov:
                return HasSegmentOrSystem(info) ? Treatment.Interpret : Treatment.Same;
            case Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb or Mnemonic.Cmp or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Test:
            case Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Not or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd:
            case Mnemonic.Xchg or Mnemonic.Xadd or Mnemonic.Cmpxchg or Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cdqe or Mnemonic.Cwd or Mnemonic.Cdq or Mnemonic.Cqo:
                return Treatment.Same;
            case Mnemonic.Popcnt or Mnemonic.Crc32:
                return info.OperandSize == 16 ? Treatment.Interpret : Treatment.Same; // would need two prefixes
            case Mnemonic.Bswap:
                return info.OperandSize == 16 ? Treatment.Interpret : Treatment.Same;
            case Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc:
                return Treatment.SameCarryOnly;
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar:
                return ByCl(info) ? Treatment.ShiftByCl : Treatment.Shift;
            case Mnemonic.Rol or Mnemonic.Ror:
                return ByCl(info) ? info.OperandSize < 32 ? Treatment.Interpret : Treatment.RotateByCl : Treatment.Rotate;
            case Mnemonic.Rcl or Mnemonic.Rcr:
                return info.GetOpKind(1) == OpCodeOperandKind.imm8_const_1 ? Treatment.Rotate : Treatment.Interpret;
            case Mnemonic.Div:
                return info.OperandSize < 32 ? Treatment.Interpret : Treatment.Divide;
            case Mnemonic.Idiv:
                return info.OperandSize < 32 ? Treatment.Interpret : Treatment.SignedDivide;
            case Mnemonic.Imul or Mnemonic.Mul:
                return Treatment.Multiply;
            case Mnemonic.Bsf or Mnemonic.Bsr:
                return info.OperandSize == 16 ? Treatment.Interpret : Treatment.Scan;
        }

        if (code.IsJccShortOrNear())
            return code.ToString().EndsWith("_64", StringComparison.Ordinal) ? Treatment.Condition : Treatment.Interpret;
        ConditionCode condition = code.ConditionCode();
        string name = mnemonic.ToString();
        if (condition != ConditionCode.None && (name.StartsWith("Set", StringComparison.Ordinal) || name.StartsWith("Cmov", StringComparison.Ordinal)))
            return Treatment.Same;
        return IsSse(code, mnemonic) ? Treatment.Same : X87Treatments.Of(mnemonic);
    }

    /// <summary>SSE to SSE4.2 with XMM registers. Estimates have our own values, string comparisons and MASKMOVDQU use registers that lie elsewhere in the host.</summary>
    private static bool IsSse(Code code, Mnemonic mnemonic)
    {
        string name = mnemonic.ToString();
        if (name.StartsWith("Rcp", StringComparison.Ordinal) || name.StartsWith("Rsqrt", StringComparison.Ordinal) || name.StartsWith("Pcmpestr", StringComparison.Ordinal)
            || name.StartsWith("Pcmpistr", StringComparison.Ordinal) || mnemonic == Mnemonic.Maskmovdqu)
            return false;
        OpCodeInfo info = code.ToOpCode();
        bool xmm = false;
        for (int i = 0; i < info.OpCount; i++)
            xmm |= info.GetOpKind(i) is OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.xmm_rm;
        return xmm && Array.TrueForAll(code.CpuidFeatures(), feature => SseFeatures.Contains(feature));
    }

    private static bool ByCl(OpCodeInfo info) => info.OpCount == 2 && info.GetOpKind(1) == OpCodeOperandKind.cl;

    private static bool HasSegmentOrSystem(OpCodeInfo info)
    {
        for (int i = 0; i < info.OpCount; i++)
        {
            if (info.GetOpKind(i) is OpCodeOperandKind.seg_reg or OpCodeOperandKind.cr_reg or OpCodeOperandKind.dr_reg or OpCodeOperandKind.tr_reg or OpCodeOperandKind.mem_offs)
                return true;
        }

        return false;
    }
}
