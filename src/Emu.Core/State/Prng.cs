using System.Numerics;

namespace Emu.Core.State;

/// <summary>A seeded pseudo-random generator that is plain state: xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64.</summary>
public struct Prng
{
    public ulong S0;
    public ulong S1;
    public ulong S2;
    public ulong S3;

    /// <summary>Equal seeds give equal streams, on every host.</summary>
    public Prng(ulong seed)
    {
        S0 = SplitMix64(ref seed);
        S1 = SplitMix64(ref seed);
        S2 = SplitMix64(ref seed);
        S3 = SplitMix64(ref seed);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(S1 * 5, 7) * 9;
        ulong shifted = S1 << 17;
        S2 ^= S0;
        S3 ^= S1;
        S1 ^= S2;
        S0 ^= S3;
        S2 ^= shifted;
        S3 = BitOperations.RotateLeft(S3, 45);
        return result;
    }

    /// <summary>Uniform in [0, <paramref name="limit"/>), without bias.</summary>
    /// <param name="limit">At least 1.</param>
    public ulong Below(ulong limit)
    {
        Check.That(limit > 0);
        ulong refused = (0 - limit) % limit; // so many of the 2^64 values would make small results likelier
        ulong value;
        do
            value = Next();
        while (value < refused);
        return value % limit;
    }

    /// <summary>Fills a buffer, eight bytes per step, little endian.</summary>
    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[8];
        while (destination.Length > 0)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
            int count = Math.Min(8, destination.Length);
            word[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    private static ulong SplitMix64(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
