using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>Rows of the x87 instructions and of those that save and restore floating-point state.</summary>
internal static unsafe class X87Rows
{
    private const Access Update = Access.Read | Access.Write;

    internal static void Add(RowBuilder rows)
    {
        Arithmetic<X87BinaryOps.Add>(rows, "add");
        Arithmetic<X87BinaryOps.Multiply>(rows, "mul");
        Arithmetic<X87BinaryOps.Subtract>(rows, "sub");
        Arithmetic<X87BinaryOps.SubtractReverse>(rows, "subr");
        Arithmetic<X87BinaryOps.Divide>(rows, "div");
        Arithmetic<X87BinaryOps.DivideReverse>(rows, "divr");
        Comparisons(rows);
        Loads(rows);
        Stores(rows);
        StackMoves(rows);
        Functions(rows);
        Control(rows);
        StateImages(rows);
    }

    private static void Arithmetic<TOp>(RowBuilder rows, string name)
        where TOp : struct, IX87Binary
    {
        rows.Add($"F{name}_m32fp", null, &X87Handlers.Memory<TOp, X87Sources.Single, Width.Doubleword>, Access.Read);
        rows.Add($"F{name}_m64fp", null, &X87Handlers.Memory<TOp, X87Sources.Double, Width.Quadword>, Access.Read);
        rows.Add($"Fi{name}_m16int", null, &X87Handlers.Memory<TOp, X87Sources.Int16, Width.Word>, Access.Read);
        rows.Add($"Fi{name}_m32int", null, &X87Handlers.Memory<TOp, X87Sources.Int32, Width.Doubleword>, Access.Read);
        rows.Add($"F{name}_st0_sti", &X87Handlers.Register<TOp>);
        rows.Add($"F{name}_sti_st0", &X87Handlers.Register<TOp>);
        rows.Add($"F{name}p_sti_st0", &X87Handlers.RegisterPop<TOp>);
    }

    private static void Comparisons(RowBuilder rows)
    {
        foreach (string code in (string[])["Fcom_st0_sti", "Fcom_st0_sti_DCD0"])
            rows.Add(code, &X87Handlers.Plain<X87Compare.Registers<Constants.Zero, Constants.Zero>>);
        foreach (string code in (string[])["Fcomp_st0_sti", "Fcomp_st0_sti_DCD8", "Fcomp_st0_sti_DED0"])
            rows.Add(code, &X87Handlers.Plain<X87Compare.Registers<Constants.Zero, Constants.One>>);
        rows.Add("Fucom_st0_sti", &X87Handlers.Plain<X87Compare.Registers<Constants.One, Constants.Zero>>);
        rows.Add("Fucomp_st0_sti", &X87Handlers.Plain<X87Compare.Registers<Constants.One, Constants.One>>);
        rows.Add("Fcompp", &X87Handlers.Plain<X87Compare.Pair<Constants.Zero>>);
        rows.Add("Fucompp", &X87Handlers.Plain<X87Compare.Pair<Constants.One>>);
        rows.Add("Fcomi_st0_sti", &X87Handlers.Plain<X87Compare.Flags<Constants.Zero, Constants.Zero>>);
        rows.Add("Fcomip_st0_sti", &X87Handlers.Plain<X87Compare.Flags<Constants.Zero, Constants.One>>);
        rows.Add("Fucomi_st0_sti", &X87Handlers.Plain<X87Compare.Flags<Constants.One, Constants.Zero>>);
        rows.Add("Fucomip_st0_sti", &X87Handlers.Plain<X87Compare.Flags<Constants.One, Constants.One>>);
        rows.Add("Ftst", &X87Handlers.Plain<X87Compare.WithZero>);
        rows.Add("Fxam", &X87Handlers.Plain<X87Compare.Examine>);
        CompareMemory<Constants.Zero>(rows, string.Empty);
        CompareMemory<Constants.One>(rows, "p");
    }

