using System.Runtime.CompilerServices;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Bus;

/// <summary>
/// Counts accesses to addresses where no device is, by address, in the order of the first. They are reported at the end of a run; under strict
/// rules the first one stops the machine. The counts are state, so that a restored run reports the same.
/// </summary>
public sealed class UnclaimedAccesses : Device<UnclaimedAccesses.State>
{
    /// <summary>Most addresses told apart; accesses to further ones are only summed.</summary>
    public const int Capacity = 128;

    private readonly StopLatch _stop;
    private readonly bool _strict;

    /// <param name="stop">Where a strict machine is stopped.</param>
    /// <param name="strict">Stop at the first unclaimed access.</param>
    public UnclaimedAccesses(StopLatch stop, bool strict)
        : base("unclaimed")
    {
        _stop = stop;
        _strict = strict;
    }

    /// <summary>Accesses to addresses that found no place in the table.</summary>
    public ulong Overflow => S.Overflow;

    /// <summary>Addresses in the table.</summary>
    public int AddressCount => S.Used;

    /// <summary>One address, in the order of first access.</summary>
    public UnclaimedAccess this[int index] => new((AccessKind)S.Kinds[index], S.Addresses[index], S.Counts[index]);

    /// <summary>Notes one access.</summary>
    public void Count(AccessKind kind, ulong address)
    {
        if (_strict)
            _stop.Request(StopReason.Strict, (uint)address);
        for (int i = 0; i < S.Used; i++)
        {
            if (S.Addresses[i] == address && S.Kinds[i] == (byte)kind)
            {
                S.Counts[i]++;
                return;
            }
        }

        if (S.Used == Capacity)
        {
            S.Overflow++;
            return;
        }

        S.Kinds[S.Used] = (byte)kind;
        S.Addresses[S.Used] = address;
        S.Counts[S.Used] = 1;
        S.Used++;
    }

    /// <inheritdoc/>
    public override void Reset() => S = default;

    /// <summary>The table.</summary>
    public struct State
    {
        public Qwords Addresses;
        public Qwords Counts;
        public Kind Kinds;
        public ulong Overflow;
        public int Used;
        public uint Reserved;
    }

    /// <summary>One value per address.</summary>
    [InlineArray(Capacity)]
    public struct Qwords
    {
        private ulong _element;
    }

    /// <summary>One <see cref="AccessKind"/> per address.</summary>
    [InlineArray(Capacity)]
    public struct Kind
    {
        private byte _element;
    }
}
