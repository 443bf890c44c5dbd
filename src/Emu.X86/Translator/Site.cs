using System.Runtime.InteropServices;

namespace Emu.X86.Translator;

/// <summary>Six bytes behind each CALL of an exit stub: which op it is about, and what is not in the host's registers.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Site
{
    /// <summary>Bytes of the CALL and of this structure together.</summary>
    internal const int Bytes = 11;

    /// <summary>Bytes of the CALL.</summary>
    internal const int CallBytes = 5;

    private const int PageMask = 0xFFF;
    private const int FlagShift = 12;

    /// <summary>Offset of the op in the block arena.</summary>
    public uint Op;

    /// <summary>Low 12 bits: of the block's first byte in its page. High bits: <see cref="FlagDebt"/>.</summary>
    public ushort Place;

    internal readonly uint PageOffset => (uint)(Place & PageMask);

    internal readonly FlagDebt Debt => (FlagDebt)(Place >> FlagShift);

    internal static ushort MakePlace(uint pageOffset, FlagDebt debt) => (ushort)(pageOffset | ((uint)debt << FlagShift));
}
