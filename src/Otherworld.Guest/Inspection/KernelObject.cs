using System.Text;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>A structure in a kernel's memory. Members are read by name, as in C: <c>task.Follow("mm")</c> is <c>task->mm</c>.</summary>
/// <param name="Reader">Reads that kernel.</param>
/// <param name="Address">Linear address.</param>
/// <param name="Type">Number of its type.</param>
internal readonly record struct KernelObject(KernelReader Reader, ulong Address, int Type)
{
    /// <summary>Linear address of a member.</summary>
    public ulong AddressOf(string path) => Address + Field(path).Offset;

    /// <summary>Whether this kernel's structure has a member.</summary>
    public bool Has(string path) => Reader.Types.Has(Type, path);

    /// <summary>An integer, an enumeration, a pointer or a bit field, without sign.</summary>
    /// <exception cref="KernelDamageException">It cannot be read.</exception>
    public ulong Word(string path)
    {
        BtfField field = Field(path);
        int size = field.Bits == 0 ? Reader.Types.SizeOf(field.Type) : ((field.BitOffset % 8) + field.Bits + 7) / 8;
        ulong value = Reader.Word(Address + field.Offset, size);
        return field.Bits == 0 ? value : (value >> (field.BitOffset % 8)) & ((1UL << field.Bits) - 1);
    }

    /// <summary>An integer with the sign its type has.</summary>
    /// <exception cref="KernelDamageException">It cannot be read.</exception>
    public long Number(string path)
    {
        BtfField field = Field(path);
        ulong value = Word(path);
        int unused = 64 - (field.Bits != 0 ? field.Bits : Reader.Types.SizeOf(field.Type) * 8);
        return Reader.Types.Plain(field.Type).IsSigned ? (long)(value << unused) >> unused : (long)value;
    }

    /// <summary>A word of an array of integers or pointers.</summary>
    /// <exception cref="KernelDamageException">It cannot be read.</exception>
    public ulong Word(string path, int index)
    {
        BtfField field = Field(path);
        int size = Reader.Types.SizeOf(Reader.Types.TargetOf(field.Type));
        return Reader.Word(Address + field.Offset + ((ulong)index * (ulong)size), size);
    }

    /// <summary>Elements of an array inside.</summary>
    public int LengthOf(string path) => Reader.Types.Plain(Field(path).Type).Size;

    /// <summary>Characters up to a zero in an array of them.</summary>
    /// <exception cref="KernelDamageException">It cannot be read.</exception>
    public string Text(string path)
    {
        BtfField field = Field(path);
        byte[] bytes = Reader.Bytes(Address + field.Offset, Reader.Types.SizeOf(field.Type));
        int end = Array.IndexOf(bytes, (byte)0);
        return Encoding.UTF8.GetString(bytes, 0, end < 0 ? bytes.Length : end);
    }

    /// <summary>A structure inside.</summary>
    public KernelObject At(string path)
    {
        BtfField field = Field(path);
        return new KernelObject(Reader, Address + field.Offset, Reader.Types.PlainNumber(field.Type));
    }

    /// <summary>What a pointer points to.</summary>
    /// <returns>Null for a null pointer.</returns>
    /// <exception cref="KernelDamageException">It leads nowhere.</exception>
    public KernelObject? Follow(string path)
    {
        BtfField field = Field(path);
        ulong target = Reader.Word(Address + field.Offset, 8);
        return target == 0 ? null : Reader.At(target, Reader.Types.TargetOf(field.Type), Address + field.Offset);
    }

    /// <summary>What a pointer that must not be null points to.</summary>
    /// <exception cref="KernelDamageException">It leads nowhere.</exception>
    public KernelObject Require(string path) => Follow(path) ?? throw new KernelDamageException(AddressOf(path), $"{path} is null");

    private BtfField Field(string path) => Reader.Types.FieldOf(Type, path);
}
