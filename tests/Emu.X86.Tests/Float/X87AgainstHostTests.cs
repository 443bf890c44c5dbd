using Emu.X86.Semantics.Float;
using Emu.X86.Tests.HostExecution;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Float;

/// <summary>Every exact x87 operation against the processor: ST(0), exception flags, C1 and, where defined, C0 C2 C3.</summary>
public sealed class X87AgainstHostTests
{
    private const int Rounds = 300_000;
    private const int C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, Ignored = -1;

    /// <summary>ST(0) afterwards; the condition code bits, or <see cref="Ignored"/>.</summary>
    private delegate Float80 Operation(Float80 a, Float80 b, ref FloatContext context, ref int condition);

    private static IEnumerable<TestCaseData> Operations()
    {
        yield return Case("fadd", c => c.fadd(st0, st1), (Float80 a, Float80 b, ref FloatContext x, ref int cc) => Kept(X87Arithmetic.Add(a, b, ref x), a, in x));
        yield return Case("fsub", c => c.fsub(st0, st1), (Float80 a, Float80 b, ref FloatContext x, ref int cc) => Kept(X87Arithmetic.Subtract(a, b, ref x), a, in x));
        yield return Case("fsubr", c => c.fsubr(st0, st1), (Float80 a, Float80 b, ref FloatContext x, ref int cc) => Kept(X87Arithmetic.Subtract(b, a, ref x), a, in x));
        yield return Case("fmul", c => c.fmul(st0, st1), (Float80 a, Float80 b, ref FloatContext x, ref int cc) => Kept(X87Arithmetic.Multiply(a, b, ref x), a, in x));
        yield return Case("fdiv", c => c.fdiv(st0, st1), (Float80 a, Float80 b, ref FloatContext x, ref int cc) => Kept(X87Arithmetic.Divide(a, b, ref x), a, in x));
        yield return Case("fsqrt", c => c.fsqrt(), (Float80 a, Float80 b, ref FloatContext x, ref int cc) => Kept(X87Arithmetic.SquareRoot(a, ref x), a, in x));
        yield return Case("frndint", c => c.frndint(), (Float80 a, Float80 b, ref FloatContext x, ref int cc) => Kept(X87Arithmetic.RoundToIntegral(a, ref x), a, in x));
        yield return Case("fscale", c => c.fscale(), (Float80 a, Float80 b, ref FloatContext x, ref int cc) => Kept(X87Arithmetic.Scale(a, b, ref x), a, in x));
        yield return Case("fprem", c => c.fprem(), (Float80 a, Float80 b, ref FloatContext x, ref int condition) => Remainder(a, b, false, ref x, ref condition));
        yield return Case("fprem1", c => c.fprem1(), (Float80 a, Float80 b, ref FloatContext x, ref int condition) => Remainder(a, b, true, ref x, ref condition));
        yield return Case("fxtract significand", c => c.fxtract(), (Float80 a, Float80 b, ref FloatContext x, ref int cc) =>
        {
            _ = X87Arithmetic.Extract(a, ref x, out Float80 significand);
            return Kept(significand, a, in x);
        });
        yield return Case("fxtract exponent", c => { c.fxtract(); c.fincstp(); }, (Float80 a, Float80 b, ref FloatContext x, ref int cc) => // FINCSTP waits: #MF
            Kept(X87Arithmetic.Extract(a, ref x, out _), a, in x));
        yield return Case("fcom", c => c.fcom(st0, st1), (Float80 a, Float80 b, ref FloatContext x, ref int condition) => Compared(a, b, true, ref x, ref condition));
        yield return Case("fucom", c => c.fucom(st0, st1), (Float80 a, Float80 b, ref FloatContext x, ref int condition) => Compared(a, b, false, ref x, ref condition));
        yield return Case("ftst", c => c.ftst(), (Float80 a, Float80 b, ref FloatContext x, ref int condition) => Compared(a, default, true, ref x, ref condition));
        yield return Case("fxam", c => c.fxam(), (Float80 a, Float80 b, ref FloatContext x, ref int condition) =>
        {
            int class3 = X87Comparison.Examine(a);
            condition = ((class3 & 1) != 0 ? C0 : 0) | ((class3 & 2) != 0 ? C2 : 0) | ((class3 & 4) != 0 ? C3 : 0);
            x.RoundedUp = a.Sign;
            return a;
        });
    }

    private static Float80 Kept(Float80 result, Float80 before, in FloatContext context) => context.IsBlocked ? before : result;

