using System.Globalization;
using System.Text;
using Emu.Core;

namespace Emu.X86.Translator;

/// <summary>Says what is known of a host fault inside generated code.</summary>
internal static unsafe class HostFaultReport
{
    private static readonly string[] Registers =
        ["r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rdi", "rsi", "rbp", "rbx", "rdx", "rax", "rcx", "rsp", "rip", "eflags"];

    /// <summary>The error to be thrown.</summary>
    /// <param name="slot">What the handler left.</param>
    /// <param name="page">Linear address of the page the code ran in.</param>
    /// <param name="block">The block, or null when the fault was in none.</param>
    /// <param name="listing">Its code, empty when there is no block.</param>
    internal static InternalErrorException Of(HostFaultSlot* slot, ulong page, TranslatedBlock? block, IReadOnlyList<ListedInstruction> listing)
    {
        StringBuilder text = new();
        string signal = slot->Signal switch { 4 => "SIGILL", 7 => "SIGBUS", 8 => "SIGFPE", _ => "SIGSEGV" };
        string place = "outside all blocks";
        if (block is { } known)
        {
            ulong start = page | (known.Start & 0xFFF);
            ListedInstruction? at = listing.LastOrDefault(line => line.Host.Any(host => host.Holds(slot->Rip)));
            place = Invariant($"in the block at RIP {start:x} (RAM {known.Start:x}), instruction at RIP {start + (ulong)(at?.Offset ?? 0):x}");
        }

        text.Append(Invariant($"{signal} in generated code at host {slot->Rip:x}, address {slot->Address:x}, {place}\n"));
        for (int i = 0; i < Registers.Length; i++)
            text.Append(Invariant($"{Registers[i],6}={slot->Registers[i]:x16}{(i % 4 == 3 ? "\n" : " ")}"));
        text.Append('\n');
        foreach (ListedInstruction line in listing)
        {
            text.Append(Invariant($"+{line.Offset:x3} {line.Guest}\n"));
            foreach (HostLine host in line.Host)
                text.Append(Invariant($"{(host.Holds(slot->Rip) ? "  --> " : "      ")}{host.Address:x}  {host.Text}\n"));
        }

        return new InternalErrorException(text.ToString().TrimEnd());
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
