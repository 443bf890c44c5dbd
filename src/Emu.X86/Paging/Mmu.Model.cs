using Emu.X86.State;

namespace Emu.X86.Paging;

/// <content>
/// The model of a TLB, where one is asked for. Each access must then come by here: while there is a model, no view gets an entry for data, so that every
/// access takes the slow path. Who does not ask pays nothing.
/// </content>
public sealed unsafe partial class Mmu
{
    private const ulong GlobalBit = 1 << 8;

    private TlbModel? _model;

    /// <summary>Told of every data access and every invalidation of the interpreter; null: none. Between runs only.</summary>
    public TlbModel? Model
    {
        get => _model;
        set
        {
            _model = value;
            FlushAll();
        }
    }

    private ushort Pcid => (_cpu->State.Cr4 & ControlBits.Cr4Pcide) != 0 ? (ushort)(_cpu->State.Cr3 & 0xFFF) : (ushort)0;

    /// <summary>INVLPG.</summary>
    internal void InvalidatePage(ulong linear) => _model?.DropAddress(linear, Pcid);

    /// <summary>INVPCID (SDM 2A).</summary>
    /// <param name="type">0 to 3.</param>
    /// <param name="pcid">Which, for types 0 and 1.</param>
    /// <param name="linear">Which address, for type 0.</param>
    internal void InvalidatePcid(ulong type, ushort pcid, ulong linear)
    {
        if (type == 0)
            _model?.DropAddress(linear, pcid);
        else if (type == 1)
            _model?.DropPcid(pcid);
        else
            _model?.DropAll(global: type == 2);
    }

    /// <summary>A write to CR3 that does not ask to keep the translations of the new PCID.</summary>
    internal void InvalidateSpace() => _model?.DropPcid(Pcid);

    /// <summary>Bits of CR0, CR4 or EFER that decide what the page tables mean have changed.</summary>
    internal void PagingChanged()
    {
        _model?.DropAll(global: true);
        FlushAll();
    }

    private void NoteAccess(ulong linear, PageAccess access, int shift, ulong entry)
    {
        if (access == PageAccess.Execute)
            return;
        bool global = (entry & GlobalBit) != 0 && (_cpu->State.Cr4 & ControlBits.Cr4Pge) != 0;
        _model!.Access(linear, shift, Pcid, global);
    }
}
