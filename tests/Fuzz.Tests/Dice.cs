using Emu.Core.State;

namespace Fuzz.Tests;

/// <summary>Random choices from a seed.</summary>
internal sealed class Dice(ulong seed)
{
    private Prng _prng = new(seed);

    /// <summary>64 random bits.</summary>
    public ulong Bits() => _prng.Next();

    /// <summary>Uniform from 0 to <paramref name="limit"/> - 1.</summary>
    public int Below(int limit) => (int)_prng.Below((ulong)limit);

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public int Between(int low, int high) => low + Below(high - low);

    /// <summary>True so many times in a hundred.</summary>
    public bool Chance(int percent) => Below(100) < percent;

    /// <summary>One of them.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>Fills a buffer.</summary>
    public void Fill(Span<byte> bytes) => _prng.Fill(bytes);
}
