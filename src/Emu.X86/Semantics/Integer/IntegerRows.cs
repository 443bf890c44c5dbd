namespace Emu.X86.Semantics.Integer;

/// <summary>Rows of the integer instructions.</summary>
internal static class IntegerRows
{
    internal static void Add(RowBuilder rows)
    {
        _ = rows;
    }
}
