using Iced.Intel;

namespace Emu.X86.Translator;

/// <summary>x87 instructions whose results IEEE 754 and the SDM define to the last bit. Transcendental ones, FPREM, FSCALE, FXTRACT and decimals are the interpreter's.</summary>
internal static class X87Treatments
{
    internal static Treatment Of(Mnemonic mnemonic) => mnemonic switch
    {
        Mnemonic.Fadd or Mnemonic.Faddp or Mnemonic.Fiadd or Mnemonic.Fmul or Mnemonic.Fmulp or Mnemonic.Fimul => Treatment.X87,
        Mnemonic.Fsub or Mnemonic.Fsubp or Mnemonic.Fisub or Mnemonic.Fsubr or Mnemonic.Fsubrp or Mnemonic.Fisubr => Treatment.X87,
        Mnemonic.Fdiv or Mnemonic.Fdivp or Mnemonic.Fidiv or Mnemonic.Fdivr or Mnemonic.Fdivrp or Mnemonic.Fidivr => Treatment.X87,
        Mnemonic.Fcom or Mnemonic.Fcomp or Mnemonic.Fcompp or Mnemonic.Fucom or Mnemonic.Fucomp or Mnemonic.Fucompp => Treatment.X87,
        Mnemonic.Ficom or Mnemonic.Ficomp or Mnemonic.Fcomi or Mnemonic.Fcomip or Mnemonic.Fucomi or Mnemonic.Fucomip => Treatment.X87,
        Mnemonic.Ftst or Mnemonic.Fxam or Mnemonic.Fchs or Mnemonic.Fabs or Mnemonic.Fsqrt or Mnemonic.Frndint => Treatment.X87,
        Mnemonic.Fld or Mnemonic.Fild or Mnemonic.Fld1 or Mnemonic.Fldz => Treatment.X87,
        Mnemonic.Fst or Mnemonic.Fstp or Mnemonic.Fist or Mnemonic.Fistp or Mnemonic.Fisttp => Treatment.X87,
        Mnemonic.Fxch or Mnemonic.Ffree or Mnemonic.Fincstp or Mnemonic.Fdecstp or Mnemonic.Fnop => Treatment.X87,
        Mnemonic.Fcmovb or Mnemonic.Fcmove or Mnemonic.Fcmovbe or Mnemonic.Fcmovu => Treatment.X87,
        Mnemonic.Fcmovnb or Mnemonic.Fcmovne or Mnemonic.Fcmovnbe or Mnemonic.Fcmovnu => Treatment.X87,
        Mnemonic.Fldcw => Treatment.X87LoadControl,
        Mnemonic.Fnstcw or Mnemonic.Fnstsw or Mnemonic.Fnclex => Treatment.X87Control,
        _ => Treatment.Interpret,
    };
}
