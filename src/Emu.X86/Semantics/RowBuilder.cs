using Emu.X86.Interpreter;
using Iced.Intel;

namespace Emu.X86.Semantics;

/// <summary>Writes rows; encodings are named as Iced names them, so a family is one string with a width in it.</summary>
/// <example><c>rows.Add("Add_r32_rm32", reg: &amp;…, mem: &amp;…, Access.Read)</c></example>
internal sealed unsafe class RowBuilder(InsnTable table)
{
    /// <summary>Adds the row of one encoding.</summary>
    /// <param name="code">Iced's name, for example <c>Add_rm32_r32</c>.</param>
    /// <param name="reg">Handler without a memory operand, or null.</param>
    /// <param name="mem">Handler with one, or null.</param>
    /// <param name="access">Fast-path access of <paramref name="mem"/>.</param>
    /// <param name="traits">See <see cref="RowTraits"/>.</param>
    public void Add(
        string code,
        delegate*<State.Cpu*, Op*, Op*> reg,
        delegate*<State.Cpu*, Op*, Op*> mem = null,
        Access access = Access.None,
        RowTraits traits = RowTraits.None)
        => Add(Enum.Parse<Code>(code), reg, mem, access, traits);

    /// <summary>Adds the row of one encoding.</summary>
    public void Add(
        Code code,
        delegate*<State.Cpu*, Op*, Op*> reg,
        delegate*<State.Cpu*, Op*, Op*> mem = null,
        Access access = Access.None,
        RowTraits traits = RowTraits.None)
        => table.Add(new InsnRow { Code = code, RegisterForm = (nint)reg, MemoryForm = (nint)mem, Access = access, Traits = traits });

    /// <summary>A row already written, to give another encoding of the same instruction the same handlers.</summary>
    public InsnRow this[string code] => table[Enum.Parse<Code>(code)];

    /// <summary>Adds the row of another encoding of the same instruction.</summary>
    public void Add(string code, InsnRow same) => table.Add(same with { Code = Enum.Parse<Code>(code) });

    /// <summary>The encoding raises #UD, for a reason.</summary>
    public void Undefined(string code, string because) => table.Add(new InsnRow { Code = Enum.Parse<Code>(code), Undefined = because });
}
