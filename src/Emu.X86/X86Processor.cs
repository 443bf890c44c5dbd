using System.Runtime.InteropServices;
using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.Core.Time;
using Emu.X86.Decode;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.Segmentation;
using Emu.X86.State;
using Emu.X86.Translator;

namespace Emu.X86;

/// <summary>
/// One x86-64 processor: its state, its memory view, its caches and its run loop. Members live where the concept lives:
/// <c>X86Processor.Run.cs</c> the loop, <c>X86Processor.State.cs</c> reset, save and restore.
/// </summary>
public sealed unsafe partial class X86Processor : IProcessor, IFrameWatcher, IDisposable
{
    private const ulong ViewBytes = (ulong)TlbView.Count * TlbEntry.ViewBytes;
    private const ulong JumpBytes = JumpCache.Count * 32;
    private const ulong HostJumpBytes = HostJumps.Count * 32;

    /// <summary>Scratch blocks; room for signal handlers and the frame of generated code; the processor, TLB views and jump tables.</summary>
    private const ulong CpuOffset = ScratchSize + HostFrame.Headroom;

    private readonly Cpu* _cpu;
    private readonly byte* _block;
    private readonly Op* _alone;
    private readonly Block* _partial;
    private readonly BlockDecoder _decoder;
    private readonly MachineClock _clock;
    private readonly GuestMemory _memory;
    private GCHandle _handle;
    private TranslatorEngine? _translator;
    private EngineKind _engine;

    /// <param name="memory">Guest RAM; the processor becomes its watcher.</param>
    /// <param name="bus">Ports and memory-mapped registers.</param>
    /// <param name="apic">The local APIC, which is also the INTR and NMI pins.</param>
    /// <param name="clock">The machine's clock, kept exact at every bus access.</param>
    /// <param name="seed">Seed of RDRAND.</param>
    /// <param name="coprocessor">FERR# and IGNNE#; null where the board leaves them unconnected.</param>
    public X86Processor(GuestMemory memory, IBus bus, ILocalApic apic, MachineClock clock, ulong seed = 0, ICoprocessorPins? coprocessor = null)
    {
        _memory = memory;
        _clock = clock;
        Bus = bus;
        Apic = apic;
        Coprocessor = coprocessor;
        Seed = seed;
        _handle = GCHandle.Alloc(this);
        _block = HostMemory.Map(NativeBytes);
        _partial = (Block*)_block;
        _alone = (Op*)(_block + ScratchSize - 512);
        Bounce = _block + ScratchSize - 128;
        _cpu = (Cpu*)(_block + CpuOffset);
        _cpu->TlbViews = (TlbEntry*)(_block + CpuOffset + CpuBytes);
        _cpu->Jumps = (JumpCache.Entry*)(_block + CpuOffset + CpuBytes + ViewBytes);
        _cpu->HostJumps = (HostJumps.Entry*)(_block + CpuOffset + CpuBytes + ViewBytes + JumpBytes);
        _cpu->Ram = memory.Base;
        _cpu->Owner = GCHandle.ToIntPtr(_handle);
        _generation = 1;
        _decoder = new BlockDecoder(memory);
        Report = new ProcessorReport();
        Mmu = new Mmu(this, _cpu, memory, bus);
        Blocks = new BlockCache(this, memory);
        Exceptions = new ExceptionUnit(this, _cpu);
        Segments = new SegmentUnit(this, _cpu);
        Tasks = new TaskUnit(this, _cpu);
        memory.Watcher = this;
        Reset();
    }

    /// <summary>Ports and memory-mapped registers.</summary>
    public IBus Bus { get; }

    /// <summary>The local APIC.</summary>
    public ILocalApic Apic { get; }

    /// <summary>FERR# and IGNNE#.</summary>
    public ICoprocessorPins? Coprocessor { get; }

    /// <summary>Seed of RDRAND.</summary>
    public ulong Seed { get; }

