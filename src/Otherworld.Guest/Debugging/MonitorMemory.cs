using System.Globalization;
using System.Text;
using Emu.Core.Snapshots;
using Emu.Core.State;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Debugging;

/// <summary>Monitor commands that QEMU's users know: memory as words, addresses, devices. They read only.</summary>
/// <param name="target">What is debugged.</param>
internal sealed class MonitorMemory(DebugTarget target)
{
    private const int MostItems = 4096;
    private const int LineBytes = 16;

    private readonly DebugTarget _target = target;

    /// <summary><c>x /FORMAT ADDRESS</c> and <c>xp</c>: COUNT, then x (hexadecimal), d or u (decimal) and b, h, w or g (1, 2, 4, 8 bytes).</summary>
    /// <param name="text">Format, if any, and address.</param>
    /// <param name="physical">The address is a physical one.</param>
    /// <param name="resolve">Reads an address; null for none.</param>
    public string Examine(string text, bool physical, Func<string, ulong?> resolve)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (int Count, char Form, int Size) format = (1, 'x', 4);
        bool hasFormat = words.Length > 0 && words[0][0] == '/';
        if (words.Length != (hasFormat ? 2 : 1) || (hasFormat && !TryFormat(words[0].AsSpan(1), ref format)) || resolve(words[^1]) is not { } address)
            return "wanted is an address, and before it perhaps a format: xp /16xw 0x1000 (x, d or u; b, h, w or g)\n";
        AddressSpace? space = physical ? AddressSpace.Physical(_target.Memory) : _target.Space();
        var bytes = new byte[format.Count * format.Size];
        int read = space?.Read(address, bytes) ?? 0;
        StringBuilder lines = new();
        for (int at = 0; at + format.Size <= read; at += format.Size)
        {
            if (at % LineBytes == 0)
                lines.Append(CultureInfo.InvariantCulture, $"{(at == 0 ? "" : "\n")}{address + (ulong)at:x16}:");
            lines.Append(' ').Append(Item(bytes.AsSpan(at, format.Size), format.Form));
        }

        if (lines.Length != 0)
            lines.Append('\n');
        return read == bytes.Length ? lines.ToString() : lines + $"there is no RAM at 0x{address + (ulong)read:x}\n";
    }

    /// <summary><c>gva2gpa ADDRESS</c>.</summary>
    public string Translate(ulong address) =>
        _target.Space() is { } space && space.TryTranslate(address, out ulong physical) ? $"gpa: 0x{physical:x}\n" : "unmapped\n";

    /// <summary><c>info DEVICE</c>: the state of a part of the machine, field by field, as snapshots have it.</summary>
    /// <returns>Null when there is no such part.</returns>
    public string? Device(string id)
    {
        if (_target.Guest.Machine.Devices.FirstOrDefault(device => device.Id == id) is not { } device)
            return null;
        StringBuilder lines = new();
        ReadOnlySpan<byte> state = device.StateBytes;
        foreach (StateField field in StateSchema.Of(device.StateType).Fields)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{field.Name,-24}");
            for (int i = 0; i < field.Count; i++)
                lines.Append(' ').Append(Item(state.Slice(field.Offset + (i * field.Size), field.Size), 'x'));
            lines.Append('\n');
        }

        return lines.ToString();
    }

    /// <summary>What <see cref="Device"/> knows.</summary>
    public string Devices() => string.Join(' ', _target.Guest.Machine.Devices.Select((IDevice device) => device.Id)) + "\n";

    private static bool TryFormat(ReadOnlySpan<char> text, ref (int Count, char Form, int Size) format)
    {
        int digits = text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length;
        if (digits > 0 && (!int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out format.Count) || format.Count is 0 or > MostItems))
            return false;
        foreach (char letter in text[digits..])
        {
            if (letter is 'x' or 'd' or 'u')
                format.Form = letter;
            else if ("bhwg".IndexOf(letter, StringComparison.Ordinal) is >= 0 and var size)
                format.Size = 1 << size;
            else
                return false;
        }

        return true;
    }

    /// <summary>A little-endian number; bytes where it is none.</summary>
    private static string Item(ReadOnlySpan<byte> bytes, char form)
    {
        if (bytes.Length > 8)
            return "0x" + Convert.ToHexStringLower(bytes);
        Span<byte> wide = stackalloc byte[8];
        wide.Fill(form == 'd' && (bytes[^1] & 0x80) != 0 ? (byte)0xFF : (byte)0);
        bytes.CopyTo(wide);
        ulong value = BitConverter.ToUInt64(wide);
        return form switch
        {
            'd' => ((long)value).ToString(CultureInfo.InvariantCulture),
            'u' => value.ToString(CultureInfo.InvariantCulture),
            _ => "0x" + value.ToString("x" + (2 * bytes.Length).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        };
    }
}