    private static void CompareMemory<TPops>(RowBuilder rows, string suffix)
        where TPops : struct, IConstant
    {
        rows.Add($"Fcom{suffix}_m32fp", null, &X87Compare.Memory<X87Sources.Single, Width.Doubleword, TPops>, Access.Read);
        rows.Add($"Fcom{suffix}_m64fp", null, &X87Compare.Memory<X87Sources.Double, Width.Quadword, TPops>, Access.Read);
        rows.Add($"Ficom{suffix}_m16int", null, &X87Compare.Memory<X87Sources.Int16, Width.Word, TPops>, Access.Read);
        rows.Add($"Ficom{suffix}_m32int", null, &X87Compare.Memory<X87Sources.Int32, Width.Doubleword, TPops>, Access.Read);
    }

    private static void Loads(RowBuilder rows)
    {
        rows.Add("Fld_m32fp", null, &X87Handlers.Load<X87Sources.Single, Width.Doubleword>, Access.Read);
        rows.Add("Fld_m64fp", null, &X87Handlers.Load<X87Sources.Double, Width.Quadword>, Access.Read);
        rows.Add("Fld_m80fp", null, &X87Handlers.Load<X87Sources.Extended, Float80>, Access.Read);
        rows.Add("Fild_m16int", null, &X87Handlers.Load<X87Sources.Int16, Width.Word>, Access.Read);
        rows.Add("Fild_m32int", null, &X87Handlers.Load<X87Sources.Int32, Width.Doubleword>, Access.Read);
        rows.Add("Fild_m64int", null, &X87Handlers.Load<X87Sources.Int64, Width.Quadword>, Access.Read);
        rows.Add("Fbld_m80bcd", null, &X87Handlers.Load<X87Sources.PackedDecimal, Float80>, Access.Read);
        rows.Add("Fld_sti", &X87Handlers.Plain<X87Stack.LoadRegister>);
        rows.Add("Fld1", &X87Handlers.Plain<X87Stack.LoadConstant<Constants.Zero>>);
        rows.Add("Fldl2t", &X87Handlers.Plain<X87Stack.LoadConstant<Constants.One>>);
        rows.Add("Fldl2e", &X87Handlers.Plain<X87Stack.LoadConstant<Constants.Two>>);
        rows.Add("Fldpi", &X87Handlers.Plain<X87Stack.LoadConstant<Constants.Three>>);
        rows.Add("Fldlg2", &X87Handlers.Plain<X87Stack.LoadConstant<Constants.Four>>);
        rows.Add("Fldln2", &X87Handlers.Plain<X87Stack.LoadConstant<Constants.Five>>);
        rows.Add("Fldz", &X87Handlers.Plain<X87Stack.LoadConstant<Constants.Six>>);
    }

    private static void Stores(RowBuilder rows)
    {
        rows.Add("Fst_m32fp", null, &X87StoreHandlers.Store<X87Stores.Single, Width.Doubleword, Constants.Zero>, Update);
        rows.Add("Fst_m64fp", null, &X87StoreHandlers.Store<X87Stores.Double, Width.Quadword, Constants.Zero>, Update);
        rows.Add("Fstp_m32fp", null, &X87StoreHandlers.Store<X87Stores.Single, Width.Doubleword, Constants.One>, Update);
        rows.Add("Fstp_m64fp", null, &X87StoreHandlers.Store<X87Stores.Double, Width.Quadword, Constants.One>, Update);
        rows.Add("Fstp_m80fp", null, &X87StoreHandlers.Store<X87Stores.Extended, Float80, Constants.One>, Update);
        rows.Add("Fist_m16int", null, &X87StoreHandlers.Store<X87Stores.Integer<Width.Word, Constants.Zero>, Width.Word, Constants.Zero>, Update);
        rows.Add("Fist_m32int", null, &X87StoreHandlers.Store<X87Stores.Integer<Width.Doubleword, Constants.Zero>, Width.Doubleword, Constants.Zero>, Update);
        rows.Add("Fistp_m16int", null, &X87StoreHandlers.Store<X87Stores.Integer<Width.Word, Constants.Zero>, Width.Word, Constants.One>, Update);
        rows.Add("Fistp_m32int", null, &X87StoreHandlers.Store<X87Stores.Integer<Width.Doubleword, Constants.Zero>, Width.Doubleword, Constants.One>, Update);
        rows.Add("Fistp_m64int", null, &X87StoreHandlers.Store<X87Stores.Integer<Width.Quadword, Constants.Zero>, Width.Quadword, Constants.One>, Update);
        rows.Add("Fisttp_m16int", null, &X87StoreHandlers.Store<X87Stores.Integer<Width.Word, Constants.One>, Width.Word, Constants.One>, Update);
        rows.Add("Fisttp_m32int", null, &X87StoreHandlers.Store<X87Stores.Integer<Width.Doubleword, Constants.One>, Width.Doubleword, Constants.One>, Update);
        rows.Add("Fisttp_m64int", null, &X87StoreHandlers.Store<X87Stores.Integer<Width.Quadword, Constants.One>, Width.Quadword, Constants.One>, Update);
        rows.Add("Fbstp_m80bcd", null, &X87StoreHandlers.Store<X87Stores.PackedDecimal, Float80, Constants.One>, Update);
    }

