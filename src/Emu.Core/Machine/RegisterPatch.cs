using System.Buffers.Binary;

namespace Emu.Core.Machine;

/// <summary>A value to be put into a register of the processor from outside, as an input of <see cref="InputSource.Register"/>.</summary>
/// <param name="Number">Which register: the processor numbers them (<see cref="IProcessor.HasRegister"/>).</param>
/// <param name="Value">The value.</param>
public readonly record struct RegisterPatch(ushort Number, ulong Value)
{
    private const int Length = 10;

    /// <summary>The bytes of the input: number and value, little endian.</summary>
    public byte[] ToInput()
    {
        byte[] input = new byte[Length];
        BinaryPrimitives.WriteUInt16LittleEndian(input, Number);
        BinaryPrimitives.WriteUInt64LittleEndian(input.AsSpan(2), Value);
        return input;
    }

    /// <summary>The other way from <see cref="ToInput"/>.</summary>
    /// <returns>False when the bytes are none.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> input, out RegisterPatch patch)
    {
        patch = default;
        if (input.Length != Length)
            return false;
        patch = new RegisterPatch(BinaryPrimitives.ReadUInt16LittleEndian(input.Span), BinaryPrimitives.ReadUInt64LittleEndian(input.Span[2..]));
        return true;
    }
}
