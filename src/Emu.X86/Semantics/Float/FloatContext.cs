using System.Runtime.CompilerServices;

namespace Emu.X86.Semantics.Float;

/// <summary>
/// The controls one instruction works under, and the exceptions it found. Blittable; made anew for each instruction from MXCSR or the x87 control word.
/// </summary>
public struct FloatContext
{
    /// <summary>Exceptions found so far by this instruction, masked or not. Starts empty; the caller adds it to the sticky flags.</summary>
    public FloatExceptions Raised;

    /// <summary>A set bit masks the exception.</summary>
    public FloatExceptions Masks;

    /// <summary>Sticky flags before this instruction: only a hint that a flag need not be found out again.</summary>
    public FloatExceptions Sticky;

    /// <summary>Rounding control.</summary>
    public RoundingMode Rounding;

    /// <summary>x87 precision control as a number of significand bits: 24, 53 or 64.</summary>
    public byte Precision;

    /// <summary>MXCSR.FTZ: a tiny result becomes zero while underflow is masked.</summary>
    public bool FlushToZero;

    /// <summary>MXCSR.DAZ: a denormal operand counts as zero.</summary>
    public bool DenormalsAreZero;

    /// <summary>x87: a memory operand was denormal before it was widened.</summary>
    public bool DenormalSource;

    /// <summary>The last rounding increased the magnitude: C1 of the x87 status word when the result is inexact.</summary>
    public bool RoundedUp;

    /// <summary>Controls from the x87 control word. SDM 1, 8.1.5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in its place: a copy of bytes just written, taken eight at a time, would wait for them
    public FloatContext(ushort controlWord)
    {
        Masks = (FloatExceptions)controlWord & FloatExceptions.All;
        Rounding = (RoundingMode)(controlWord >> 10 & 3);
        Precision = (controlWord >> 8 & 3) switch { 0 => 24, 2 => 53, _ => 64 };
    }

    /// <summary>Exceptions found that are not masked.</summary>
    public readonly FloatExceptions Unmasked => Raised & ~Masks;

    /// <summary>An unmasked invalid, denormal or divide-by-zero exception keeps the result from being delivered.</summary>
    public readonly bool IsBlocked => (Raised & ~Masks & FloatExceptions.PreComputation) != FloatExceptions.None;

    /// <summary>True when results follow the default environment: nearest, everything masked, no FTZ, no DAZ.</summary>
    public readonly bool IsDefault => Masks == FloatExceptions.All && Rounding == RoundingMode.NearestEven && !FlushToZero && !DenormalsAreZero;

    /// <summary>Controls from MXCSR. SDM 1, 10.2.3.</summary>
    public static FloatContext FromMxcsr(uint mxcsr) => new()
    {
        Masks = (FloatExceptions)(mxcsr >> 7) & FloatExceptions.All,
        Sticky = (FloatExceptions)mxcsr & FloatExceptions.All,
        Rounding = (RoundingMode)(mxcsr >> 13 & 3),
        FlushToZero = (mxcsr & 0x8000) != 0,
        DenormalsAreZero = (mxcsr & 0x40) != 0,
    };

    /// <summary>Notes exceptions.</summary>
    public void Raise(FloatExceptions exceptions) => Raised |= exceptions;
}
