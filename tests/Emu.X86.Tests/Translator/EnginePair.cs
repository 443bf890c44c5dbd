using System.Runtime.InteropServices;
using Emu.Core.Machine;
using Emu.X86.State;
using Emu.X86.Tests.Rows;

namespace Emu.X86.Tests.Translator;

/// <summary>Two equal flat machines, one for each engine, that run the same program from the same random states.</summary>
internal sealed unsafe class EnginePair : IDisposable
{
    internal const ulong CodeAddress = 0x40_1F00;
    internal const ulong DataAddress = 0x60_0000;
    internal const int DataSize = 0x3000;

    private const ulong StackAddress = 0x80_0800;
    private const int StackSize = 0x1000;

    private static readonly ulong[] Special =
        [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue];

    private readonly FlatMachine _interpreter = new(16 << 20);
    private readonly FlatMachine _translator = new(16 << 20);
    private readonly byte[] _data = new byte[DataSize];

    internal EnginePair()
    {
        if (!EngineSupport.CanTranslate)
            Assert.Ignore($"{EngineSupport.WhyNoTranslator}: nothing to compare.");
        _translator.Processor.Engine = EngineKind.Translator;
    }

    /// <summary>Blocks that became host code.</summary>
    internal ulong Translated => _translator.Processor.Translated;

    /// <summary>Ticks spent in host code.</summary>
    internal ulong TicksTranslated => _translator.Processor.TicksTranslated;

    public void Dispose()
    {
        _interpreter.Dispose();
        _translator.Dispose();
    }

    /// <summary>Writes a program.</summary>
    internal void Load(ReadOnlySpan<byte> program, ulong address = CodeAddress)
    {
        _interpreter.Memory.Write(address, program);
        _translator.Memory.Write(address, program);
    }

    /// <summary>The same random registers, flags and memory in both; RBX points into the data, RSP into the stack, R12 is small.</summary>
    /// <param name="random">Where they come from.</param>
    /// <param name="alignment">RBX and R12 are multiples of it.</param>
    /// <param name="adjust">Changes the registers before they are used.</param>
    internal void Randomise(Random random, uint alignment, Action<ulong[]>? adjust = null)
    {
        ulong[] gpr = new ulong[16];
        for (int i = 0; i < gpr.Length; i++)
            gpr[i] = random.Next(3) == 0 ? Special[random.Next(Special.Length)] : (ulong)random.NextInt64() >> random.Next(64);
        gpr[(int)GeneralRegister.Rsp] = StackAddress + (ulong)random.Next(-64, 64);
        gpr[(int)GeneralRegister.Rbx] = DataAddress + 0x1000 + ((ulong)random.Next(0x400) * alignment);
        gpr[(int)GeneralRegister.R12] = (ulong)random.Next(16) * alignment;
        adjust?.Invoke(gpr);
        ulong flags = ((ulong)random.Next(0x1000) & Rflags.Status) | Rflags.Fixed;
        byte[] xmm = new byte[256];
        random.NextBytes(xmm);
        random.NextBytes(_data);
        RandomX87 x87 = RandomX87.Make(random);
        foreach (FlatMachine machine in (FlatMachine[])[_interpreter, _translator])
        {
            ref CpuState state = ref machine.State;
            for (int i = 0; i < gpr.Length; i++)
                state.Gpr[i] = gpr[i];
            state.Rip = CodeAddress;
            state.Rflags = flags;
            fixed (ulong* target = state.Xmm)
                xmm.CopyTo(new Span<byte>(target, 256));
            x87.Put(ref state);
            machine.Memory.Write(DataAddress, _data);
            machine.Memory.Write(StackAddress - (StackSize / 2), _data.AsSpan(0, StackSize));
        }
    }

    /// <summary>Runs both for some ticks and compares everything.</summary>
    internal void RunAndCompare(ulong ticks, string what)
    {
        RunExit first = _interpreter.Processor.Run(_interpreter.Clock.Now + ticks);
        RunExit second = _translator.Processor.Run(_translator.Clock.Now + ticks);
        Assert.That(second, Is.EqualTo(first), $"{what}: end of the run");
        for (int i = 0; i < 16; i++)
            Assert.That(_translator.State.Gpr[i], Is.EqualTo(_interpreter.State.Gpr[i]), $"{what}: {(GeneralRegister)i}");
        Assert.That(_translator.State.Rflags, Is.EqualTo(_interpreter.State.Rflags), $"{what}: RFLAGS");
        Assert.That(Bytes(ref _translator.State).SequenceEqual(Bytes(ref _interpreter.State)), Is.True, $"{what}: state");
        Assert.That(Ram(_translator, DataAddress, DataSize).SequenceEqual(Ram(_interpreter, DataAddress, DataSize)), Is.True, $"{what}: memory");
        Assert.That(Ram(_translator, StackAddress - StackSize, 2 * StackSize).SequenceEqual(Ram(_interpreter, StackAddress - StackSize, 2 * StackSize)), Is.True, $"{what}: stack");
        if (first != RunExit.TripleFault)
            return;
        _interpreter.EnterLongMode();
        _translator.EnterLongMode();
    }

    private static ReadOnlySpan<byte> Bytes(ref CpuState state) => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref state, 1));

    private static ReadOnlySpan<byte> Ram(FlatMachine machine, ulong address, int size) => new(machine.Memory.Base + address, size);
}