    private static void StackMoves(RowBuilder rows)
    {
        rows.Add("Fst_sti", &X87Handlers.Plain<X87Stack.StoreRegister<Constants.Zero>>);
        foreach (string code in (string[])["Fstp_sti", "Fstp_sti_DFD0", "Fstp_sti_DFD8"])
            rows.Add(code, &X87Handlers.Plain<X87Stack.StoreRegister<Constants.One>>);
        rows.Add("Fstpnce_sti", &X87Handlers.Plain<X87Stack.StoreUnchecked>);
        foreach (string code in (string[])["Fxch_st0_sti", "Fxch_st0_sti_DDC8", "Fxch_st0_sti_DFC8"])
            rows.Add(code, &X87Handlers.Plain<X87Stack.Exchange>);
        rows.Add("Ffree_sti", &X87Handlers.Plain<X87Stack.FreeRegister>);
        rows.Add("Ffreep_sti", &X87Handlers.Plain<X87Stack.FreeRegisterPop>);
        rows.Add("Fincstp", &X87Handlers.Plain<X87Stack.Rotate<Constants.One>>);
        rows.Add("Fdecstp", &X87Handlers.Plain<X87Stack.Rotate<Constants.Zero>>);
        rows.Add("Fnop", &X87Handlers.Plain<X87Stack.Nothing>);
        rows.Add("Fcmovb_st0_sti", &X87Handlers.Plain<X87Stack.ConditionalMove<Constants.Zero, Constants.Zero>>);
        rows.Add("Fcmove_st0_sti", &X87Handlers.Plain<X87Stack.ConditionalMove<Constants.One, Constants.Zero>>);
        rows.Add("Fcmovbe_st0_sti", &X87Handlers.Plain<X87Stack.ConditionalMove<Constants.Two, Constants.Zero>>);
        rows.Add("Fcmovu_st0_sti", &X87Handlers.Plain<X87Stack.ConditionalMove<Constants.Three, Constants.Zero>>);
        rows.Add("Fcmovnb_st0_sti", &X87Handlers.Plain<X87Stack.ConditionalMove<Constants.Zero, Constants.One>>);
        rows.Add("Fcmovne_st0_sti", &X87Handlers.Plain<X87Stack.ConditionalMove<Constants.One, Constants.One>>);
        rows.Add("Fcmovnbe_st0_sti", &X87Handlers.Plain<X87Stack.ConditionalMove<Constants.Two, Constants.One>>);
        rows.Add("Fcmovnu_st0_sti", &X87Handlers.Plain<X87Stack.ConditionalMove<Constants.Three, Constants.One>>);
    }

