using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Semantics;
using Emu.X86.State;
using Emu.X86.Tests.Rows;
using Iced.Intel;

namespace Emu.X86.Tests.Simd;

/// <summary>CR0.EM, CR0.TS, CR0.MP, CR4.OSFXSR, CR4.OSXMMEXCPT and a pending x87 exception: which vector stops which instruction. SDM 3A, 2.5 and tables 12-1, 13-1.</summary>
public sealed unsafe class SimdGateTests
{
    private const ulong Em = ControlBits.Cr0Em, Ts = ControlBits.Cr0Ts, Mp = ControlBits.Cr0Mp, Osfxsr = ControlBits.Cr4Osfxsr, Osxmmexcpt = ControlBits.Cr4Osxmmexcpt;
    private const ushort Pending = 0x8081;

    [TestCase(Code.Fld1, 0UL, Osfxsr, (ushort)0, null)]
    [TestCase(Code.Fld1, Ts, Osfxsr, (ushort)0, Vector.Nm)]
    [TestCase(Code.Fld1, Em, Osfxsr, (ushort)0, Vector.Nm)]
    [TestCase(Code.Fld1, 0UL, 0UL, Pending, Vector.Mf)]
    [TestCase(Code.Fld1, Ts, 0UL, Pending, Vector.Nm)]
    [TestCase(Code.Fnclex, 0UL, 0UL, Pending, null)]
    [TestCase(Code.Fninit, 0UL, 0UL, Pending, null)]
    [TestCase(Code.Fninit, Ts, 0UL, (ushort)0, Vector.Nm)]
    [TestCase(Code.Fnstsw_AX, 0UL, 0UL, Pending, null)]
    [TestCase(Code.Wait, Ts, 0UL, (ushort)0, null)]
    [TestCase(Code.Wait, Em, 0UL, (ushort)0, null)]
    [TestCase(Code.Wait, Ts | Mp, 0UL, (ushort)0, Vector.Nm)]
    [TestCase(Code.Wait, 0UL, 0UL, Pending, Vector.Mf)]
    [TestCase(Code.Paddb_mm_mmm64, 0UL, 0UL, (ushort)0, null)]
    [TestCase(Code.Paddb_mm_mmm64, Ts, Osfxsr, (ushort)0, Vector.Nm)]
    [TestCase(Code.Paddb_mm_mmm64, Em, Osfxsr, (ushort)0, Vector.Ud)]
    [TestCase(Code.Paddb_mm_mmm64, 0UL, Osfxsr, Pending, Vector.Mf)]
    [TestCase(Code.Emms, Em, Osfxsr, (ushort)0, Vector.Ud)]
    [TestCase(Code.Paddb_xmm_xmmm128, 0UL, Osfxsr, Pending, null)]
    [TestCase(Code.Paddb_xmm_xmmm128, 0UL, 0UL, (ushort)0, Vector.Ud)]
    [TestCase(Code.Paddb_xmm_xmmm128, Em, Osfxsr, (ushort)0, Vector.Ud)]
    [TestCase(Code.Paddb_xmm_xmmm128, Ts, Osfxsr, (ushort)0, Vector.Nm)]
    [TestCase(Code.Paddb_xmm_xmmm128, Ts, 0UL, (ushort)0, Vector.Ud)]
    [TestCase(Code.Movaps_xmm_xmmm128, Ts, Osfxsr, (ushort)0, Vector.Nm)]
    [TestCase(Code.Addsd_xmm_xmmm64, Ts, Osfxsr, (ushort)0, Vector.Nm)]
    [TestCase(Code.Cvttsd2si_r32_xmmm64, Em, Osfxsr, (ushort)0, Vector.Ud)]
    [TestCase(Code.Popcnt_r32_rm32, Em | Ts, 0UL, Pending, null)]
    [TestCase(Code.Lfence, Em | Ts, 0UL, Pending, null)]
    [TestCase(Code.Xgetbv, 0UL, Osfxsr, (ushort)0, Vector.Ud)]
    public void The_right_exception_is_raised(Code code, ulong cr0, ulong cr4, ushort status, Vector? expected)
    {
        using FlatMachine machine = new(0x20_0000 * 2);
        machine.State.Cr0 = machine.State.Cr0 & ~(Em | Ts | Mp) | cr0;
        machine.State.Cr4 = machine.State.Cr4 & ~(Osfxsr | Osxmmexcpt) | cr4;
        machine.State.Fsw = status;
        machine.State.Fcw = 0x37e;
        machine.State.Mxcsr = 0x1f80;
        machine.Processor.Restored();
        Assert.That(Execute(machine, code), Is.EqualTo(expected));
    }

    [TestCase(Osfxsr | Osxmmexcpt, Vector.Xm)]
    [TestCase(Osfxsr, Vector.Ud)]
    public void An_unmasked_SIMD_exception_needs_a_handler_that_was_announced(ulong cr4, Vector expected)
    {
        using FlatMachine machine = new(0x20_0000 * 2);
        machine.State.Cr4 = machine.State.Cr4 & ~(Osfxsr | Osxmmexcpt) | cr4;
        machine.State.Mxcsr = 0x1f80 & ~(1u << 9);
        machine.State.Xmm[0] = BitConverter.DoubleToUInt64Bits(1);
        machine.Processor.Restored();
        Assert.That(Execute(machine, Code.Divsd_xmm_xmmm64), Is.EqualTo(expected));
        Assert.That((machine.State.Xmm[0], machine.State.Mxcsr & 0x3f), Is.EqualTo((BitConverter.DoubleToUInt64Bits(1), 4u)));
    }

    /// <summary>Runs the register form once, on registers 0 and 1; the vector it raised, if any.</summary>
    private static Vector? Execute(FlatMachine machine, Code code)
    {
        InsnRow row = InsnTable.Instance[code];
        Op* ops = stackalloc Op[2];
        ops[0] = default;
        ops[0].Fn = (delegate*<Cpu*, Op*, Op*>)row.RegisterForm;
        ops[0].Code = (ushort)code;
        ops[0].Base = ops[0].Index = OperandRegister.Zero;
        OpCodeInfo info = code.ToOpCode();
        ops[0].Dst = Operand(info, 0);
        ops[0].Src = (ushort)(Operand(info, 1) + (info.OpCount > 1 ? 16 : 0));
        ops[1] = default;
        ops[1].Fn = &Stop;
        Cpu* cpu = machine.Processor.Cpu;
        Op* next = ops[0].Fn(cpu, ops);
        if (next == null)
            Assert.That(cpu->Exit, Is.EqualTo(Exit.Fault));
        return next == null ? cpu->Fault.Vector : null;
    }

    private static ushort Operand(OpCodeInfo info, int index)
    {
        if (index >= info.OpCount)
            return OperandRegister.Zero;
        string kind = info.GetOpKind(index).ToString();
        return OperandRegister.Encode(kind.StartsWith("xmm", StringComparison.Ordinal) ? Register.XMM0 : kind.StartsWith("mm", StringComparison.Ordinal) ? Register.MM0 : Register.RAX);
    }

    private static Op* Stop(Cpu* cpu, Op* op) => op;
}
