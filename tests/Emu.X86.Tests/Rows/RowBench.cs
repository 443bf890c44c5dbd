using System.Runtime.InteropServices;
using Emu.Core.Machine;
using Emu.X86.State;
using Emu.X86.Tests.HostExecution;
using Iced.Intel;

namespace Emu.X86.Tests.Rows;

/// <summary>One instruction, run on the host and on our processor from the same random state, at the same addresses.</summary>
internal sealed unsafe class RowBench : IDisposable
{
    private const int AreaStart = 0x4000;
    private const int AreaSize = 0x4000;

    private static readonly ulong[] Special =
        [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue];

    private static readonly Lazy<RowBench> Instance = new(() => new RowBench());

    private readonly HostCode _host = new();
    private readonly FlatMachine _machine = new(0x2000_0000);
    private readonly byte[] _data = new byte[HostCode.DataSize];
    private ulong _flags;

    /// <summary>One for the process: a host slot is scarce.</summary>
    internal static RowBench Shared => Instance.Value;

    public void Dispose() => _machine.Dispose();

    /// <summary>RCX of string instructions.</summary>
    internal int StringCount { get; set; }

    /// <summary>The bytes, or null for what cannot be written: AH with a REX prefix.</summary>
    internal byte[]? Encode(in Instruction instruction)
    {
        CodeBytes writer = new();
        Encoder encoder = Encoder.Create(64, writer);
        return encoder.TryEncode(in instruction, _host.CodeAddress, out _, out _) ? [.. writer.Bytes] : null;
    }

    /// <summary>Random registers, flags, XMM and memory, with the pointers an instruction needs.</summary>
    internal void Randomise(Random random, in Instruction instruction)
    {
        _host.Reset();
        for (int i = 0; i < 16; i++)
            _host.State.Gpr[i] = Value(random);
        _host.State.Gpr[4] = _host.StackAddress + (ulong)random.Next(-64, 64);
        _host.State.Gpr[3] = _host.DataAddress + AreaStart + (ulong)(random.Next(AreaSize / 16) * 16) + (random.Next(2) == 0 || NeedsAlignment(in instruction) ? 0 : (ulong)random.Next(16));
        _host.State.Gpr[12] = (ulong)random.Next(64) * (NeedsAlignment(in instruction) ? 16UL : 1);
        if (instruction.IsStringInstruction)
        {
            _host.State.Gpr[1] = (ulong)StringCount;
            _host.State.Gpr[6] = _host.DataAddress + AreaStart + (ulong)random.Next(AreaSize);
            _host.State.Gpr[7] = _host.DataAddress + AreaStart + (ulong)random.Next(AreaSize);
        }

        if (instruction.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && instruction.Op1Kind == OpKind.Register)
            *(long*)Unsafe.Pointer(ref _host.State, instruction.Op1Register) = random.Next(-32000, 32000);
        _flags = (ulong)random.Next(0x1000) & (Rflags.Status | (instruction.IsStringInstruction ? Rflags.Df : 0));
        _host.State.Rflags = _flags;
        Span<byte> xmm = MemoryMarshal.AsBytes(new Span<HostXmmRegisters>(ref _host.State.Fx.Xmm));
        random.NextBytes(xmm);
        for (int i = 0; i < 8; i++)
            _host.State.Fx.St[i] = new UInt128(0xFFFF, (ulong)random.NextInt64()); // as MMX leaves them
        random.NextBytes(_data);
        if (random.Next(3) == 0)
            _data.AsSpan(AreaStart, AreaSize).Fill((byte)(random.Next(2) == 0 ? 0 : 0xFF));
        _data.CopyTo(_host.Data);
        random.NextBytes(_host.Stack.Slice(0xF000, 0x2000));
    }