    private static void Functions(RowBuilder rows)
    {
        rows.Add("Fchs", &X87Handlers.Unary<X87UnaryOps.ChangeSign>);
        rows.Add("Fabs", &X87Handlers.Unary<X87UnaryOps.Absolute>);
        rows.Add("Fsqrt", &X87Handlers.Unary<X87UnaryOps.SquareRoot>);
        rows.Add("Frndint", &X87Handlers.Unary<X87UnaryOps.RoundToIntegral>);
        rows.Add("F2xm1", &X87Handlers.Unary<X87UnaryOps.Exponential>);
        rows.Add("Fsin", &X87Handlers.Unary<X87UnaryOps.Sine>);
        rows.Add("Fcos", &X87Handlers.Unary<X87UnaryOps.Cosine>);
        rows.Add("Fsincos", &X87Handlers.Plain<X87TwoOperand.SineCosine>);
        rows.Add("Fptan", &X87Handlers.Plain<X87TwoOperand.Tangent>);
        rows.Add("Fpatan", &X87Handlers.Plain<X87TwoOperand.Combine<X87TwoOperand.ArcTangent>>);
        rows.Add("Fyl2x", &X87Handlers.Plain<X87TwoOperand.Combine<X87TwoOperand.Logarithm>>);
        rows.Add("Fyl2xp1", &X87Handlers.Plain<X87TwoOperand.Combine<X87TwoOperand.LogarithmPlusOne>>);
        rows.Add("Fscale", &X87Handlers.Plain<X87TwoOperand.Scale>);
        rows.Add("Fprem", &X87Handlers.Plain<X87TwoOperand.Remainder<Constants.Zero>>);
        rows.Add("Fprem1", &X87Handlers.Plain<X87TwoOperand.Remainder<Constants.One>>);
        rows.Add("Fxtract", &X87Handlers.Plain<X87TwoOperand.Extract>);
    }

    private static void Control(RowBuilder rows)
    {
        rows.Add("Wait", &X87Control.Wait);
        rows.Add("Fninit", &X87Control.Initialise);
        rows.Add("Fnclex", &X87Control.ClearExceptions);
        foreach (string code in (string[])["Fneni", "Fndisi", "Fnsetpm"])
            rows.Add(code, &X87Control.Nothing);
        rows.Add("Fldcw_m2byte", null, &X87Control.LoadControl, Access.Read);
        rows.Add("Fnstcw_m2byte", null, &X87Control.StoreControl, Access.Write);
        rows.Add("Fnstsw_m2byte", null, &X87Control.StoreStatus, Access.Write);
        rows.Add("Fnstsw_AX", &X87Control.StatusToAx);
        rows.Add("Emms", &X87Control.EmptyMmx);
    }

    private static void StateImages(RowBuilder rows)
    {
        rows.Add("Fnstenv_m14byte", null, &X87Environment.Store<Width.Word>);
        rows.Add("Fnstenv_m28byte", null, &X87Environment.Store<Width.Doubleword>);
        rows.Add("Fldenv_m14byte", null, &X87Environment.Load<Width.Word>);
        rows.Add("Fldenv_m28byte", null, &X87Environment.Load<Width.Doubleword>);
        rows.Add("Fnsave_m94byte", null, &X87Environment.Save<Width.Word>);
        rows.Add("Fnsave_m108byte", null, &X87Environment.Save<Width.Doubleword>);
        rows.Add("Frstor_m94byte", null, &X87Environment.Restore<Width.Word>);
        rows.Add("Frstor_m108byte", null, &X87Environment.Restore<Width.Doubleword>);
        rows.Add("Fxsave_m512byte", null, &FxSave.Save<Constants.Zero>);
        rows.Add("Fxsave64_m512byte", null, &FxSave.Save<Constants.One>);
        rows.Add("Fxrstor_m512byte", null, &FxSave.Restore<Constants.Zero>);
        rows.Add("Fxrstor64_m512byte", null, &FxSave.Restore<Constants.One>);
        rows.Add("Ldmxcsr_m32", null, &FxSave.LoadMxcsr, Access.Read);
        rows.Add("Stmxcsr_m32", null, &FxSave.StoreMxcsr, Access.Write);
        rows.Add("Xsave_mem", null, &XSave.Save<Constants.Zero, Constants.Zero>);
        rows.Add("Xsave64_mem", null, &XSave.Save<Constants.Zero, Constants.One>);
        rows.Add("Xsaveopt_mem", null, &XSave.Save<Constants.One, Constants.Zero>);
        rows.Add("Xsaveopt64_mem", null, &XSave.Save<Constants.One, Constants.One>);
        rows.Add("Xrstor_mem", null, &XSave.Restore<Constants.Zero>);
        rows.Add("Xrstor64_mem", null, &XSave.Restore<Constants.One>);
        rows.Add("Xgetbv", &XSave.GetRegister);
        rows.Add("Xsetbv", &XSave.SetRegister);
    }
}
