using Emu.X86.State;

namespace Emu.X86.Translator;

/// <summary>The code every block shares: the way in, the ways out, loading XMM registers.</summary>
internal sealed unsafe class HostStubs
{
    private const int XmmRegisters = 16;
    private const byte Push = 0x50;
    private const byte Pop = 0x58;

    private static readonly int[] Saved = [HostRegister.Rbx, HostRegister.Rbp, 12, 13, 14, 15];

    private readonly byte*[] _exits = new byte*[(int)SiteKind.HostFault + 1];
    private readonly HostEmitter _emitter;
    private readonly FrameOffsets _at;

    internal HostStubs(Cpu* cpu, HostEmitter emitter)
    {
        _emitter = emitter;
        _at = new FrameOffsets(cpu);
        Enter = emitter.Next;
        EmitEnter();
        byte* leave = EmitLeave();
        for (int kind = 0; kind < _exits.Length; kind++)
        {
            _exits[kind] = emitter.Next;
            emitter.OpRegister(new Encoding(0, 0, Pop, false), HostRegister.R11);
            emitter.Constant(HostRegister.Rcx, (ulong)kind);
            emitter.Jump(leave);
        }

        LoadXmm = emitter.Next;
        EmitLoadXmm(leave);
        Recover = emitter.Next;
        EmitRecover(cpu);
    }

    /// <summary>The entry stub.</summary>
    internal byte* Enter { get; }

    /// <summary>Called with a <see cref="Site"/> behind the call; returns behind it with XMM registers and MXCSR live, or leaves.</summary>
    internal byte* LoadXmm { get; }

    /// <summary>Where a host fault goes on: leaves with <see cref="SiteKind.HostFault"/>, whatever the stack pointer was.</summary>
    internal byte* Recover { get; }

    /// <summary>The stub that a site of a kind calls.</summary>
    internal byte* this[SiteKind kind] => _exits[(int)kind];

    /// <summary>The name of a stub, for listings.</summary>
    internal string NameOf(byte* stub)
    {
        for (SiteKind kind = 0; kind <= SiteKind.HostFault; kind++)
        {
            if (this[kind] == stub)
                return $"leave.{kind}";
        }

        return stub == LoadXmm ? "load.Xmm" : $"{(ulong)stub:x}";
    }

    private Memory Frame(int offset) => new(HostRegister.Rsp, offset);

    private static Memory Slot(int guest) => new(HostRegister.Rsp, 64 - HostFrame.RspOffset + (guest * 8));

    // RDI = code, RSI = RSP while it runs.
    private void EmitEnter()
    {
        foreach (int register in Saved)
            _emitter.OpRegister(new Encoding(0, 0, Push, false), register);
        _emitter.Store(new Memory(HostRegister.Rsi, _at.HostRsp), HostRegister.Rsp);
        _emitter.Move(HostRegister.Rsp, HostRegister.Rsi);
        _emitter.Move(HostRegister.R11, HostRegister.Rdi);
        _emitter.Load(HostRegister.Rcx, Frame(_at.X87State));
        byte* liveX87 = _emitter.JumpIfZero();
        byte* ready = _emitter.Next;
        _emitter.Load(HostRegister.Rax, Frame(_at.Flags));
        _emitter.Byte(0x04); // add al, 127: OF
        _emitter.Byte(0x7F);
        _emitter.Byte(0x9E); // sahf
        for (int guest = 0; guest < XmmRegisters; guest++)
        {
            if (HostRegister.HomeOf(guest) != HostRegister.Spilled)
                _emitter.Load(HostRegister.HomeOf(guest), Slot(guest));
        }

        _emitter.Load(HostRegister.Budget, Frame(_at.Budget));
        _emitter.JumpTo(HostRegister.R11);
        _emitter.Here(liveX87);
        MoveX87(store: false);
        _emitter.Jump(ready);
    }

