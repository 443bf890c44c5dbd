using System.Runtime.InteropServices;
using Emu.Core.State;

namespace Emu.Core.Worlds;

/// <summary>
/// One direction between two cards of a link. Only its sender adds frames and only its receiver takes them, and its losses are drawn by a generator of its
/// own: what it does cannot depend on the order in which machines take turns.
/// </summary>
public sealed class Wire
{
    /// <summary>Most bytes under way; a sender that outruns its receiver by more is cut off. Far more than any real line holds.</summary>
    public const long Capacity = 64 << 20;

    private readonly Queue<Transit> _underWay = new();
    private WireState _state;
    private long _bytes;

    internal Wire(int receiver, uint loss, ulong seed)
    {
        Receiver = receiver;
        Loss = loss;
        _state.Losses = new Prng(seed);
    }

    /// <summary>Which end of the link it leads to.</summary>
    public int Receiver { get; }

    /// <summary>How many of <see cref="LinkDescription.LossUnit"/> frames get lost.</summary>
    public uint Loss { get; }

    /// <summary>Its generator and its counters.</summary>
    public WireState State => _state;

    /// <summary>What is under way, in the order of arrival.</summary>
    public IReadOnlyCollection<Transit> UnderWay => _underWay;

    /// <summary>The next arrival; <see cref="Time.EventQueue.Never"/> when nothing is under way.</summary>
    public ulong NextArrival => _underWay.TryPeek(out Transit next) ? next.Arrival : Time.EventQueue.Never;

    /// <summary>Sends a frame on its way, or loses it.</summary>
    /// <param name="transit">Arrives later than all before it.</param>
    /// <returns>False if it was lost.</returns>
    internal bool TryCarry(in Transit transit)
    {
        if (Loss > 0 && _state.Losses.Below(LinkDescription.LossUnit) < Loss)
        {
            _state.Lost++;
            return false;
        }

        if (_bytes + transit.Frame.Length > Capacity)
        {
            _state.Overrun++;
            return false;
        }

        _state.Carried++;
        Add(transit);
        return true;
    }

    /// <summary>Takes the next frame from the wire.</summary>
    internal Transit Take()
    {
        Transit next = _underWay.Dequeue();
        _bytes -= next.Frame.Length;
        return next;
    }

    /// <summary>The frame that was taken last is the next one again.</summary>
    internal void PutBack(in Transit transit)
    {
        Transit[] later = [.. _underWay];
        _underWay.Clear();
        Add(transit);
        foreach (Transit one in later)
            _underWay.Enqueue(one);
    }

    /// <summary>Becomes what it was.</summary>
    internal void Restore(in WireState state, IEnumerable<Transit> underWay)
    {
        _state = state;
        _underWay.Clear();
        _bytes = 0;
        foreach (Transit transit in underWay)
            Add(transit);
    }

    /// <summary>Feeds everything it is to a hash.</summary>
    internal void AppendTo(System.IO.Hashing.XxHash3 hash)
    {
        hash.Append(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref _state, 1)));
        foreach (Transit transit in _underWay)
        {
            hash.Append(BitConverter.GetBytes(transit.Arrival));
            hash.Append(BitConverter.GetBytes(transit.Frame.Length));
            hash.Append(transit.Frame.Span);
        }
    }

    private void Add(in Transit transit)
    {
        _underWay.Enqueue(transit);
        _bytes += transit.Frame.Length;
    }
}
