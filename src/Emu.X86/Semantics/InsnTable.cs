using Iced.Intel;

namespace Emu.X86.Semantics;

/// <summary>All rows, indexed by Iced's <see cref="Code"/>.</summary>
public sealed class InsnTable
{
    private readonly InsnRow[] _rows = new InsnRow[IcedConstants.CodeCount];

    private InsnTable()
    {
    }

    /// <summary>The one table; built once, never changed.</summary>
    public static InsnTable Instance { get; } = Build();

    /// <summary>The row of an encoding; an empty row (no form, no reason) when nobody wrote one.</summary>
    public ref readonly InsnRow this[Code code] => ref _rows[(int)code];

    /// <summary>Adds a row; each encoding has exactly one.</summary>
    internal void Add(InsnRow row)
    {
        Core.Check.That(_rows[(int)row.Code].Code == default && row.Code != default, $"second row for {row.Code}");
        _rows[(int)row.Code] = row;
    }

    private static InsnTable Build()
    {
        var table = new InsnTable();
        RowGroups.AddAll(new RowBuilder(table));
        return table;
    }
}
