using Emu.X86.Exceptions;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Segmentation;

/// <summary>The stack that a call gate, an interrupt or an exception switches to; nothing of it is the processor's until <see cref="Commit"/>. SDM 3A 5.8.5, 6.12.1.</summary>
internal unsafe struct InnerStack
{
    private SegmentRegister _segment;
    private ulong _pointer;
    private int _cpl;
    private bool _long;
    private bool _current;

    /// <summary>SS:ESP from a 16- or 32-bit TSS.</summary>
    internal static bool TryOpen(Cpu* cpu, int cpl, uint external, out InnerStack stack)
    {
        SegmentUnit segments = cpu->Processor.Segments;
        stack = new InnerStack { _cpl = cpl };
        if (!segments.TryStackPointer32(cpl, external, out ushort selector, out uint esp))
            return false;
        stack._pointer = esp;
        return segments.TryFormStack(selector, cpl, Vector.Ts, external, out stack._segment);
    }

    /// <summary>RSP from a 64-bit TSS; SS becomes null.</summary>
    /// <param name="ist">Entry of the interrupt stack table, or 0.</param>
    internal static bool TryOpen64(Cpu* cpu, int cpl, int ist, uint external, out InnerStack stack)
    {
        stack = new InnerStack { _cpl = cpl, _long = true, _segment = Descriptor.Null((ushort)cpl) };
        if (!cpu->Processor.Segments.TryStackPointer64(ist != 0 ? 3 + ist : cpl, external, out stack._pointer))
            return false;
        return Mmu.IsCanonical(stack._pointer) || cpu->Processor.Segments.Fail(Vector.Ss, external);
    }

    /// <summary>The stack in use: pushes without a switch.</summary>
    internal static InnerStack Current(Cpu* cpu) => new()
    {
        _segment = cpu->State.Segments[(int)SegmentIndex.Ss],
        _pointer = *cpu->Gpr(GeneralRegister.Rsp),
        _cpl = cpu->State.Cpl,
        _current = true,
    };

    /// <summary>Pushes words so that the first ends lowest.</summary>
    /// <param name="size">2, 4 or 8 bytes each.</param>
    internal bool TryPush(Cpu* cpu, ulong* words, int count, int size, uint external)
    {
        Mmu mmu = cpu->Processor.Mmu;
        ulong mask = Mask;
        int view = mmu.ViewOf(_cpl);
        for (int i = count - 1; i >= 0; i--)
        {
            _pointer = (_pointer - (ulong)size) & mask;
            if (!TryLinear(cpu, size, external, out ulong linear) || !mmu.TryWriteAs(view, linear, (byte*)(words + i), size))
                return false;
        }

        return true;
    }

    /// <summary>Loads SS and RSP.</summary>
    internal readonly void Commit(Cpu* cpu)
    {
        cpu->State.Segments[(int)SegmentIndex.Ss] = _segment;
        ulong* rsp = cpu->Gpr(GeneralRegister.Rsp);
        *rsp = Mask == 0xFFFF ? (*rsp & ~0xFFFFUL) | _pointer : _pointer;
    }

    private readonly ulong Mask => _long ? ulong.MaxValue : (_segment.Attributes & SegmentAttributes.Big) != 0 ? 0xFFFF_FFFF : 0xFFFF;

    private readonly bool TryLinear(Cpu* cpu, int size, uint external, out ulong linear)
    {
        SegmentUnit segments = cpu->Processor.Segments;
        if (_long)
        {
            linear = _pointer;
            return Mmu.IsCanonical(linear) || segments.Fail(Vector.Ss, external);
        }

        linear = (uint)(_segment.Base + _pointer);
        bool down = (_segment.Attributes & SegmentAttributes.ExpandDownOrConforming) != 0;
        ulong last = _pointer + (ulong)size - 1;
        bool inside = down ? _pointer > _segment.Limit && last <= Mask : last <= _segment.Limit;
        return inside || segments.Fail(Vector.Ss, _current ? external : SegmentUnit.ErrorOf(_segment.Selector) | external);
    }
}
