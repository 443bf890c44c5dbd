using System.Globalization;
using System.Text;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Dumps;

/// <summary>Who called whom, by frame pointers (CONFIG_UNWINDER_FRAME_POINTER).</summary>
public static class StackTrace
{
    private const int Most = 128;
    private const ulong LargestFrame = 16 << 10; // THREAD_SIZE

    /// <summary>One line per frame, the innermost first. A pointer that leads nowhere or not upwards ends it with a line that says so.</summary>
    public static string Of(KernelInstance kernel, CrashRegisters registers, SymbolTable symbols)
    {
        StringBuilder text = new();
        Line("0", registers.Rip);
        // Before a function has made its frame, its caller's address is on top of the stack.
        if (kernel.TryRead(registers.Rsp, out ulong top) && IsText(symbols, top))
            Line("?", top);
        ulong frame = registers.Rbp;
        for (int depth = 1; depth < Most; depth++)
        {
            if (frame == 0)
                return text.ToString();
            if (!kernel.TryRead(frame, out ulong next) || !kernel.TryRead(frame + 8, out ulong caller) || !IsText(symbols, caller))
                break;
            Line(depth.ToString(CultureInfo.InvariantCulture), caller);
            if ((next & 1) != 0 || next == 0)
                return text.ToString(); // an encoded frame pointer: the registers of an exception or of user mode (ENCODE_FRAME_POINTER)
            if (next <= frame || next - frame > LargestFrame)
                break;
            frame = next;
        }

        return text.Append("the chain of frames ends here\n").ToString();

        void Line(string number, ulong address) => text.Append(CultureInfo.InvariantCulture, $"#{number,-3} {address:x16} {symbols.Describe(address)}\n");
    }

    private static bool IsText(SymbolTable symbols, ulong address) => address >= symbols.AddressOf("_stext") && address < symbols.AddressOf("_etext");
}
