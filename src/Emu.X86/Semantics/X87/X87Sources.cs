using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.X87;

/// <summary>The types of memory operands.</summary>
internal static unsafe class X87Sources
{
    internal readonly struct Single : IX87Source
    {
        public static Float80 Operand(byte* source, ref FloatContext context)
        {
            context.DenormalSource = (*(uint*)source & 0x7F80_0000) == 0 && (*(uint*)source & 0x007F_FFFF) != 0;
            return X87Conversion.Widen<Binary32>(*(uint*)source);
        }

        public static Float80 Load(byte* source, ref FloatContext context) => X87Conversion.FromBinary<Binary32>(*(uint*)source, ref context);
    }

    internal readonly struct Double : IX87Source
    {
        public static Float80 Operand(byte* source, ref FloatContext context)
        {
            context.DenormalSource = (*(ulong*)source & 0x7FF0_0000_0000_0000) == 0 && (*(ulong*)source & 0x000F_FFFF_FFFF_FFFF) != 0;
            return X87Conversion.Widen<Binary64>(*(ulong*)source);
        }

        public static Float80 Load(byte* source, ref FloatContext context) => X87Conversion.FromBinary<Binary64>(*(ulong*)source, ref context);
    }

    internal readonly struct Extended : IX87Source
    {
        public static Float80 Operand(byte* source, ref FloatContext context) => new(*(ulong*)source, *(ushort*)(source + 8));

        public static Float80 Load(byte* source, ref FloatContext context) => Operand(source, ref context);
    }

    internal readonly struct Int16 : IX87Source
    {
        public static Float80 Operand(byte* source, ref FloatContext context) => X87Conversion.FromInteger(*(short*)source);

        public static Float80 Load(byte* source, ref FloatContext context) => X87Conversion.FromInteger(*(short*)source);
    }

    internal readonly struct Int32 : IX87Source
    {
        public static Float80 Operand(byte* source, ref FloatContext context) => X87Conversion.FromInteger(*(int*)source);

        public static Float80 Load(byte* source, ref FloatContext context) => X87Conversion.FromInteger(*(int*)source);
    }

    internal readonly struct Int64 : IX87Source
    {
        public static Float80 Operand(byte* source, ref FloatContext context) => X87Conversion.FromInteger(*(long*)source);

        public static Float80 Load(byte* source, ref FloatContext context) => X87Conversion.FromInteger(*(long*)source);
    }

    /// <summary>FBLD.</summary>
    internal readonly struct PackedDecimal : IX87Source
    {
        public static Float80 Operand(byte* source, ref FloatContext context) => X87Conversion.FromPackedDecimal(*(ulong*)source, *(ushort*)(source + 8));

        public static Float80 Load(byte* source, ref FloatContext context) => Operand(source, ref context);
    }
}
