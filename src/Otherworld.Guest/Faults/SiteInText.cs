using System.Globalization;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Faults;

/// <summary>Where in the kernel's code a fault goes.</summary>
/// <param name="Function">The function.</param>
/// <param name="Instruction">Linear address of one instruction of it; null for any.</param>
internal readonly record struct SiteInText(KernelFunction Function, ulong? Instruction)
{
    /// <summary>Reads <c>function</c> or <c>function+0x12</c>.</summary>
    /// <exception cref="Emu.Core.OtherworldException">The kernel has no such function.</exception>
    public static SiteInText Read(FaultPlacement placement, string text)
    {
        string[] parts = text.Split('+', 2);
        ulong offset = 0;
        if (parts.Length == 2 && !(parts[1].StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(parts[1].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out offset)))
            throw placement.Refuse($"'{parts[1]}' is no offset such as 0x12.");
        SymbolTable symbols = placement.Symbols;
        if (!symbols.TryAddressOf(parts[0], out ulong address) || placement.Text.FunctionAt(address) is not { } function)
            throw placement.Refuse($"the kernel has no function '{parts[0]}'.");
        return new SiteInText(function, parts.Length == 2 ? address + offset : null);
    }
}
