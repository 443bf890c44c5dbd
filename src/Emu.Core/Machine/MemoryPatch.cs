using System.Buffers.Binary;

namespace Emu.Core.Machine;

/// <summary>Bytes to be put into RAM from outside, as an input of <see cref="InputSource.Memory"/>.</summary>
/// <param name="Physical">Physical address of the first one.</param>
/// <param name="Bytes">They; at least one.</param>
public readonly record struct MemoryPatch(ulong Physical, ReadOnlyMemory<byte> Bytes)
{
    private const int AddressLength = 8;

    /// <summary>The bytes of the input: the address, little endian, and what goes there.</summary>
    public byte[] ToInput()
    {
        byte[] input = new byte[AddressLength + Bytes.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(input, Physical);
        Bytes.CopyTo(input.AsMemory(AddressLength));
        return input;
    }

    /// <summary>The other way from <see cref="ToInput"/>.</summary>
    /// <returns>False when the bytes are none.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> input, out MemoryPatch patch)
    {
        patch = default;
        if (input.Length <= AddressLength)
            return false;
        patch = new MemoryPatch(BinaryPrimitives.ReadUInt64LittleEndian(input.Span), input[AddressLength..]);
        return true;
    }
}
