using System.IO.Hashing;
using System.Runtime.InteropServices;
using Emu.Core.Machine;

namespace Otherworld.Guest.Boot;

/// <summary>Hashes the external inputs of a run: with machine and images it is the whole identity of what the guest did.</summary>
public sealed class InputHash : IInputJournal
{
    private readonly XxHash3 _hash = new();

    /// <summary>Inputs so far.</summary>
    public int Count { get; private set; }

    /// <summary>The hash of all of them, in order.</summary>
    public ulong Value => _hash.GetCurrentHashAsUInt64();

    /// <inheritdoc/>
    public void Record(in InputEvent input, bool settled)
    {
        Count++;
        ReadOnlySpan<ulong> head = [input.Tick, (ulong)input.Source, (ulong)input.Bytes.Length];
        _hash.Append(MemoryMarshal.AsBytes(head));
        _hash.Append(input.Bytes.Span);
    }
}
