namespace Emu.Core.Replay;

/// <summary>A point of a recording that can be gone back to.</summary>
public sealed class RecorderMark
{
    internal RecorderMark((long Length, ulong Hash) journal, byte[] lastParts, ulong lastCheck, int checks)
    {
        Journal = journal;
        LastParts = lastParts;
        LastCheck = lastCheck;
        Checks = checks;
    }

    internal (long Length, ulong Hash) Journal { get; }

    internal byte[] LastParts { get; }

    internal ulong LastCheck { get; }

    internal int Checks { get; }
}
