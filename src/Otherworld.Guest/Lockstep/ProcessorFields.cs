using System.Globalization;
using Emu.X86.State;

namespace Otherworld.Guest.Lockstep;

/// <summary>Fields of the processor's state by the names of the SDM.</summary>
internal static class ProcessorFields
{
    private static readonly (ulong Bit, string Name)[] Flags =
    [
        (Rflags.Cf, "CF"), (Rflags.Pf, "PF"), (Rflags.Af, "AF"), (Rflags.Zf, "ZF"), (Rflags.Sf, "SF"), (Rflags.Tf, "TF"), (Rflags.If, "IF"), (Rflags.Df, "DF"),
        (Rflags.Of, "OF"), (Rflags.Nt, "NT"), (Rflags.Rf, "RF"), (Rflags.Vm, "VM"), (Rflags.Ac, "AC"), (Rflags.Vif, "VIF"), (Rflags.Vip, "VIP"), (Rflags.Id, "ID"),
    ];

    /// <summary>The name of a field, or of one element of an array.</summary>
    /// <param name="field">As the layout of the state names it.</param>
    /// <param name="element">Its index; 0 for a field that is no array.</param>
    public static string NameOf(string field, int element)
    {
        if (field.StartsWith("Segments[", StringComparison.Ordinal))
        {
            string[] parts = field.Split(']');
            var index = (SegmentIndex)int.Parse(parts[0]["Segments[".Length..], CultureInfo.InvariantCulture);
            return $"{Upper(index.ToString())}{parts[1]}";
        }

        return field switch
        {
            "Gpr" => Upper(((GeneralRegister)element).ToString()),
            "Dr" => string.Create(CultureInfo.InvariantCulture, $"DR{element}"),
            "Xmm" => string.Create(CultureInfo.InvariantCulture, $"XMM{element / 2} bits {(element % 2 == 0 ? "0-63" : "64-127")}"),
            "X87" => string.Create(CultureInfo.InvariantCulture, $"x87 register {element / 2} {(element % 2 == 0 ? "significand" : "exponent")}"),
            "MtrrFixed" or "MtrrVariable" or "MsrSpare" => string.Create(CultureInfo.InvariantCulture, $"{field}[{element}]"),
            _ => field.Length <= 6 ? Upper(field) : field,
        };
    }

    /// <summary>Two values of RFLAGS, flag by flag.</summary>
    public static IEnumerable<StateDifference> CompareRflags(ulong reference, ulong subject)
    {
        ulong left = reference ^ subject;
        foreach ((ulong bit, string name) in Flags)
        {
            if ((left & bit) != 0)
                yield return new StateDifference($"RFLAGS.{name}", Digit(reference, bit), Digit(subject, bit));
            left &= ~bit;
        }

        if (left != 0)
            yield return new StateDifference("RFLAGS", reference.ToString("x8", CultureInfo.InvariantCulture), subject.ToString("x8", CultureInfo.InvariantCulture));
    }

    private static string Digit(ulong value, ulong bit) => (value & bit) != 0 ? "1" : "0";

    private static string Upper(string name) => name.ToUpperInvariant();
}
