using Emu.X86;
using Emu.X86.State;
using Emu.X86.Tests.Rows;
using Iced.Intel;

namespace Otherworld.Bench;

/// <summary>A machine without devices, and a piece of code at 4 MiB in it.</summary>
internal sealed unsafe class GuestCode : IDisposable
{
    internal const ulong Base = 0x40_0000;

    private readonly FlatMachine _machine = new(128 << 20);

    internal GuestCode(Action<Assembler> emit)
    {
        var assembler = new Assembler(64);
        emit(assembler);
        using var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), Base);
        _machine.Memory.Write(Base, code.ToArray());
        _machine.State.Gpr[(int)GeneralRegister.Rax] = _machine.State.Cr3;
        _machine.State.Gpr[(int)GeneralRegister.Rbx] = 0x100_0000;
        _machine.State.Rip = Base;
    }

    internal EngineKind Engine
    {
        set => _machine.Processor.Engine = value;
    }

    /// <summary>Blocks that have host code.</summary>
    internal int Translations => _machine.Processor.TranslatedBlocks().Count;

    /// <summary>Forgets decoded blocks and translations.</summary>
    internal void DropCaches() => _machine.Processor.DropCaches();

    /// <summary>Runs a number of instructions from where the last run stopped.</summary>
    internal ulong Run(int instructions)
    {
        _machine.Processor.Run(_machine.Clock.Now + (ulong)instructions);
        return _machine.State.Rip;
    }

    /// <summary>Runs a number of instructions from the start.</summary>
    internal ulong RunFromStart(int instructions)
    {
        _machine.State.Rip = Base;
        return Run(instructions);
    }

    public void Dispose() => _machine.Dispose();
}
