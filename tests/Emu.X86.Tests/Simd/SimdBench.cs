using System.Runtime.InteropServices;
using Emu.Core.Machine;
using Emu.X86.Semantics.Float;
using Emu.X86.State;
using Emu.X86.Tests.Float;
using Emu.X86.Tests.HostExecution;
using Emu.X86.Tests.Rows;
using Iced.Intel;

namespace Emu.X86.Tests.Simd;

/// <summary>One x87, MMX or SSE instruction on the host and on our processor, from the same registers, control words, stack and memory.</summary>
internal sealed unsafe class SimdBench : IDisposable
{
    private const int AreaStart = 0x4000, AreaSize = 0x400, WindowStart = 0x3800, WindowSize = 0x1800;
    private static readonly Lazy<SimdBench> Instance = new(() => new SimdBench());

    private readonly HostCode _host = SharedHost.Code;
    private readonly FlatMachine _machine = new(0x2000_0000);
    private readonly byte[] _data = new byte[HostCode.DataSize];
    private HostState _before;
    private readonly List<(int Start, int Length)> _ignored = [];
    private bool _faulted;

    internal static SimdBench Shared => Instance.Value;

    public void Dispose() => _machine.Dispose();

    /// <summary>What this case is about, for messages.</summary>
    private string Description { get; set; } = string.Empty;

    /// <summary>The bytes, or null for what cannot be written.</summary>
    internal byte[]? Encode(in Instruction instruction)
    {
        CodeBytes writer = new();
        Encoder encoder = Encoder.Create(64, writer);
        return encoder.TryEncode(in instruction, _host.CodeAddress, out _, out _) ? [.. writer.Bytes] : null;
    }

    /// <summary>Random state full of corner cases. <paramref name="single"/> says of which format the vectors are.</summary>
    internal void Randomise(FloatOperands random, bool single, bool x87, bool aligned)
    {
        _host.Reset();
        ref HostState state = ref _host.State;
        for (int i = 0; i < 16; i++)
            state.Gpr[i] = random.Below(3) == 0 ? (ulong)random.Below(40) - 20 : random.Bits64();
        state.Gpr[4] = _host.StackAddress;
        state.Gpr[3] = _host.DataAddress + AreaStart + (ulong)(random.Below(AreaSize / 64) * 64) + (aligned || random.Below(2) == 0 ? 0 : (ulong)random.Below(16));
        state.Gpr[7] = _host.DataAddress + AreaStart + (ulong)random.Below(AreaSize);
        state.Gpr[12] = aligned ? (ulong)random.Below(8) * 16 : (ulong)random.Below(64);
        state.Rflags = random.Bits64() & Rflags.Status;
        state.Fx.Mxcsr = random.Mxcsr();
        for (int i = 0; i < 16; i++)
            state.Fx.Xmm[i] = Vector(random, single);
        for (int i = WindowStart; i < WindowStart + WindowSize; i += 16)
            MemoryMarshal.Write(_data.AsSpan(i), Vector(random, single));
        RandomiseX87(random, x87);
        _data.AsSpan(WindowStart, WindowSize).CopyTo(_host.Data[WindowStart..]);
        _before = state;
        _ignored.Clear();
    }

    /// <summary>Sets four bytes of memory, relative to RBX.</summary>
    internal void Patch(int offset, uint value)
    {
        int at = (int)(_before.Gpr[3] - _host.DataAddress) + offset;
        BitConverter.TryWriteBytes(_data.AsSpan(at), value);
        BitConverter.TryWriteBytes(_host.Data[at..], value);
    }

    /// <summary>Sets RAX and RDX.</summary>
    internal void SetMask(uint low, uint high)
    {
        _host.State.Gpr[0] = _before.Gpr[0] = low;
        _host.State.Gpr[2] = _before.Gpr[2] = high;
    }

    /// <summary>Memory that <see cref="Compare"/> leaves out this time: pairs of first and end, from an offset relative to RBX.</summary>
    internal void Ignore(int offset, ReadOnlySpan<int> ranges)
    {
        for (int i = 0; i + 1 < ranges.Length; i += 2)
            _ignored.Add(((int)(_before.Gpr[3] - _host.DataAddress) + offset + ranges[i], ranges[i + 1] - ranges[i]));
    }

