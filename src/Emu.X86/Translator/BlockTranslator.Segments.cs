using Emu.X86.Interpreter;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Translator;

/// <content>Segment registers: what entries to the kernel and switches between processes do with them.</content>
internal sealed unsafe partial class BlockTranslator
{
    private static readonly Encoding LoadWord = new(0, 1, 0xB7, false);
    private static readonly Encoding LoadWordOnly = new(0x66, 0, 0x8B, false);
    private static readonly Encoding StoreWord = new(0x66, 0, 0x89, false);

    private Memory SegmentField(int segment, void* inFirst)
        => Frame(_at.Segments + (segment * sizeof(SegmentRegister)) + (int)((byte*)inFirst - (byte*)&_cpu->State.Segments));

    private Memory BaseOf(int segment) => SegmentField(segment, &((SegmentRegister*)&_cpu->State.Segments)->Base);

    private Memory SelectorOf(int segment) => SegmentField(segment, &((SegmentRegister*)&_cpu->State.Segments)->Selector);

    private void EmitSwapGs()
    {
        Memory gs = BaseOf((int)SegmentIndex.Gs);
        _emitter.Load(HostRegister.Rcx, gs);
        _emitter.Load(HostRegister.R10, Frame(_at.KernelGsBase));
        _emitter.Store(gs, HostRegister.R10);
        _emitter.Store(Frame(_at.KernelGsBase), HostRegister.Rcx);
    }

    /// <summary>MOV from a segment register: 16 bits to memory or a 16-bit register, zero-extended otherwise.</summary>
    private bool EmitReadSelector(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        if (memory)
        {
            int address = EmitAddress(operand);
            if (address < 0)
                return false;
            EmitCheck(address, sizeof(ushort), write: true, aligned: false);
            _emitter.Op(LoadWord, HostRegister.Rcx, SelectorOf(op->Src));
            _emitter.Op(StoreWord, HostRegister.Rcx, new Memory(address, HostRegister.R11, 0, 0));
            return true;
        }

        int guest = GuestOf(op->Dst);
        int target = Loaded(guest, HostRegister.R10);
        _emitter.Op(recipe.Code == Code.Mov_rm16_Sreg ? LoadWordOnly : LoadWord, target, SelectorOf(op->Src));
        if (target == HostRegister.R10)
            _emitter.Store(Slot(guest), target);
        return true;
    }

    /// <summary>RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE while CR4 allows them; a base that is not canonical is left to the interpreter.</summary>
    private bool EmitBase(Recipe recipe, Op* op)
    {
        EmitLeaveUnlessSet(ControlBits.Cr4Fsgsbase);
        Memory place = BaseOf((int)(recipe.Mnemonic is Mnemonic.Rdfsbase or Mnemonic.Wrfsbase ? SegmentIndex.Fs : SegmentIndex.Gs));
        int guest = GuestOf(op->Dst);
        int home = HostRegister.HomeOf(guest);
        if (recipe.Treatment == Treatment.ReadBase)
        {
            int target = home == HostRegister.Spilled ? HostRegister.R10 : home;
            _emitter.Load(target, place);
            if (home == HostRegister.Spilled)
                _emitter.Store(Slot(guest), target);
            return true;
        }

        int source = Loaded(guest, HostRegister.R10);
        EmitLeaveUnlessCanonical(source);
        _emitter.Store(place, source);
        return true;
    }

    /// <summary>Goes on when an address is canonical: moved up by one half, both halves end at 2^48.</summary>
    private void EmitLeaveUnlessCanonical(int address)
    {
        const ulong half = 1UL << 47;
        _delta = NoWindow;
        _emitter.Constant(HostRegister.R11, half);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.R11, address, 0, 0));
        _emitter.RotateRight(HostRegister.Rcx, HostRegister.Rcx, 48);
        _emitter.Op(LoadWord, HostRegister.Rcx, HostRegister.Rcx);
        EmitLeaveUnlessZero();
    }
}
