using Emu.X86.Interpreter;
using Iced.Intel;

namespace Emu.X86.Semantics;

/// <summary>Writes rows; encodings are named as Iced names them, so a family is one string with a width in it.</summary>
/// <example><c>rows.Add("Add_r32_rm32", reg: &amp;…, mem: &amp;…, Access.Read)</c></example>
internal sealed unsafe class RowBuilder(InsnTable table)
{
    private readonly Dictionary<string, Code> _codes = Names();

    /// <summary>Adds the row of one encoding.</summary>
    /// <param name="code">Iced's name, for example <c>Add_rm32_r32</c>.</param>
    /// <param name="reg">Handler without a memory operand, or null.</param>
    /// <param name="mem">Handler with one, or null.</param>
    /// <param name="access">Fast-path access of <paramref name="mem"/>.</param>
    /// <param name="traits">See <see cref="RowTraits"/>.</param>
    /// <param name="based">Shorter handler for a memory operand without index, or null.</param>
    public void Add(
        string code,
        delegate*<State.Cpu*, Op*, Op*> reg,
        delegate*<State.Cpu*, Op*, Op*> mem = null,
        Access access = Access.None,
        RowTraits traits = RowTraits.None,
        delegate*<State.Cpu*, Op*, Op*> based = null)
        => Add(_codes[code], reg, mem, access, traits, based);

    /// <summary>Adds the row of one encoding.</summary>
    public void Add(
        Code code,
        delegate*<State.Cpu*, Op*, Op*> reg,
        delegate*<State.Cpu*, Op*, Op*> mem = null,
        Access access = Access.None,
        RowTraits traits = RowTraits.None,
        delegate*<State.Cpu*, Op*, Op*> based = null)
        => table.Add(new InsnRow
        {
            Code = code,
            RegisterForm = (nint)reg,
            MemoryForm = (nint)mem,
            BasedForm = (nint)based,
            Access = access,
            OperandSize = (byte)(code.ToOpCode().OperandSize / 8),
            Traits = traits,
        });

    /// <summary>A row already written, to give another encoding of the same instruction the same handlers.</summary>
    public InsnRow this[string code] => table[_codes[code]];

    /// <summary>Adds the row of another encoding of the same instruction.</summary>
    public void Add(string code, InsnRow same) => table.Add(same with { Code = _codes[code], OperandSize = (byte)(_codes[code].ToOpCode().OperandSize / 8) });

    /// <summary>The encoding raises #UD, for a reason.</summary>
    public void Undefined(string code, string because) => table.Add(new InsnRow { Code = _codes[code], Undefined = because });

    /// <summary>All of Iced's names at once: looking up thousands of them one by one takes longer than everything else at start-up.</summary>
    private static Dictionary<string, Code> Names()
    {
        string[] names = Enum.GetNames<Code>();
        Code[] values = Enum.GetValues<Code>();
        var codes = new Dictionary<string, Code>(names.Length, StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
            codes.Add(names[i], values[i]);
        return codes;
    }
}
