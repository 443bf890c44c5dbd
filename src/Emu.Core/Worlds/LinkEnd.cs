using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Emu.Core.Devices.Network;
using Emu.Core.Host;
using Emu.Core.Time;

namespace Emu.Core.Worlds;

/// <summary>
/// Where a card is plugged into a link: it puts one frame after the other onto the wires to all other ends, at the speed of the link. A frame that would wait
/// too long for its turn is dropped, as by the queue of a switch.
/// </summary>
public sealed class LinkEnd : IFrameSink, ISwitch
{
    /// <summary>Most frames of full length that wait for their turn.</summary>
    public const ulong QueueLength = 256;

    private readonly LinkDescription _link;
    private readonly int _linkIndex;
    private readonly int _index;
    private LinkEndState _state;

    internal LinkEnd(LinkDescription link, int linkIndex, int index, ulong seed)
    {
        _link = link;
        _linkIndex = linkIndex;
        _index = index;
        Wires = [.. Enumerable.Range(0, link.Between.Length).Where(end => end != index).Select(end => new Wire(end, link.Loss, seed + (ulong)end))];
    }

    /// <summary>One for each other end.</summary>
    public ImmutableArray<Wire> Wires { get; }

    /// <summary>When it is free again, and its counters.</summary>
    public LinkEndState State => _state;

    /// <inheritdoc/>
    public bool IsOn { get; set; } = true;

    /// <summary>Is told of every frame.</summary>
    internal IFrameObserver? Observer { get; set; }

    /// <inheritdoc/>
    public void Send(ulong tick, ReadOnlySpan<byte> frame)
    {
        if (!IsOn)
            return;
        ulong start = Math.Max(tick, _state.FreeAt);
        if (start - tick > QueueLength * TicksOnWire(EthernetFrame.MaxLength))
        {
            _state.Dropped++;
            Observer?.Sent(new SentFrame(tick, _linkIndex, _index, frame.ToArray(), [.. Wires.Select(wire => wire.Receiver)]));
            return;
        }

        _state.FreeAt = start + TicksOnWire(frame.Length);
        _state.Sent++;
        var transit = new Transit(_state.FreeAt + _link.Latency, frame.ToArray());
        ImmutableArray<int> missed = [];
        foreach (Wire wire in Wires)
        {
            if (!wire.TryCarry(transit))
                missed = missed.Add(wire.Receiver);
        }

        Observer?.Sent(new SentFrame(tick, _linkIndex, _index, transit.Frame, missed));
    }

    /// <summary>Becomes what it was.</summary>
    internal void Restore(in LinkEndState state) => _state = state;

    /// <summary>Feeds everything it is to a hash.</summary>
    internal void AppendTo(System.IO.Hashing.XxHash3 hash)
    {
        hash.Append(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref _state, 1)));
        foreach (Wire wire in Wires)
            wire.AppendTo(hash);
    }

    /// <summary>How long a frame occupies the wire. At least one tick: so a frame sent in a quantum of the length of the latency arrives after its end.</summary>
    private ulong TicksOnWire(int length)
    {
        if (_link.Bandwidth == 0)
            return 1;
        ulong bits = 8 * (ulong)(Math.Max(length, EthernetFrame.PaddedLength) + EthernetFrame.WireOverhead);
        return Math.Max(1, new Frequency(_link.Bandwidth).TickOf(bits));
    }
}