    internal void Compare(byte[] bytes, in Instruction instruction)
    {
        Description = $"{instruction} ({Convert.ToHexString(bytes)})";
        CopyIn(bytes);
        _host.Load(bytes);
        _host.Run();
        ulong end = _host.CodeAddress + (ulong)bytes.Length;
        RunExit exit = _machine.RunWithin(_host.CodeAddress, end, 200);
        bool faulted = exit == RunExit.TripleFault;
        _faulted = faulted;
        Assert.That(faulted, Is.EqualTo(_host.State.Vector >= 0), $"{Description}: fault on the host: vector {_host.State.Vector}; {Inputs(in instruction)}");
        CompareFloat(in instruction, faulted);
        if (faulted)
            return;

        for (int i = 0; i < 16; i++)
            Assert.That(_machine.State.Gpr[i], Is.EqualTo(_host.State.Gpr[i]), $"{Description}: {(GeneralRegister)i}; {Inputs(in instruction)}");
        Assert.That(_machine.State.Rflags & Rflags.Status, Is.EqualTo(_host.State.Rflags & Rflags.Status), $"{Description}: RFLAGS; {Inputs(in instruction)}");
        Span<byte> memory = new(_machine.Memory.Base + _host.DataAddress + WindowStart, WindowSize);
        foreach ((int start, int length) in _ignored)
            _host.Data.Slice(start, length).CopyTo(memory[(start - WindowStart)..]);
        int at = memory.CommonPrefixLength(_host.Data.Slice(WindowStart, WindowSize));
        Assert.That(at, Is.EqualTo(WindowSize), $"{Description}: memory at {_host.DataAddress + WindowStart + (ulong)at:x}; {Inputs(in instruction)}");
    }

    private void CompareFloat(in Instruction instruction, bool faulted)
    {
        string inputs = Inputs(in instruction);
        ref HostFxImage fx = ref _host.State.Fx;
        fixed (ulong* xmm = _machine.State.Xmm)
        {
            for (int i = 0; i < 16; i++)
            {
                if (HostVendor.DiffersInDotProduct(in instruction, fx.Xmm[i]))
                    continue;
                Assert.That(new UInt128(xmm[2 * i + 1], xmm[2 * i]), Is.EqualTo(fx.Xmm[i]), $"{Description}: XMM{i} {new UInt128(xmm[2 * i + 1], xmm[2 * i]):x32} not {fx.Xmm[i]:x32}; {inputs}");
            }
        }

        Assert.That(_machine.State.Mxcsr, Is.EqualTo(fx.Mxcsr), $"{Description}: MXCSR; {inputs}");
        Assert.That(_machine.State.Fcw, Is.EqualTo(fx.ControlWord), $"{Description}: FCW; {inputs}");
        Assert.That(_machine.State.Fsw.ToString("x4"), Is.EqualTo(fx.StatusWord.ToString("x4")), $"{Description}: FSW, faulted {faulted}; {inputs}");
        int top = _machine.State.Fsw >> 11 & 7;
        for (int i = 0; i < 8; i++)
        {
            bool full = (fx.AbridgedTag >> i & 1) != 0;
            Assert.That((_machine.State.Ftw >> (2 * i) & 3) != 3, Is.EqualTo(full), $"{Description}: tag of R{i}; {inputs}");
            int physical = top + i & 7;
            fixed (ulong* x87 = _machine.State.X87)
            {
                Float80 ours = new(x87[2 * physical], (ushort)x87[2 * physical + 1]), theirs = X87AgainstHostTests.Value(fx.St[i]);
                Assert.That(ours, Is.EqualTo(theirs), $"{Description}: ST({i}); {inputs}");
            }
        }
    }

