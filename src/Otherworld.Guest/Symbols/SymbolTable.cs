using System.Globalization;
using System.Text;
using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Symbols;

/// <summary>Symbols sorted by address: from addresses to <c>name+offset</c>, and from names to addresses.</summary>
public sealed class SymbolTable
{
    private const uint SymbolSection = 2; // SHT_SYMTAB
    private static readonly Comparer<Symbol> ByAddress = Comparer<Symbol>.Create((one, other) => one.Address.CompareTo(other.Address));
    private readonly Symbol[] _byAddress;
    private readonly Dictionary<string, ulong> _byName;

    /// <param name="symbols">In any order; of several with one name the lowest address answers to it.</param>
    public SymbolTable(IEnumerable<Symbol> symbols)
    {
        _byAddress = [.. symbols.OrderBy(symbol => symbol.Address).ThenBy(symbol => symbol.Name, StringComparer.Ordinal)];
        _byName = new Dictionary<string, ulong>(_byAddress.Length, StringComparer.Ordinal);
        foreach (Symbol symbol in _byAddress)
            _byName.TryAdd(symbol.Name, symbol.Address);
    }

    /// <summary>All symbols by ascending address.</summary>
    public IReadOnlyList<Symbol> Symbols => _byAddress;

    /// <summary>Reads System.map (address, type letter, name per line) or an ELF file with a symbol table.</summary>
    /// <exception cref="OtherworldException">Missing, foreign or truncated.</exception>
    public static SymbolTable Load(string path)
    {
        FileBytes file = FileBytes.Load(path, "symbol file");
        return ElfFile.IsElf(file) ? FromElf(new ElfFile(file)) : FromSystemMap(file);
    }

    /// <summary>Reads the text that <c>nm</c> writes and Linux calls System.map.</summary>
    /// <exception cref="OtherworldException">A line is something else.</exception>
    public static SymbolTable FromSystemMap(FileBytes file)
    {
        List<Symbol> symbols = [];
        int number = 0;
        foreach (string line in Encoding.ASCII.GetString(file.Span).Split('\n'))
        {
            number++;
            if (line.Length == 0)
                continue;
            string[] parts = line.Split(' ', 3);
            if (parts.Length != 3 || parts[1].Length != 1 || !ulong.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address))
                throw new OtherworldException($"'{file.Name}' line {number} is not 'address type name'. Give a System.map or an unstripped vmlinux.");
            symbols.Add(new Symbol(address, parts[2].Split('\t')[0]));
        }

        return symbols.Count == 0 ? throw new OtherworldException($"'{file.Name}' has no symbols.") : new SymbolTable(symbols);
    }

    /// <summary>Reads <c>.symtab</c>: functions, objects and labels that are defined and have a name.</summary>
    /// <exception cref="OtherworldException">The file is stripped or damaged.</exception>
    public static SymbolTable FromElf(ElfFile elf)
    {
        ulong size = elf.Is64 ? 24UL : 16;
        foreach (ElfSection section in elf.Sections)
        {
            if (section.Type != SymbolSection)
                continue;
            if (section.Link >= elf.Sections.Count)
                throw new OtherworldException($"'{elf.File.Name}' is damaged: its symbol table names string section {section.Link} of {elf.Sections.Count}.");
            ulong strings = elf.Sections[(int)section.Link].Offset;
            ulong count = (ulong)elf.Content(section).Length / size;
            List<Symbol> symbols = new((int)count);
            for (ulong i = 0; i < count; i++)
            {
                if (TryRead(elf, section.Offset + (i * size), strings, out Symbol symbol))
                    symbols.Add(symbol);
            }

            return new SymbolTable(symbols);
        }

        throw new OtherworldException($"'{elf.File.Name}' has no symbol table. Give the unstripped file or System.map.");
    }

    /// <summary>The last symbol at or below an address.</summary>
    /// <returns>False below the first symbol.</returns>
    public bool TryFind(ulong address, out Symbol symbol)
    {
        int last = SortedByAddress.LastAtOrBelow<Symbol>(_byAddress, address, static symbol => symbol.Address);
        if (last < 0)
        {
            symbol = default;
            return false;
        }

        // Of several names for one address the first in alphabetical order stands for all.
        int index = last;
        while (index > 0 && _byAddress[index - 1].Address == _byAddress[index].Address)
            index--;
        symbol = _byAddress[index];
        return true;
    }

    /// <summary>Writes an address as <c>name+0x12</c>, or as a number where no symbol is at or below it.</summary>
    public string Describe(ulong address) => Describe(address, inside: address);

    /// <summary>Writes a return address as <c>name+0x12</c>. The call in front of it names the function: what never returns is called by the last instruction of one.</summary>
    public string DescribeReturn(ulong address) => Describe(address, inside: address - 1);

    /// <summary>Writes an address as the kernel does in its traces, <c>name+0x12/0x40</c>: the second number is the symbol's size, up to the next one.</summary>
    public string Locate(ulong address) => Locate(address, inside: address);

    /// <summary>Writes a return address as the kernel does in its traces, with the function that has called.</summary>
    public string LocateReturn(ulong address) => Locate(address, inside: address - 1);

    /// <summary>The address of a name.</summary>
    public bool TryAddressOf(string name, out ulong address) => _byName.TryGetValue(name, out address);

    /// <summary>The address of a name that must be there.</summary>
    /// <exception cref="OtherworldException">The kernel has no such symbol.</exception>
    public ulong AddressOf(string name) =>
        TryAddressOf(name, out ulong address) ? address : throw new OtherworldException($"the symbol table has no '{name}'. Is it the one of this kernel?", 3);

    private string Describe(ulong address, ulong inside)
    {
        if (!TryFind(inside, out Symbol symbol))
            return $"0x{address:x}";
        return symbol.Address == address ? symbol.Name : $"{symbol.Name}+0x{address - symbol.Address:x}";
    }

    private string Locate(ulong address, ulong inside)
    {
        if (!TryFind(inside, out Symbol symbol))
            return $"0x{address:x}";
        int next = Array.FindIndex(_byAddress, Array.BinarySearch(_byAddress, symbol, ByAddress), other => other.Address > symbol.Address);
        return next < 0 ? $"{symbol.Name}+0x{address - symbol.Address:x}" : $"{symbol.Name}+0x{address - symbol.Address:x}/0x{_byAddress[next].Address - symbol.Address:x}";
    }

    private static bool TryRead(ElfFile elf, ulong at, ulong strings, out Symbol symbol)
    {
        FileBytes file = elf.File;
        uint name = file.U32(at);
        byte type = (byte)(file.U8(at + (elf.Is64 ? 4UL : 12)) & 15);
        ushort section = file.U16(at + (elf.Is64 ? 6UL : 14));
        ulong address = elf.Is64 ? file.U64(at + 8) : file.U32(at + 4);
        symbol = default;
        if (name == 0 || section == 0 || type > 2 || strings > file.Length) // undefined, section and file symbols
            return false;
        string text = file.Text(strings + name);
        symbol = new Symbol(address, text);
        return text.Length != 0;
    }
}
