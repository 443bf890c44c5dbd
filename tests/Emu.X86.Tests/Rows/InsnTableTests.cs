using Emu.X86.Semantics;
using Iced.Intel;

namespace Emu.X86.Tests.Rows;

/// <summary>Every encoding there is has an answer: a handler, or a reason for #UD. And CPUID says exactly what is there.</summary>
public sealed class InsnTableTests
{
    [Test]
    public void Every_encoding_is_implemented_or_has_a_reason_why_not()
    {
        SortedDictionary<string, int> reasons = new(StringComparer.Ordinal);
        List<string> wrong = [];
        foreach (Code code in Enum.GetValues<Code>())
        {
            InsnRow row = InsnTable.Instance[code];
            bool implemented = row.RegisterForm != 0 || row.MemoryForm != 0;
            string? reason = ReasonAgainst(code) ?? row.Undefined;
            if (implemented && IsForeign(code))
                wrong.Add($"{code} is implemented, but CPUID does not announce {Features(code)}");
            if (!implemented && reason is null)
                wrong.Add($"{code} ({Features(code)}) has neither a handler nor a reason");
            if (!implemented && reason is not null)
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
        }

        Assert.That(wrong, Is.Empty, string.Join('\n', reasons.Select(pair => $"{pair.Value,5}  {pair.Key}")));
    }

    [Test]
    public void Encodings_with_both_forms_have_both_handlers()
    {
        List<string> wrong = [];
        foreach (Code code in Enum.GetValues<Code>())
        {
            InsnRow row = InsnTable.Instance[code];
            if ((row.RegisterForm == 0 && row.MemoryForm == 0) || (row.Traits & RowTraits.String) != 0 || !HasBothForms(code))
                continue;
            if (row.RegisterForm == 0 || row.MemoryForm == 0)
                wrong.Add(code.ToString());
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Every_announced_set_of_instructions_is_complete_and_every_bit_is_known()
    {
        List<string> wrong = [];
        foreach ((uint leaf, char register) in ((uint, char)[])[(1, 'c'), (1, 'd'), (7, 'b'), (7, 'c'), (7, 'd'), (0xD, 'a'), (0x8000_0001, 'c'), (0x8000_0001, 'd')])
        {
            uint value = AnnouncedFeatures.Register(leaf, register);
            for (int bit = 0; bit < 32; bit++)
            {
                if ((value >> bit & 1) == 0)
                    continue;
                bool instructions = AnnouncedFeatures.Bits.Any(known => known.Leaf == leaf && known.Register == register && known.Bit == bit);
                bool other = AnnouncedFeatures.Others.Any(known => known.Leaf == leaf && known.Register == register && known.Bit == bit);
                if (!instructions && !other)
                    wrong.Add($"leaf {leaf:X}H, E{char.ToUpperInvariant(register)}X, bit {bit}: announced, but nobody knows what it is");
            }
        }

        foreach ((string name, uint leaf, char register, int bit) in AnnouncedFeatures.Others)
        {
            if ((AnnouncedFeatures.Register(leaf, register) >> bit & 1) == 0)
                wrong.Add($"{name} is not announced");
        }

        Assert.That(wrong, Is.Empty);
    }

    /// <summary>Implemented although an instruction set it belongs to is not announced; hints are there without.</summary>
    private static bool IsForeign(Code code)
        => code.CpuidFeatures().Any(feature => !AnnouncedFeatures.Has(feature) && !AnnouncedFeatures.Hints.Contains(feature)) && !IsReservedNop(code);

    private static bool IsReservedNop(Code code) => code is Code.Rdsspd_r32 or Code.Rdsspq_r64;

    private static string? ReasonAgainst(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        if (!info.IsInstruction)
            return "no instruction";
        if (info.Fwait)
            return "WAIT and an instruction of its own";
        if (info.DecoderOption != DecoderOptions.None)
            return $"another processor's, decoded only with {info.DecoderOption}";
        foreach (CpuidFeature feature in code.CpuidFeatures())
        {
            if (!AnnouncedFeatures.Has(feature))
                return $"{feature} is not announced";
        }

        return null;
    }

    private static string Features(Code code) => string.Join('+', code.CpuidFeatures());

    private static bool HasBothForms(Code code)
    {
        (bool register, bool memory) = RowInstructions.Forms(code);
        return register && memory;
    }
}
