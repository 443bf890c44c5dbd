namespace Emu.Core.Replay;

/// <summary>What a record of a journal holds.</summary>
public enum JournalRecordKind : byte
{
    /// <summary>An input that came before the events due at its tick.</summary>
    Input = 1,

    /// <summary>An input that came when the events due at its tick had fired.</summary>
    SettledInput = 2,

    /// <summary>What the machine was at a tick.</summary>
    Check = 3,

    /// <summary>The last record: the recording ended here on purpose.</summary>
    End = 4,
}
