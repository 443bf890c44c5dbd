using System.Diagnostics.CodeAnalysis;
using Emu.Core;
using Emu.Core.State;
using Emu.X86.State;

namespace Emu.X86;

/// <content>Reset, save and restore.</content>
public sealed unsafe partial class X86Processor
{
    private const int ModeBits = 3;
    private const int UserMode = 4;
    private const ulong TableMask = ~0xFFFUL;

    private ulong _runStart;
    private ulong _generation;
    private readonly Space[] _spaces = new Space[64];
    private ulong _codeBase;
    private uint _codeLimit;

    /// <inheritdoc/>
    public string Id => "cpu";

    /// <inheritdoc/>
    [DynamicallyAccessedMembers(StateFields.Kept)]
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
    public ulong LastLeftTick => _cpu->State.LastUserOrIdleTick;

    /// <inheritdoc/>
    public bool HasRegister(int number) => number is >= 0 and <= PatchableRegister.Cr2 or >= PatchableRegister.Xmm0Low and < PatchableRegister.X87End;

    /// <inheritdoc/>
    public void SetRegister(int number, ulong value)
    {
        Check.That(HasRegister(number), "a register that cannot be set");
        PatchableRegister.Set(ref _cpu->State, number, value);
        if (number == PatchableRegister.Rflags)
            ModeChanged();
    }

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
    public void Restored()
    {
        DropTranslations();
        PassBreakpoint(false);
    }

    /// <inheritdoc/>
    public void DropCaches()
    {
        Blocks.Clear();
        DropTranslations();
    }

    /// <inheritdoc/>
    public void DropTranslations()
    {
        Mmu.FlushAll();
        ModeChanged();
    }

    /// <summary>Call after CPL, CS, CR0, CR4, EFER, RFLAGS.AC, RFLAGS.VM or DR7 changed: selects the TLB view, the code context and what SIMD may run.</summary>
    internal void ModeChanged()
    {
        Mmu.UpdateView();
        Semantics.Simd.SimdGate.Update(_cpu);
        int bitness = CodeBitness;
        int mode = (bitness / 32) | (_cpu->State.Cpl == 3 ? UserMode : 0);
        ref SegmentRegister cs = ref _cpu->State.Segments[(int)SegmentIndex.Cs];
        if (bitness != 64 && (cs.Base != _codeBase || cs.Limit != _codeLimit))
        {
            // Remembered branch targets are offsets in this segment.
            _codeBase = cs.Base;
            _codeLimit = cs.Limit;
            RenewContexts();
        }

        _cpu->Context = (_cpu->State.Cpl == 3 ? _cpu->UserContext : _cpu->KernelContext) | (uint)mode;
    }

    /// <summary>Remembered branch targets no longer hold; also ends the running chain of blocks at the next instruction that asks.</summary>
    internal void NewCodeContext()
    {
        RenewContexts();
        SelectContext();
        _cpu->BusTouched = true;
    }

    /// <summary>The same for targets that user code remembered, in all address spaces.</summary>
    internal void NewUserContext()
    {
        Array.Clear(_spaces);
        SelectSpace(_cpu->State.Cr3 & TableMask);
        _cpu->BusTouched |= _cpu->State.Cpl == 3;
    }

    /// <summary>The address space with this top table becomes the present one: what its user code remembered when it last was holds again.</summary>
    internal void SelectSpace(ulong table)
    {
        ref Space space = ref _spaces[(table >> 12) & (ulong)(_spaces.Length - 1)];
        if (space.Table != table || space.Context == 0)
            space = new Space(table, ++_generation << ModeBits);
        _cpu->UserContext = space.Context;
        SelectContext();
    }

    private void RenewContexts()
    {
        _cpu->KernelContext = ++_generation << ModeBits;
        Array.Clear(_spaces);
        SelectSpace(_cpu->State.Cr3 & TableMask);
    }

    private void SelectContext()
    {
        ulong mode = _cpu->Context & ((1UL << ModeBits) - 1);
        _cpu->Context = ((mode & UserMode) != 0 ? _cpu->UserContext : _cpu->KernelContext) | mode;
    }

    /// <summary>An address space, by its top table, and the context number of user code in it.</summary>
    private readonly record struct Space(ulong Table, ulong Context);
}
