using System.Numerics;
using System.Runtime.CompilerServices;

namespace Emu.Core.Devices.Lapic;

/// <summary>256 bits, one per vector: IRR, ISR, TMR.</summary>
[InlineArray(4)]
public struct VectorSet
{
    private ulong _element;

    /// <summary>The highest vector in the set, or -1.</summary>
    public readonly int Highest
    {
        get
        {
            for (int i = 3; i >= 0; i--)
            {
                if (this[i] != 0)
                    return i * 64 + 63 - BitOperations.LeadingZeroCount(this[i]);
            }

            return -1;
        }
    }

    /// <summary>Vectors 32n to 32n + 31 as one of the eight registers shows them.</summary>
    public readonly uint Register(int index) => (uint)(this[index >> 1] >> ((index & 1) * 32));

    /// <summary>Whether the vector is in the set.</summary>
    public readonly bool Contains(int vector) => (this[vector >> 6] >> (vector & 63) & 1) != 0;

    /// <summary>Adds a vector.</summary>
    public void Add(int vector) => this[vector >> 6] |= 1UL << (vector & 63);

    /// <summary>Takes a vector out.</summary>
    public void Remove(int vector) => this[vector >> 6] &= ~(1UL << (vector & 63));
}