    // R11 = site, RCX = kind.
    private byte* EmitLeave()
    {
        byte* leave = _emitter.Next;
        for (int guest = 0; guest < XmmRegisters; guest++)
        {
            if (HostRegister.HomeOf(guest) != HostRegister.Spilled)
                _emitter.Store(Slot(guest), HostRegister.HomeOf(guest));
        }

        _emitter.Byte(0x9F); // lahf
        _emitter.Byte(0x0F); // seto al
        _emitter.Byte(0x90);
        _emitter.Byte(0xC0);
        _emitter.Op(new Encoding(0x66, 0, 0x89, false), HostRegister.Rax, Frame(_at.Flags));
        _emitter.Store(Frame(_at.Site), HostRegister.R11);
        _emitter.Store(Frame(_at.Kind), HostRegister.Rcx);
        _emitter.Store(Frame(_at.Budget), HostRegister.Budget);
        _emitter.Load(HostRegister.Rcx, Frame(_at.XmmState));
        byte* live = _emitter.JumpIfZero();
        byte* done = _emitter.Next;
        _emitter.Load(HostRegister.Rcx, Frame(_at.X87State));
        byte* liveX87 = _emitter.JumpIfZero();
        byte* saved = _emitter.Next;
        _emitter.Load(HostRegister.Rsp, Frame(_at.HostRsp));
        for (int i = Saved.Length - 1; i >= 0; i--)
            _emitter.OpRegister(new Encoding(0, 0, Pop, false), Saved[i]);
        _emitter.Byte(0xC3);
        _emitter.Here(liveX87);
        MoveX87(store: true);
        _emitter.Byte(0xDB); // fninit: what the host expects
        _emitter.Byte(0xE3);
        _emitter.Jump(saved);
        _emitter.Here(live);
        MoveXmm(0x11);
        EmitMxcsr(store: true, _at.Mxcsr);
        EmitMxcsr(store: false, _at.HostMxcsr);
        _emitter.Jump(done);
        return leave;
    }

    // RCX = XmmState, not 0.
    private void EmitLoadXmm(byte* leave)
    {
        _emitter.OpRegister(new Encoding(0, 0, Pop, false), HostRegister.R11);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, -(int)HostFrame.XmmForbidden));
        byte* forbidden = _emitter.JumpIfZero();
        byte* allowed = _emitter.Next;
        _emitter.Jump(allowed); // patched below
        _emitter.Here(forbidden);
        _emitter.Constant(HostRegister.Rcx, (ulong)SiteKind.Interpret);
        _emitter.Jump(leave);
        *(int*)(allowed + 1) = (int)(_emitter.Next - (allowed + Site.CallBytes));
        EmitMxcsr(store: true, _at.HostMxcsr);
        EmitMxcsr(store: false, _at.Mxcsr);
        MoveXmm(0x10);
        _emitter.Op(Encoding.Wide1(0xC7), 0, Frame(_at.XmmState));
        _emitter.Dword((int)HostFrame.XmmLive);
        _emitter.Lea(HostRegister.R11, new Memory(HostRegister.R11, Site.Bytes - Site.CallBytes));
        _emitter.JumpTo(HostRegister.R11);
    }

    private void EmitRecover(Cpu* cpu)
    {
        _emitter.Constant(HostRegister.Rsp, (ulong)FrameOffsets.Rsp(cpu));
        _emitter.Byte(0xFC); // cld
        _emitter.Call(_exits[(int)SiteKind.HostFault]);
        _emitter.Dword(0);
        _emitter.Word(0);
    }

    /// <summary>MOVUPS of all registers: 10H loads, 11H stores.</summary>
    private void MoveXmm(byte opcode)
    {
        for (int register = 0; register < XmmRegisters; register++)
            _emitter.Op(new Encoding(0, 1, opcode, false), register, Frame(_at.Xmm + (register * 16)));
    }

    /// <summary>XSAVE or XRSTOR of x87 registers only: the component is named in EDX:EAX.</summary>
    private void MoveX87(bool store)
    {
        _emitter.Constant(HostRegister.Rax, 1);
        _emitter.Constant(HostRegister.Rdx, 0);
        _emitter.Op(new Encoding(0, 1, 0xAE, true), store ? 4 : 5, Frame(_at.X87Image));
    }

    private void EmitMxcsr(bool store, int offset) => _emitter.Op(new Encoding(0, 1, 0xAE, false), store ? 3 : 2, Frame(offset));
}
