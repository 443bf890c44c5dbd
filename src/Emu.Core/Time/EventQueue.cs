using Emu.Core.State;

namespace Emu.Core.Time;

/// <summary>
/// All timers of a machine, ordered by (tick, slot). A slot is one timer of one device, given at construction in device order, so the order of
/// equal ticks is part of the machine description. The queue is state: fixed capacity, no references.
/// </summary>
public sealed class EventQueue : Device<EventQueue.State>
{
    /// <summary>Most timers one machine may have.</summary>
    public const int Capacity = 64;

    /// <summary>The tick of a timer that is not scheduled.</summary>
    public const ulong Never = ulong.MaxValue;

    private readonly List<(ITimedDevice Device, int Timer)> _slots = new(Capacity);
    private readonly MachineClock _clock;

    public EventQueue(MachineClock clock)
        : base("events")
    {
        _clock = clock;
        Reset();
    }

    /// <summary>The tick of the earliest scheduled timer, or <see cref="Never"/>.</summary>
    public ulong NextTick => S.Next;

    /// <summary>Number of slots registered.</summary>
    public int SlotCount => _slots.Count;

    /// <summary>Registers a timer; called while the machine is composed, in device order.</summary>
    /// <returns>The slot to schedule with.</returns>
    public int Register(ITimedDevice device, int timer)
    {
        Check.That(SlotCount < Capacity, "too many timers");
        _slots.Add((device, timer));
        return SlotCount - 1;
    }

    /// <summary>Sets when a timer fires, replacing what was set; a tick that has passed fires at once.</summary>
    public void Schedule(int slot, ulong tick)
    {
        S.Ticks[slot] = tick;
        S.Next = Earliest(out _);
    }

    /// <summary>Takes a timer back.</summary>
    public void Cancel(int slot) => Schedule(slot, Never);

    /// <summary>When the timer fires, or <see cref="Never"/>.</summary>
    public ulong ScheduledAt(int slot) => S.Ticks[slot];

    /// <summary>Fires everything that is due at <c>clock.Now</c>, in order, including what the timers themselves schedule for now.</summary>
    public void FireDue()
    {
        while (S.Next <= _clock.Now)
        {
            Earliest(out int slot);
            S.Ticks[slot] = Never;
            S.Next = Earliest(out _);
            _slots[slot].Device.OnTimer(_slots[slot].Timer);
        }
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        for (int slot = 0; slot < Capacity; slot++)
            S.Ticks[slot] = Never;
        S.Next = Never;
    }

    private ulong Earliest(out int slot)
    {
        ulong earliest = Never;
        slot = 0;
        for (int i = 0; i < SlotCount; i++)
        {
            if (S.Ticks[i] < earliest)
            {
                earliest = S.Ticks[i];
                slot = i;
            }
        }

        return earliest;
    }

    /// <summary>When each slot fires.</summary>
    public struct State
    {
        public ulong Next;
        public Slots Ticks;
    }

    /// <summary>One tick per slot.</summary>
    [System.Runtime.CompilerServices.InlineArray(Capacity)]
    public struct Slots
    {
        private ulong _element;
    }
}