    private static Float80 Remainder(Float80 a, Float80 b, bool nearest, ref FloatContext x, ref int condition)
    {
        Float80 result = X87Remainder.Remainder(a, b, nearest, ref x, out ulong quotient, out bool complete);
        if (x.IsBlocked || (x.Raised & FloatExceptions.Invalid) != FloatExceptions.None)
            return Kept(result, a, in x);
        condition = (complete ? 0 : C2) | ((quotient & 4) != 0 ? C0 : 0) | ((quotient & 2) != 0 ? C3 : 0);
        x.RoundedUp = (quotient & 1) != 0;
        return result;
    }

    private static Float80 Compared(Float80 a, Float80 b, bool signalQuiet, ref FloatContext x, ref int condition)
    {
        condition = X87Comparison.Compare(a, b, signalQuiet, ref x) switch
        {
            Relation.Greater => 0,
            Relation.Less => C0,
            Relation.Equal => C3,
            _ => C0 | C2 | C3,
        };
        if (x.IsBlocked)
            condition = Ignored;
        return a;
    }

    private static TestCaseData Case(string name, Action<Assembler> emit, Operation operation) => new TestCaseData(name, emit, operation).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Operations))]
    public void Results_and_flags_equal_the_processors(string name, Action<Assembler> emit, object operation)
    {
        HostCode host = SharedHost.Code;
        host.Load(emit);
        FloatOperands random = new(2);
        for (int i = 0; i < Rounds; i++)
        {
            (Float80 a, Float80 b) = random.Pair80();
            ushort control = random.ControlWord();
            Prepare(host, a, b, control);
            host.Run();
            FloatContext context = new(control);
            int condition = Ignored;
            Float80 result = ((Operation)operation)(a, b, ref context, ref condition);
            int status = host.State.Fx.StatusWord;
            Float80 expected = Value(host.State.Fx.St[0]);
            bool same = (int)context.Raised == (status & 0x3f) && result == expected && context.RoundedUp == ((status & C1) != 0)
                && (condition == Ignored || condition == (status & (C0 | C2 | C3)));
            bool tiny = HostVendor.DiffersInUnderflow(name, control, status);
            if (!same && !tiny)
            {
                Assert.Fail($"{a} {b} control {control:x}: host {expected} status {status:x} {(FloatExceptions)(status & 0x3f)}, "
                    + $"ours {result} {context.Raised} up {context.RoundedUp} condition {condition:x} (round {i})");
            }
        }
    }

    private static IEnumerable<TestCaseData> Stores()
    {
        long at = 0;
        yield return Store("fstp m32", c => c.fstp(__dword_ptr[rbx + at]), 4, (Float80 a, ref FloatContext x) => X87Conversion.ToBinary<Binary32>(a, ref x));
        yield return Store("fstp m64", c => c.fstp(__qword_ptr[rbx + at]), 8, (Float80 a, ref FloatContext x) => X87Conversion.ToBinary<Binary64>(a, ref x));
        yield return Store("fistp m16", c => c.fistp(__word_ptr[rbx + at]), 2, (Float80 a, ref FloatContext x) => (ushort)X87Conversion.ToInteger(a, 16, x.Rounding, ref x));
        yield return Store("fistp m32", c => c.fistp(__dword_ptr[rbx + at]), 4, (Float80 a, ref FloatContext x) => (uint)X87Conversion.ToInteger(a, 32, x.Rounding, ref x));
        yield return Store("fistp m64", c => c.fistp(__qword_ptr[rbx + at]), 8, (Float80 a, ref FloatContext x) => (ulong)X87Conversion.ToInteger(a, 64, x.Rounding, ref x));
        yield return Store("fisttp m32", c => c.fisttp(__dword_ptr[rbx + at]), 4, (Float80 a, ref FloatContext x) => (uint)X87Conversion.ToInteger(a, 32, RoundingMode.TowardZero, ref x));
        yield return Store("fbstp m80", c => c.fbstp(__[rbx + at]), 10, (Float80 a, ref FloatContext x) =>
        {
            (ulong digits, ushort top) = X87Conversion.ToPackedDecimal(a, ref x);
            return new UInt128(top, digits);
        });
    }

    private delegate UInt128 StoreOperation(Float80 a, ref FloatContext context);

    private static TestCaseData Store(string name, Action<Assembler> emit, int size, StoreOperation operation) =>
        new TestCaseData(emit, size, operation).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Stores))]
    public void Stores_and_flags_equal_the_processors(Action<Assembler> emit, int size, object operation)
    {
        HostCode host = SharedHost.Code;
        host.Load(emit);
        FloatOperands random = new(3);
        const FloatExceptions Blocking = FloatExceptions.Invalid | FloatExceptions.Overflow | FloatExceptions.Underflow;
        for (int i = 0; i < Rounds; i++)
        {
            Float80 a = random.Next80();
            ushort control = random.ControlWord();
            Prepare(host, a, a, control);
            host.State.Gpr[3] = host.DataAddress;
            host.Data[..16].Clear();
            host.Run();
            FloatContext context = new(control);
            UInt128 result = ((StoreOperation)operation)(a, ref context);
            bool blocked = (context.Unmasked & Blocking) != FloatExceptions.None;
            int status = host.State.Fx.StatusWord;
            UInt128 expected = System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(host.Data);
            Assert.That(UInt128.Log2(expected), Is.LessThanOrEqualTo((UInt128)(8 * size)));
            bool same = (int)context.Raised == (status & 0x3f) && (blocked ? expected == 0 : result == expected)
                && blocked == ((status >> 11 & 7) == 0) && context.RoundedUp == ((status & C1) != 0);
            if (!same)
            {
                Assert.Fail($"{a} control {control:x}: host {expected:x} status {status:x} {(FloatExceptions)(status & 0x3f)}, "
                    + $"ours {result:x} {context.Raised} up {context.RoundedUp} (round {i})");
            }
        }
    }

    private static IEnumerable<TestCaseData> Loads()
    {
        yield return Load("fld m32", c => c.fld(__dword_ptr[rbx]), (ulong a, ref FloatContext x) => X87Conversion.FromBinary<Binary32>((uint)a, ref x));
        yield return Load("fld m64", c => c.fld(__qword_ptr[rbx]), (ulong a, ref FloatContext x) => X87Conversion.FromBinary<Binary64>(a, ref x));
        yield return Load("fild m16", c => c.fild(__word_ptr[rbx]), (ulong a, ref FloatContext _) => X87Conversion.FromInteger((short)a));
        yield return Load("fild m32", c => c.fild(__dword_ptr[rbx]), (ulong a, ref FloatContext _) => X87Conversion.FromInteger((int)a));
        yield return Load("fild m64", c => c.fild(__qword_ptr[rbx]), (ulong a, ref FloatContext _) => X87Conversion.FromInteger((long)a));
        yield return Load("fbld m80", c => c.fbld(__[rbx]), (ulong a, ref FloatContext _) => X87Conversion.FromPackedDecimal(a, (ushort)(a * 7)));
        for (X87Constant constant = X87Constant.One; constant <= X87Constant.Zero; constant++)
        {
            X87Constant which = constant;
            yield return Load($"constant {which}", c => c.db(0xd9, (byte)(0xe8 + (int)which)), (ulong _, ref FloatContext x) => X87Conversion.Constant(which, x.Rounding));
        }
    }

    private delegate Float80 LoadOperation(ulong a, ref FloatContext context);

    private static TestCaseData Load(string name, Action<Assembler> emit, LoadOperation operation) => new TestCaseData(emit, operation).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Loads))]
    public void Loads_and_flags_equal_the_processors(Action<Assembler> emit, object operation)
    {
        HostCode host = SharedHost.Code;
        host.Load(emit);
        FloatOperands random = new(4);
        for (int i = 0; i < Rounds / 3; i++)
        {
            ulong a = random.Below(3) switch { 0 => random.Next<Binary32>(), 1 => random.Next<Binary64>(), _ => random.Bits64() };
            ushort control = random.ControlWord();
            Prepare(host, default, default, control);
            host.State.Gpr[3] = host.DataAddress;
            BitConverter.TryWriteBytes(host.Data, a);
            BitConverter.TryWriteBytes(host.Data[8..], (ushort)(a * 7));
            host.Run();
            FloatContext context = new(control);
            Float80 result = ((LoadOperation)operation)(a, ref context);
            int status = host.State.Fx.StatusWord;
            bool pushed = (status >> 11 & 7) == 7;
            bool same = (int)context.Raised == (status & 0x3f) && pushed == ((context.Unmasked & FloatExceptions.Invalid) == FloatExceptions.None) && (!pushed || result == Value(host.State.Fx.St[0]));
            if (!same)
            {
                Assert.Fail($"{a:x} control {control:x}: host {Value(host.State.Fx.St[0])} status {status:x} {(FloatExceptions)(status & 0x3f)}, "
                    + $"ours {result} {context.Raised} (round {i})");
            }
        }
    }

    internal static void Prepare(HostCode host, Float80 a, Float80 b, ushort control)
    {
        host.State.Fx.ControlWord = control;
        host.State.Fx.StatusWord = 0;
        host.State.Fx.AbridgedTag = 3;
        host.State.Fx.St[0] = new UInt128(a.SignExponent, a.Significand);
        host.State.Fx.St[1] = new UInt128(b.SignExponent, b.Significand);
    }

    internal static Float80 Value(UInt128 register) => new((ulong)register, (ushort)(register >> 64));
}
