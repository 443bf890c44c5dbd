using System.Globalization;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>Names of system calls by number, from the running kernel's own table: so those that only one kernel has are known too.</summary>
/// <param name="memory">Guest memory.</param>
/// <param name="symbols">The kernel's.</param>
internal sealed class SystemCallNames(KernelMemory memory, SymbolTable symbols)
{
    private const ulong Most = 1024;
    private const string Absent = "__x64_sys_ni_syscall";

    /// <summary>All that one function may be called; of a function with several names the table of symbols tells one.</summary>
    private static readonly string[] Prefixes = ["__x64_sys_", "__ia32_sys_", "__do_sys_", "sys_"];

    private readonly KernelMemory _memory = memory;
    private readonly SymbolTable _symbols = symbols;
    private readonly Dictionary<ulong, string> _known = [];

    /// <summary>The name, or <c>syscall_NUMBER</c>.</summary>
    public string Of(ulong number)
    {
        if (_known.TryGetValue(number, out string? known))
            return known;
        string name = Find(number) ?? string.Create(CultureInfo.InvariantCulture, $"syscall_{number}");
        if (number < Most)
            _known[number] = name;
        return name;
    }

    private string? Find(ulong number)
    {
        if (number >= Most || !_symbols.TryAddressOf("sys_call_table", out ulong table) || !_memory.TryRead(table + (8 * number), out ulong function)
            || !_symbols.TryFind(function, out Symbol symbol) || symbol.Address != function || symbol.Name == Absent)
        {
            return null;
        }

        return Prefixes.FirstOrDefault(prefix => symbol.Name.StartsWith(prefix, StringComparison.Ordinal)) is { } start ? symbol.Name[start.Length..] : null;
    }
}
