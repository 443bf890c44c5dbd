namespace Emu.X86.Semantics.Integer;

/// <summary>Rows of the integer instructions.</summary>
internal static class IntegerRows
{
    internal static void Add(RowBuilder rows)
    {
        Binary.Rows<BinaryOps.Test>(rows, "Test");
        rows.Add("Test_rm8_imm8_F6r1", rows["Test_rm8_imm8"]);
        rows.Add("Test_rm16_imm16_F7r1", rows["Test_rm16_imm16"]);
        rows.Add("Test_rm32_imm32_F7r1", rows["Test_rm32_imm32"]);
        rows.Add("Test_rm64_imm32_F7r1", rows["Test_rm64_imm32"]);
        Arithmetic<BinaryOps.Add>(rows, "Add");
        Arithmetic<BinaryOps.Or>(rows, "Or");
        Arithmetic<BinaryOps.Adc>(rows, "Adc");
        Arithmetic<BinaryOps.Sbb>(rows, "Sbb");
        Arithmetic<BinaryOps.And>(rows, "And");
        Arithmetic<BinaryOps.Sub>(rows, "Sub");
        Arithmetic<BinaryOps.Xor>(rows, "Xor");
        Arithmetic<BinaryOps.Cmp>(rows, "Cmp");
        Unary.Rows<UnaryOps.Inc>(rows, "Inc");
        Unary.Rows<UnaryOps.Dec>(rows, "Dec");
        Unary.Rows<UnaryOps.Not>(rows, "Not");
        Unary.Rows<UnaryOps.Neg>(rows, "Neg");
        foreach (string name in (string[])["Inc", "Dec"])
        {
            rows.Add($"{name}_r16", rows[$"{name}_rm16"]);
            rows.Add($"{name}_r32", rows[$"{name}_rm32"]);
        }

        Moves.Add(rows);
        ConditionalRows.Add(rows);
        Shifts.Add(rows);
        MultiplyDivide.Add(rows);
        Bits.Add(rows);
        NearBranch.Add(rows);
        Stack.Add(rows);
        Strings.Add(rows);
        Locked.Add(rows);
        Decimal.Add(rows);
    }

    private static void Arithmetic<TOp>(RowBuilder rows, string name)
        where TOp : struct, IBinaryOp
    {
        Binary.Rows<TOp>(rows, name);
        Binary.MoreRows<TOp>(rows, name);
    }
}
