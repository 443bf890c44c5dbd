using System.Globalization;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>Reads structures of a kernel from outside, by symbols and BTF, with suspicion: nothing is followed that cannot be right, and all of that is noted.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="symbols">Of the kernel.</param>
/// <param name="types">Of the kernel.</param>
internal sealed class KernelReader(KernelInstance kernel, SymbolTable symbols, KernelTypes types)
{
    private const ulong KernelHalf = 0xFFFF_8000_0000_0000;
    private const int MostElements = 1 << 20;

    private readonly List<Damage> _damages = [];
    private readonly HashSet<ulong> _reported = [];

    /// <summary>The kernel.</summary>
    public KernelInstance Kernel { get; } = kernel;

    /// <summary>Of the kernel.</summary>
    public SymbolTable Symbols { get; } = symbols;

    /// <summary>Of the kernel.</summary>
    public KernelTypes Types { get; } = types;

    /// <summary>What was found damaged, in the order of finding.</summary>
    public IReadOnlyList<Damage> Damages => _damages;

    /// <summary>Notes a damage, once for each address.</summary>
    public void Report(string where, ulong address, string what)
    {
        if (_reported.Add(address))
            _damages.Add(new Damage(where, address, what));
    }

    /// <summary>Reads something of which there are many; damage is noted and costs only that.</summary>
    /// <returns>Null where it is damaged.</returns>
    public T? Try<T>(string where, Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (KernelDamageException e)
        {
            Report(where, e.Address, e.Message);
            return null;
        }
    }

    /// <summary>A variable of the kernel.</summary>
    /// <exception cref="Emu.Core.OtherworldException">The kernel has no such variable or type.</exception>
    public KernelObject Global(string symbol, string type) => new(this, Symbols.AddressOf(symbol), Types.Find(type));

    /// <summary>A structure by its address.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="type">Number of its type.</param>
    /// <param name="pointer">Where the address was found.</param>
    /// <exception cref="KernelDamageException">There is none.</exception>
    public KernelObject At(ulong address, int type, ulong pointer)
    {
        const ulong alignment = 8;
        if (address < KernelHalf || address % alignment != 0)
            throw new KernelDamageException(pointer, Invariant($"{address:x16} is no address of a kernel structure"));
        ulong size = (ulong)Types.SizeOf(type);
        return Kernel.TryRead(address, out byte _) && Kernel.TryRead(address + size - 1, out byte _)
            ? new KernelObject(this, address, type)
            : throw new KernelDamageException(pointer, Invariant($"{address:x16} is not mapped"));
    }

    /// <summary>The structure of which a member has an address: <c>container_of</c>.</summary>
    /// <exception cref="KernelDamageException">There is none.</exception>
    public KernelObject Container(ulong member, string type, string path, ulong pointer) => At(member - Types.OffsetOf(type, path), Types.Find(type), pointer);

    /// <summary>A number of 1, 2, 4 or 8 bytes.</summary>
    /// <exception cref="KernelDamageException">It cannot be read.</exception>
    public ulong Word(ulong address, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        return size is > 0 and <= 8 && Kernel.TryRead(address, bytes[..size]) ? BitConverter.ToUInt64(bytes) : throw new KernelDamageException(address, "cannot be read");
    }

    /// <summary>Some bytes.</summary>
    /// <exception cref="KernelDamageException">One cannot be read.</exception>
    public byte[] Bytes(ulong address, int length)
    {
        byte[] bytes = new byte[length];
        return Kernel.TryRead(address, bytes) ? bytes : throw new KernelDamageException(address, "cannot be read");
    }

    /// <summary>
    /// Addresses of the elements of a circular doubly linked list (<c>struct list_head</c>). A list that is broken is read from both ends; what lies between the breaks is lost, and
    /// both are noted.
    /// </summary>
    /// <param name="head">Address of its head, which is no element.</param>
    /// <param name="where">What the list is.</param>
    public IReadOnlyList<ulong> List(ulong head, string where)
    {
        const ulong next = 0, previous = 8;
        List<ulong> elements = [];
        HashSet<ulong> seen = [];
        if (Walk(next, previous, elements))
            return elements;
        List<ulong> fromEnd = [];
        Walk(previous, next, fromEnd);
        fromEnd.Reverse();
        return [.. elements, .. fromEnd];

        bool Walk(ulong forward, ulong backward, List<ulong> found)
        {
            for (ulong at = head; found.Count < MostElements;)
            {
                if (!Kernel.TryRead(at + forward, out ulong element))
                    return Broken(at + forward, "cannot be read");
                if (element == head)
                    return true;
                if (forward == previous && seen.Contains(element))
                    return true; // where the walk from the other end gave up
                if (element < KernelHalf || element % 8 != 0 || !Kernel.TryRead(element + backward, out ulong back))
                    return Broken(at + forward, Invariant($"{element:x16}, behind {found.Count} elements, is no element"));
                if (seen.Contains(element))
                    return Broken(at + forward, Invariant($"{element:x16}, behind {found.Count} elements, is one of them: the list runs in a circle"));
                if (back != at)
                    return Broken(at + forward, Invariant($"{element:x16}, behind {found.Count} elements, points back to {back:x16} instead of {at:x16}"));
                seen.Add(element);
                found.Add(element);
                at = element;
            }

            return Broken(head, "has more elements than there can be");
        }

        bool Broken(ulong address, string what)
        {
            Report(where, address, what);
            return false;
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
