namespace Emu.Core.Replay;

/// <summary>A point of a recording that can be gone back to.</summary>
public sealed class RecorderMark
{
    internal RecorderMark((long Length, ulong Hash) journal, byte[] lastParts, ulong lastCheck, int checks, ulong nextTick)
    {
        Journal = journal;
        LastParts = lastParts;
        LastCheck = lastCheck;
        Checks = checks;
        NextTick = nextTick;
    }

    internal (long Length, ulong Hash) Journal { get; }

    internal byte[] LastParts { get; }

    internal ulong LastCheck { get; }

    internal int Checks { get; }

    internal ulong NextTick { get; }
}
