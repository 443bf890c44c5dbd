using System.Globalization;
using System.Text;
using Emu.Core;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>What a kernel says about itself to whoever reads its dump: lines such as <c>OFFSET(list_head.next)=0</c> (kernel/crash_core.c).</summary>
public sealed class VmcoreInfo
{
    private const int Longest = 4096;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private VmcoreInfo(byte[] text)
    {
        Text = text;
        foreach (string line in Encoding.ASCII.GetString(text).Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                _values[line[..equals]] = line[(equals + 1)..];
        }
    }

    /// <summary>As the kernel wrote it.</summary>
    public IReadOnlyList<byte> Text { get; }

    /// <summary>Reads it from a kernel's memory.</summary>
    /// <exception cref="OtherworldException">The kernel has none, or has not written it yet.</exception>
    public static VmcoreInfo Of(KernelInstance kernel, SymbolTable symbols)
    {
        byte[] text = new byte[Longest];
        if (!symbols.TryAddressOf("vmcoreinfo_data", out ulong pointer) || !kernel.TryRead(pointer, out ulong data) || data == 0 || !kernel.TryRead(data, text))
            throw new OtherworldException("the kernel has no VMCOREINFO: it was built without CONFIG_CRASH_CORE, or this is a moment early in its boot.", 1);
        int end = Array.IndexOf(text, (byte)0);
        return new VmcoreInfo(end < 0 ? text : text[..end]);
    }

    /// <summary>An address: <c>SYMBOL(name)</c>.</summary>
    public ulong Symbol(string name) => Number($"SYMBOL({name})", NumberStyles.AllowHexSpecifier);

    /// <summary>Bytes of a struct: <c>SIZE(name)</c>.</summary>
    public ulong Size(string name) => Number($"SIZE({name})", NumberStyles.None);

    /// <summary>Bytes before a member: <c>OFFSET(struct.member)</c>.</summary>
    public ulong Offset(string member) => Number($"OFFSET({member})", NumberStyles.None);

    private ulong Number(string key, NumberStyles style) =>
        _values.TryGetValue(key, out string? text) && ulong.TryParse(text, style, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : throw new OtherworldException($"the kernel's VMCOREINFO has no {key}: it is older than Linux 5.10, or damaged.", 1);
}
