using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.X87;

/// <summary>The types ST(0) is stored as.</summary>
internal static unsafe class X87Stores
{
    internal readonly struct Single : IX87Store
    {
        public static FloatExceptions Blocking => FloatExceptions.Invalid | FloatExceptions.Overflow | FloatExceptions.Underflow;

        public static void Store(byte* target, Float80 value, ref FloatContext context)
        {
            ulong result = X87Conversion.ToBinary<Binary32>(value, ref context);
            if ((context.Unmasked & Blocking) == FloatExceptions.None)
                *(uint*)target = (uint)result;
        }
    }

    internal readonly struct Double : IX87Store
    {
        public static FloatExceptions Blocking => FloatExceptions.Invalid | FloatExceptions.Overflow | FloatExceptions.Underflow;

        public static void Store(byte* target, Float80 value, ref FloatContext context)
        {
            ulong result = X87Conversion.ToBinary<Binary64>(value, ref context);
            if ((context.Unmasked & Blocking) == FloatExceptions.None)
                *(ulong*)target = result;
        }
    }

    internal readonly struct Extended : IX87Store
    {
        public static FloatExceptions Blocking => FloatExceptions.Invalid;

        public static void Store(byte* target, Float80 value, ref FloatContext context)
        {
            *(ulong*)target = value.Significand;
            *(ushort*)(target + 8) = value.SignExponent;
        }
    }

    /// <summary>FIST, FISTP, and FISTTP with <typeparamref name="TTruncate"/>.</summary>
    internal readonly struct Integer<T, TTruncate> : IX87Store
        where T : unmanaged
        where TTruncate : struct, IConstant
    {
        public static FloatExceptions Blocking => FloatExceptions.Invalid;

        public static void Store(byte* target, Float80 value, ref FloatContext context)
        {
            RoundingMode rounding = TTruncate.Value != 0 ? RoundingMode.TowardZero : context.Rounding;
            long result = X87Conversion.ToInteger(value, State.Width.Bits<T>(), rounding, ref context);
            if ((context.Unmasked & Blocking) == FloatExceptions.None)
                State.Width.Store<T>(target, (ulong)result);
        }
    }

    internal readonly struct PackedDecimal : IX87Store
    {
        public static FloatExceptions Blocking => FloatExceptions.Invalid;

        public static void Store(byte* target, Float80 value, ref FloatContext context)
        {
            (ulong digits, ushort top) = X87Conversion.ToPackedDecimal(value, ref context);
            if ((context.Unmasked & Blocking) != FloatExceptions.None)
                return;
            *(ulong*)target = digits;
            *(ushort*)(target + 8) = top;
        }
    }
}
