using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emu.Core.State;

namespace Emu.Core.Machine;

/// <summary>The machine's only source of randomness (RDRAND, virtio-rng): xoshiro256**, seeded by SplitMix64. Its state is part of the machine.</summary>
public sealed class Prng : Device<Prng.State>
{
    private readonly ulong _seed;

    /// <param name="seed">Everything follows from it.</param>
    public Prng(ulong seed)
        : base("prng")
    {
        _seed = seed;
        Reset();
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong result = ulong.RotateLeft(S.Word1 * 5, 7) * 9;
        ulong shifted = S.Word1 << 17;
        S.Word2 ^= S.Word0;
        S.Word3 ^= S.Word1;
        S.Word1 ^= S.Word2;
        S.Word0 ^= S.Word3;
        S.Word2 ^= shifted;
        S.Word3 = ulong.RotateLeft(S.Word3, 45);
        return result;
    }

    /// <summary>Fills a buffer; a last part of fewer than 8 bytes takes the low bytes of one word.</summary>
    public void Fill(Span<byte> destination)
    {
        while (destination.Length >= sizeof(ulong))
        {
            ulong word = Next();
            MemoryMarshal.Write(destination, in word);
            destination = destination[sizeof(ulong)..];
        }

        if (destination.IsEmpty)
            return;
        ulong last = Next();
        MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in last))[..destination.Length].CopyTo(destination);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        ulong x = _seed;
        S = default;
        S.Word0 = SplitMix(ref x);
        S.Word1 = SplitMix(ref x);
        S.Word2 = SplitMix(ref x);
        S.Word3 = SplitMix(ref x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SplitMix(ref ulong x)
    {
        ulong z = x += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ z >> 30) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ z >> 27) * 0x94D0_49BB_1331_11EB;
        return z ^ z >> 31;
    }

    /// <summary>The generator's 256 bits.</summary>
    public struct State
    {
        public ulong Word0, Word1, Word2, Word3;
    }
}
