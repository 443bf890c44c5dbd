namespace Emu.X86.Semantics;

/// <summary>The groups of rows, one line each, in the order of the folders.</summary>
internal static class RowGroups
{
    internal static void AddAll(RowBuilder rows)
    {
        Integer.IntegerRows.Add(rows);
        Simd.MoveRows.Add(rows);
        Simd.IntegerVectorRows.Add(rows);
        Supervisor.SystemRows.Add(rows);
        Simd.FloatRows.Add(rows);
        Simd.MiscellaneousRows.Add(rows);
        X87.X87Rows.Add(rows);
    }
}