    internal void Compare(byte[] bytes, in Instruction instruction)
    {
        if (HostVendor.DiffersInDoubleShift(in instruction, _host.State.Gpr[1]) || HostVendor.DiffersInHint(in instruction))
            return;
        CopyIn(bytes);
        _host.Load(bytes);
        _host.Run();
        ulong end = _host.CodeAddress + (ulong)bytes.Length;
        RunExit exit = _machine.RunWithin(_host.CodeAddress, end, 200);
        string what = $"{instruction} ({Convert.ToHexString(bytes)})";
        bool faulted = exit == RunExit.TripleFault;
        Assert.That(faulted, Is.EqualTo(_host.State.Vector >= 0), $"{what}: fault on the host: vector {_host.State.Vector}");
        if (faulted)
        {
            _machine.EnterLongMode();
            return;
        }

        Assert.That(_machine.State.Rip, Is.EqualTo(end), $"{what}: RIP");
        for (int i = 0; i < 16; i++)
            Assert.That(_machine.State.Gpr[i], Is.EqualTo(_host.State.Gpr[i]), $"{what}: {(GeneralRegister)i}");
        ulong defined = (Rflags.Status | Rflags.Df) & ~Undefined(in instruction);
        Assert.That(_machine.State.Rflags & defined, Is.EqualTo(_host.State.Rflags & defined), $"{what}: RFLAGS, from {_flags:X}");
        fixed (ulong* xmm = _machine.State.Xmm)
            Assert.That(new Span<byte>(xmm, 256).SequenceEqual(MemoryMarshal.AsBytes(new Span<HostXmmRegisters>(ref _host.State.Fx.Xmm))[..256]), Is.True, $"{what}: XMM");
        Assert.That(Guest(_host.DataAddress, HostCode.DataSize).SequenceEqual(_host.Data), Is.True, $"{what}: memory");
        Assert.That(Guest(_host.StackAddress - 0x800, 0x1000).SequenceEqual(_host.Stack.Slice(0xF800, 0x1000)), Is.True, $"{what}: stack");
    }

    private void CopyIn(byte[] bytes)
    {
        ref CpuState state = ref _machine.State;
        for (int i = 0; i < 16; i++)
            state.Gpr[i] = _host.State.Gpr[i];
        state.Rip = _host.CodeAddress;
        state.Rflags = _flags | Rflags.Fixed;
        state.Mxcsr = _host.State.Fx.Mxcsr;
        fixed (ulong* xmm = state.Xmm)
            MemoryMarshal.AsBytes(new Span<HostXmmRegisters>(ref _host.State.Fx.Xmm))[..256].CopyTo(new Span<byte>(xmm, 256));
        for (int i = 0; i < 8; i++)
        {
            state.X87[2 * i] = (ulong)_host.State.Fx.St[i];
            state.X87[(2 * i) + 1] = (ushort)(_host.State.Fx.St[i] >> 64);
        }

        state.Fcw = _host.State.Fx.ControlWord;
        state.Fsw = 0;
        state.Ftw = 0xFFFF; // all empty, as the host's abridged tag of 0 says
        _machine.Memory.Write(_host.CodeAddress, bytes);
        _machine.Memory.Write(_host.DataAddress, _data);
        _machine.Memory.Write(_host.StackAddress - 0x1000, _host.Stack.Slice(0xF000, 0x2000));
    }

    private Span<byte> Guest(ulong address, int size) => new(_machine.Memory.Base + address, size);

    private static ulong Value(Random random)
    {
        if (random.Next(3) == 0)
            return Special[random.Next(Special.Length)];
        return (ulong)random.NextInt64() >> random.Next(64);
    }

    private static bool NeedsAlignment(in Instruction instruction) => instruction.MemorySize.GetSize() >= 16;

    private static ulong Undefined(in Instruction instruction)
    {
        RflagsBits bits = instruction.RflagsUndefined;
        ulong mask = 0;
        mask |= (bits & RflagsBits.OF) != 0 ? Rflags.Of : 0;
        mask |= (bits & RflagsBits.SF) != 0 ? Rflags.Sf : 0;
        mask |= (bits & RflagsBits.ZF) != 0 ? Rflags.Zf : 0;
        mask |= (bits & RflagsBits.AF) != 0 ? Rflags.Af : 0;
        mask |= (bits & RflagsBits.CF) != 0 ? Rflags.Cf : 0;
        mask |= (bits & RflagsBits.PF) != 0 ? Rflags.Pf : 0;
        // A count above 1 leaves OF undefined; Iced speaks of the encoding, not of the count.
        if (instruction.Mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Shld or Mnemonic.Shrd)
            mask |= Rflags.Of | Rflags.Af;
        if (instruction.Mnemonic is Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr)
            mask |= Rflags.Of;
        return mask;
    }

    private sealed class CodeBytes : CodeWriter
    {
        internal List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }

    private static class Unsafe
    {
        internal static void* Pointer(ref HostState state, Register register)
            => System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.CompilerServices.Unsafe.As<HostGprs, ulong>(ref state.Gpr)) is var first
                ? (ulong*)first + (register.GetFullRegister() - Register.RAX) : null;
    }
}
