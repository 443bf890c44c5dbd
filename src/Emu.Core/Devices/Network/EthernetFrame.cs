namespace Emu.Core.Devices.Network;

/// <summary>Lengths of Ethernet frames (IEEE 802.3, 3.1.1), in bytes and without the check sequence, as drivers and capture files count them.</summary>
public static class EthernetFrame
{
    /// <summary>Two addresses and a type: nothing shorter is a frame.</summary>
    public const int HeaderLength = 14;

    /// <summary>A payload of 1500 bytes behind a header with a VLAN tag.</summary>
    public const int MaxLength = 1518;

    /// <summary>What the wire pads a shorter frame to.</summary>
    public const int PaddedLength = 60;

    /// <summary>What every frame costs on the wire besides: preamble and delimiter 8, check sequence 4, gap between frames 12.</summary>
    public const int WireOverhead = 24;

    /// <summary>A network card would send it.</summary>
    public static bool IsLength(ulong length) => length is >= HeaderLength and <= MaxLength;
}