    /// <summary>Paging and every access the fast path cannot make.</summary>
    public Mmu Mmu { get; }

    /// <summary>Decoded blocks.</summary>
    public BlockCache Blocks { get; }

    /// <summary>Delivery of exceptions and interrupts.</summary>
    public ExceptionUnit Exceptions { get; }

    /// <summary>Descriptor tables and segment registers.</summary>
    public SegmentUnit Segments { get; }

    /// <summary>Hardware task switches.</summary>
    internal TaskUnit Tasks { get; }

    /// <summary>What the guest did that this processor does not know.</summary>
    public ProcessorReport Report { get; }

    /// <summary>Stop with <see cref="RunExit.Strict"/> at unknown guest behaviour.</summary>
    public bool Strict { get; set; }

    /// <summary>What runs hot code. May be changed between runs.</summary>
    /// <exception cref="Emu.Core.OtherworldException">The host cannot run generated code.</exception>
    public EngineKind Engine
    {
        get => _engine;
        set
        {
            if (value == EngineKind.Translator && EngineSupport.WhyNoTranslator is { } missing)
                throw new Core.OtherworldException($"the translator cannot run here: {missing}. Use --engine interpreter.");
            if (value == _engine)
                return;
            _engine = value;
            if (value == EngineKind.Translator)
                _translator ??= new TranslatorEngine(_cpu, Blocks.Arena);
            _decoder.WithGates = value == EngineKind.Translator;
            Blocks.Clear();
        }
    }

    /// <summary>Runs of a block before it becomes host code, 1 to <see cref="Gate.Threshold"/>: fewer to try the translator on code that never is hot.</summary>
    public int TranslateAfter
    {
        get => Gate.Threshold - _decoder.GateCount;
        set
        {
            Core.Check.That(value is >= 1 and <= Gate.Threshold);
            _decoder.GateCount = Gate.Threshold - value;
            Blocks.Clear();
        }
    }

    /// <summary>Blocks that became host code since the machine was made; for reports.</summary>
    public ulong Translated => _translator?.Translated ?? 0;

    /// <summary>Ticks spent in generated code, to a block; for reports.</summary>
    public ulong TicksTranslated => _cpu->Host.Ticks;

    /// <summary>The native processor, for code that inspects or sets registers between runs.</summary>
    public Cpu* Cpu => _cpu;

    private static ulong CpuBytes => ((ulong)sizeof(Cpu) + 63) & ~63UL;

    private static ulong NativeBytes => CpuOffset + CpuBytes + ViewBytes + JumpBytes + HostJumpBytes;

    /// <summary>64 bytes for the operand of an op that runs alone.</summary>
    internal byte* Bounce { get; }

    /// <inheritdoc/>
    void IFrameWatcher.BeforeWrite(ulong offset, int length)
    {
        byte flags = _memory.Flags[offset >> 12];
        if ((flags & (byte)FrameFlags.Code) != 0)
            Blocks.BeforeWrite(offset, length);
        if ((flags & (byte)FrameFlags.PageTable) != 0)
            Mmu.BeforeTableWrite(offset, length);
        if ((flags & (byte)FrameFlags.Watch) != 0)
            Mmu.NoteWatched(offset, length, WatchKinds.Write);
    }

    /// <inheritdoc/>
    void IFrameWatcher.BeforeReplacement(uint frame) => Blocks.BeforeWrite((ulong)frame * GuestMemory.FrameSize, GuestMemory.FrameSize);

    /// <summary>The clock is set to the tick of <paramref name="op"/>; the run ends behind the instruction.</summary>
    internal void EnterBus(Op* op)
    {
        _clock.Now = _cpu->TickAt(op);
        _cpu->BusTouched = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_handle.IsAllocated)
            return;
        _memory.Watcher = null;
        Blocks.Dispose();
        _translator?.Dispose();
        HostMemory.Unmap(_block, NativeBytes);
        _handle.Free();
    }
}
