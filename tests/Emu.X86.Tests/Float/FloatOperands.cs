using Emu.X86.Semantics.Float;

namespace Emu.X86.Tests.Float;

/// <summary>Operands that meet the corners of a format far more often than chance: specials, denormals, near powers of two, close exponents.</summary>
/// <param name="seed">Same seed, same operands.</param>
/// <param name="ordinary">Mostly what programs compute with, in the environment they do it in: sizes near one, a zero, seldom a corner; an inexact result noted long ago.</param>
public sealed class FloatOperands(int seed, bool ordinary = false)
{
    private readonly Random _random = new(seed);

    public ulong Bits64() => (ulong)_random.NextInt64() << 1 ^ (ulong)_random.NextInt64();

    public int Below(int limit) => _random.Next(limit);

    /// <summary>A value of a format with the given precision and exponent width.</summary>
    public ulong Next<T>() where T : struct, IBinaryFormat => Next(T.Precision - 1, T.ExponentBits);

    /// <summary>Two values, often of nearly equal exponent.</summary>
    public (ulong A, ulong B) Pair<T>() where T : struct, IBinaryFormat
    {
        ulong a = Next<T>(), b = Next<T>();
        if (Below(3) != 0)
            return (a, b);
        int fraction = T.Precision - 1;
        ulong exponentMask = ((1UL << T.ExponentBits) - 1) << fraction;
        ulong exponent = (a & exponentMask) + ((ulong)Below(64) << fraction) - (32UL << fraction) & exponentMask;
        return (a, b & ~exponentMask | exponent);
    }

    private ulong Next(int fractionBits, int exponentBits)
    {
        ulong fractionMask = (1UL << fractionBits) - 1, exponentMax = (1UL << exponentBits) - 1;
        if (ordinary && Below(64) != 0)
            return Ordinary(fractionBits, exponentBits);
        ulong exponent = Below(8) switch
        {
            0 => 0,
            1 => exponentMax,
            2 => exponentMax - (ulong)Below(4),
            3 => (ulong)Below(fractionBits + 4),
            4 => (exponentMax >> 1) + (ulong)Below(70) - 3,
            5 => (exponentMax >> 1) - (ulong)Below(exponentBits),
            _ => Bits64() & exponentMax,
        };
        ulong sign = (ulong)Below(2) << (fractionBits + exponentBits);
        return sign | (exponent & exponentMax) << fractionBits | Significand() >> 1 & fractionMask | LowBits(fractionMask);
    }

    private ulong Ordinary(int fractionBits, int exponentBits)
    {
        ulong sign = (ulong)Below(2) << (fractionBits + exponentBits), half = 1UL << (exponentBits - 2);
        ulong exponent = Below(24) switch
        {
            0 => half + (ulong)Below(3) - 1, // a quarter and three quarters of the range, where the common case ends
            1 => 3 * half + (ulong)Below(3) - 1,
            _ => 2 * half + (ulong)Below(40) - 20,
        };
        return Below(24) == 0 ? sign : sign | exponent << fractionBits | Bits64() & ((1UL << fractionBits) - 1);
    }

    private ulong LowBits(ulong mask) => Below(6) == 0 ? (ulong)Below(4) & mask : 0;

    /// <summary>A significand of 64 bits: zero, few ones, long runs, or random.</summary>
    public ulong Significand() => Below(7) switch
    {
        0 => 0,
        1 => ulong.MaxValue << Below(64),
        2 => ulong.MaxValue >> Below(64),
        3 => 1UL << Below(64) | 1UL << Below(64),
        4 => Bits64() << Below(64),
        _ => Bits64(),
    };

    /// <summary>An x87 register, unsupported encodings included.</summary>
    public Float80 Next80()
    {
        int exponent = Below(9) switch
        {
            0 => 0,
            1 => 0x7fff,
            2 => 0x7ffe - Below(3),
            3 => Below(70),
            4 => 16383 + Below(70),
            5 => 16383 - Below(70),
            6 => 16383 + Below(2100) - 1050,
            _ => Below(0x8000),
        };
        ulong significand = Significand();
        if (exponent != 0 && Below(16) != 0)
            significand |= 1UL << 63;
        return new Float80(significand, (ushort)(exponent | Below(2) << 15));
    }

    /// <summary>Two x87 registers, often of nearly equal exponent.</summary>
    public (Float80 A, Float80 B) Pair80()
    {
        Float80 a = Next80(), b = Next80();
        if (Below(3) != 0)
            return (a, b);
        int exponent = a.BiasedExponent + Below(140) - 70 & 0x7fff;
        return (a, new Float80(b.Significand | 1UL << 63, (ushort)(exponent | b.SignExponent & 0x8000)));
    }

    /// <summary>MXCSR with any rounding, FTZ and DAZ; exceptions masked but, sometimes, for a random set; masked flags may be set.</summary>
    public uint Mxcsr()
    {
        if (ordinary && Below(16) != 0)
            return 0x1FA0 | (uint)Below(64);
        uint masks = Below(4) == 0 ? (uint)Below(64) : 63;
        uint modes = Below(4) == 0 ? 0 : (uint)Below(4) << 13 | (uint)(Below(4) == 0 ? 0x8000 : 0) | (uint)(Below(4) == 0 ? 0x40 : 0);
        uint sticky = Below(3) == 0 ? (uint)Below(64) & masks : 0;
        return masks << 7 | modes | sticky;
    }

    /// <summary>An x87 control word with any rounding and precision; exceptions masked but, sometimes, for a random set.</summary>
    public ushort ControlWord(bool masked = false)
    {
        int masks = !masked && Below(4) == 0 ? Below(64) : 63;
        int precision = Below(3) switch { 0 => 0, 1 => 2, _ => 3 };
        return (ushort)(masks | 0x40 | precision << 8 | Below(4) << 10);
    }
}
