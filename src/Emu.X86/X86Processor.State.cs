using Emu.X86.State;

namespace Emu.X86;

/// <content>Reset, save and restore.</content>
public sealed unsafe partial class X86Processor
{
    private ulong _runStart;
    private ulong _generation;
    private ulong _codeBase;
    private uint _codeLimit;

    /// <inheritdoc/>
    public string Id => "cpu";

    /// <inheritdoc/>
    public Type StateType => typeof(CpuState);

    /// <inheritdoc/>
    public Span<byte> StateBytes => new(&_cpu->State, sizeof(CpuState));

    /// <summary>The architectural state, complete between runs; after changing more than registers call <see cref="Restored"/>.</summary>
    public ref CpuState State => ref _cpu->State;

    /// <inheritdoc/>
    public ulong InstructionCount => _cpu->State.InstructionCount;

    /// <inheritdoc/>
    public bool Halted => _cpu->State.Halted != 0;

    /// <inheritdoc/>
    public int Cpl => _cpu->State.Cpl;

    /// <inheritdoc/>
    public bool InterruptsEnabled => (_cpu->State.Rflags & Rflags.If) != 0;

    /// <inheritdoc/>
    public bool NmiBlocked => _cpu->State.NmiBlocked != 0;

    /// <inheritdoc/>
    public ulong LastUserOrIdleTick => _cpu->State.Cpl == 3 || _cpu->State.Halted != 0 ? _clock.Now : _cpu->State.LastUserOrIdleTick;

    /// <inheritdoc/>
    public void Reset()
    {
        _cpu->State = default;
        ProcessorReset.PowerOn(ref _cpu->State, Seed);
        Restored();
    }

    /// <inheritdoc/>
    public void Init()
    {
        ProcessorReset.Init(ref _cpu->State);
        Restored();
    }

    /// <inheritdoc/>
    public void Restored() => DropCaches();

    /// <inheritdoc/>
    public void DropCaches()
    {
        Mmu.FlushAll();
        Blocks.Clear();
        ModeChanged();
    }

    /// <summary>Call after CPL, CS, CR0, CR4, EFER, RFLAGS.AC, RFLAGS.VM or DR7 changed: selects the TLB view, the code context and what SIMD may run.</summary>
    internal void ModeChanged()
    {
        Mmu.UpdateView();
        Semantics.Simd.SimdGate.Update(_cpu);
        int bitness = CodeBitness;
        int mode = (bitness / 32) | (_cpu->State.Cpl == 3 ? 4 : 0);
        ref SegmentRegister cs = ref _cpu->State.Segments[(int)SegmentIndex.Cs];
        if (bitness != 64 && (cs.Base != _codeBase || cs.Limit != _codeLimit))
        {
            // Remembered branch targets are offsets in this segment.
            _codeBase = cs.Base;
            _codeLimit = cs.Limit;
            _generation++;
        }

        _cpu->Context = (_generation << 3) | (uint)mode;
    }

    /// <summary>Remembered branch targets no longer hold; also ends the running chain of blocks at the next instruction that asks.</summary>
    internal void NewCodeContext()
    {
        _generation++;
        _cpu->Context = (_generation << 3) | (_cpu->Context & 7);
        _cpu->BusTouched = true;
    }
}
