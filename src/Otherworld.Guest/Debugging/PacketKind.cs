namespace Otherworld.Guest.Debugging;

/// <summary>What a debugger sent.</summary>
internal enum PacketKind
{
    /// <summary>Nothing whole yet.</summary>
    None,

    /// <summary>A packet with the right checksum.</summary>
    Packet,

    /// <summary>A packet that is damaged or too long: it is asked for again.</summary>
    Damaged,

    /// <summary>The byte 03: stop the guest.</summary>
    Interrupt,

    /// <summary>Our last packet did not arrive well.</summary>
    Resend,
}
