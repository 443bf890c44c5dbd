using Emu.Core;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Overhead;

/// <summary>All code of a linked kernel that has a name and a size: functions, and the entry points written in assembler.</summary>
public sealed class FunctionTable
{
    private const uint SymbolSection = 2; // SHT_SYMTAB
    private const int SymbolSize = 24;
    private const byte NoType = 0, Function = 2, SourceFile = 4; // STT_
    private const byte Local = 0; // STB_LOCAL
    private const int MostOverlaps = 32;

    private readonly Dictionary<FunctionKey, KernelFunction> _byKey = [];
    private readonly KernelFunction[] _byAddress;

    /// <summary>Reads the symbol table.</summary>
    /// <param name="elf">An unstripped kernel, 64-bit.</param>
    /// <exception cref="OtherworldException">It is stripped, damaged, or for 32 bits.</exception>
    public FunctionTable(ElfFile elf)
    {
        if (!elf.Is64)
            throw new OtherworldException($"'{elf.File.Name}' is a 32-bit kernel. Give one for x86-64.");
        ElfSection symbols = elf.Sections.FirstOrDefault(section => section.Type == SymbolSection);
        if (symbols.Size == 0 || symbols.Link >= elf.Sections.Count)
            throw new OtherworldException($"'{elf.File.Name}' has no symbol table. Give the unstripped kernel.");

        List<KernelFunction> found = Read(elf, symbols);
        foreach (KernelFunction function in found.OrderBy(function => function.Address))
        {
            FunctionKey key = function.Key;
            while (_byKey.ContainsKey(key))
                key = key with { Number = key.Number + 1 };
            _byKey.Add(key, function with { Key = key });
        }

        _byAddress = [.. _byKey.Values.OrderBy(function => function.Address).ThenBy(function => function.Key.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>All of them by address; two names for the same code are two of them.</summary>
    public IReadOnlyList<KernelFunction> Functions => _byAddress;

    /// <summary>The function of a name.</summary>
    public bool TryFind(FunctionKey key, out KernelFunction function) => _byKey.TryGetValue(key, out function!);

    /// <summary>The names an address has: function and offset, for each function that has this byte.</summary>
    public IEnumerable<(FunctionKey Key, ulong Offset)> NamesOf(ulong address)
    {
        // Aliases, and parts inside a piece of assembler code, overlap: a function with this byte may begin some places further down.
        int last = LastAtOrBelow(address);
        for (int i = last; i >= 0 && i > last - MostOverlaps; i--)
        {
            if (_byAddress[i].Contains(address))
                yield return (_byAddress[i].Key, address - _byAddress[i].Address);
        }
    }

    private int LastAtOrBelow(ulong address) => SortedByAddress.LastAtOrBelow<KernelFunction>(_byAddress, address, static function => function.Address);

    private static List<KernelFunction> Read(ElfFile elf, ElfSection symbols)
    {
        List<KernelFunction> found = [];
        ulong strings = elf.Sections[(int)symbols.Link].Offset;
        string file = "";
        for (ulong at = symbols.Offset; at + SymbolSize <= symbols.Offset + symbols.Size; at += SymbolSize)
        {
            byte info = elf.File.U8(at + 4);
            int type = info & 15;
            string name = elf.File.Text(strings + elf.File.U32(at));
            if (type == SourceFile)
                file = name;
            ushort index = elf.File.U16(at + 6);
            ulong size = elf.File.U64(at + 16);
            if (type is not (NoType or Function) || size == 0 || index == 0 || index >= elf.Sections.Count)
                continue;
            ElfSection section = elf.Sections[index];
            ulong address = elf.File.U64(at + 8);
            if (!IsCode(section) || address < section.Address || address + size > section.Address + section.Size)
                continue;
            byte[] code = elf.File.Slice(section.Offset + (address - section.Address), size).ToArray();
            found.Add(new KernelFunction(new FunctionKey(info >> 4 == Local ? file : "", name, 0), address, code));
        }

        return found;
    }

    private static bool IsCode(ElfSection section) => section.Name is ".text" or ".init.text" or ".exit.text" or ".head.text";
}
