namespace Otherworld.Guest.Boot;

/// <summary>When a run ends at the latest.</summary>
/// <param name="Value">Instructions, or nanoseconds of guest time; counted from power-on, or from where the run begins until <see cref="From"/> was asked.</param>
/// <param name="IsTime">Which of the two.</param>
public readonly record struct RunLimit(ulong Value, bool IsTime)
{
    /// <summary>The limit counted from power-on that lies this far ahead of where a guest stands.</summary>
    public RunLimit From(GuestMachine guest)
    {
        ulong now = Now(guest);
        return this with { Value = now > ulong.MaxValue - Value ? ulong.MaxValue : now + Value };
    }

    /// <summary>Where a guest stands, in the unit of this limit.</summary>
    public ulong Now(GuestMachine guest) => IsTime ? guest.Machine.Clock.Now : guest.Processor.InstructionCount;

    /// <summary>A limit counted from power-on is reached.</summary>
    public bool IsReached(GuestMachine guest) => Now(guest) >= Value;

    /// <summary>
    /// A tick no later than a limit counted from power-on. An instruction is a tick, but idle time is ticks too: a limit in instructions is approached
    /// from below, until <see cref="IsReached"/>.
    /// </summary>
    /// <param name="guest">The guest.</param>
    /// <param name="most">Most ticks from here.</param>
    public ulong NextTick(GuestMachine guest, ulong most = ulong.MaxValue)
    {
        ulong left = Math.Min(IsReached(guest) ? 0 : Value - Now(guest), most);
        ulong now = guest.Machine.Clock.Now;
        return now > ulong.MaxValue - left ? ulong.MaxValue : now + left;
    }
}