    private string Inputs(in Instruction instruction)
    {
        string text = $"MXCSR {_before.Fx.Mxcsr:x} FCW {_before.Fx.ControlWord:x} FSW {_before.Fx.StatusWord:x} tags {_before.Fx.AbridgedTag:x2}";
        for (int i = 0; i < instruction.OpCount; i++)
        {
            Register register = instruction.GetOpKind(i) == OpKind.Register ? instruction.GetOpRegister(i) : Register.None;
            if (register.IsXMM())
                text += $" {register}={_before.Fx.Xmm[register - Register.XMM0]:x32}";
            else if (register.IsMM())
                text += $" {register}={_before.Fx.St[register - Register.MM0 - (_before.Fx.StatusWord >> 11 & 7) & 7]:x20}";
            else if (register.IsST())
                text += $" {register}={_before.Fx.St[register - Register.ST0]:x20}";
        }

        ulong address = _before.Gpr[3] + _before.Gpr[12] * (ulong)(instruction.MemoryIndex == Register.None ? 0 : instruction.MemoryIndexScale) + instruction.MemoryDisplacement64;
        int offset = (int)(address - _host.DataAddress);
        return offset is >= 0 and < HostCode.DataSize - 16 ? $"{text} ST0={_before.Fx.St[0]:x20} ST1={_before.Fx.St[1]:x20} [{MemoryMarshal.Read<UInt128>(_data.AsSpan(offset)):x32}]" : text;
    }

    private void RandomiseX87(FloatOperands random, bool x87)
    {
        ref HostFxImage fx = ref _host.State.Fx;
        for (int i = 0; i < 8; i++)
        {
            Float80 value = random.Next80();
            fx.St[i] = new UInt128(value.SignExponent, value.Significand);
        }

        if (x87 && random.Below(2) == 0)
        {
            (Float80 a, Float80 b) = random.Pair80();
            fx.St[0] = new UInt128(a.SignExponent, a.Significand);
            fx.St[1] = new UInt128(b.SignExponent, b.Significand);
        }

        fx.ControlWord = random.ControlWord();
        int top = random.Below(8);
        // Sticky flags only where masked: nothing is pending.
        fx.StatusWord = (ushort)(top << 11 | random.Below(16) << 8 & 0x700 | random.Below(2) << 14 | random.Below(64) & fx.ControlWord & 0x3f);
        fx.AbridgedTag = (byte)(random.Below(3) == 0 ? random.Below(256) : 0xf << top | 0xf << top >> 8);
    }

    private void CopyIn(byte[] bytes)
    {
        if (_faulted)
            _machine.EnterLongMode();
        ref CpuState state = ref _machine.State;
        for (int i = 0; i < 16; i++)
            state.Gpr[i] = _before.Gpr[i];
        state.Rip = _host.CodeAddress;
        state.Cr4 |= ControlBits.Cr4Osxsave;
        state.Xcr0 = 3;
        state.Rflags = _before.Rflags | Rflags.Fixed;
        ref HostFxImage fx = ref _before.Fx;
        state.Mxcsr = fx.Mxcsr;
        state.Fcw = fx.ControlWord;
        state.Fsw = fx.StatusWord;
        state.Ftw = 0;
        int top = fx.StatusWord >> 11 & 7;
        for (int i = 0; i < 8; i++)
        {
            state.Ftw |= (ushort)((fx.AbridgedTag >> i & 1) != 0 ? 0 : 3 << (2 * i));
            state.X87[2 * (top + i & 7)] = (ulong)fx.St[i];
            state.X87[2 * (top + i & 7) + 1] = (ushort)(fx.St[i] >> 64);
        }

        for (int i = 0; i < 16; i++)
        {
            state.Xmm[2 * i] = (ulong)fx.Xmm[i];
            state.Xmm[2 * i + 1] = (ulong)(fx.Xmm[i] >> 64);
        }

        _machine.Memory.Write(_host.CodeAddress, bytes);
        _machine.Memory.Write(_host.DataAddress + WindowStart, _data.AsSpan(WindowStart, WindowSize));
    }

    private static UInt128 Vector(FloatOperands random, bool single)
    {
        if (random.Below(5) == 0)
            return new UInt128(random.Significand(), random.Significand());
        if (!single)
        {
            (ulong high, ulong low) = random.Pair<Binary64>();
            return new UInt128(high, low);
        }

        (ulong a, ulong b) = random.Pair<Binary32>();
        (ulong c, ulong d) = random.Pair<Binary32>();
        return new UInt128(a << 32 | b, c << 32 | d);
    }

    private sealed class CodeBytes : CodeWriter
    {
        internal List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}
