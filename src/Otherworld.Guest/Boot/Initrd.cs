using System.Globalization;
using System.IO.Compression;
using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>Linux's initial RAM file system: recognised and walked before the boot, since the kernel only says "junk" or panics much later.</summary>
internal static class Initrd
{
    private const int HeaderSize = 110;
    private const long LongestUnpacked = 1 << 30;

    private static readonly (string Name, byte[] Magic)[] Compressions =
    [
        ("gzip", [0x1F, 0x8B]),
        ("xz", [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]),
        ("zstd", [0x28, 0xB5, 0x2F, 0xFD]),
        ("lz4", [0x02, 0x21, 0x4C, 0x18]),
        ("bzip2", [(byte)'B', (byte)'Z', (byte)'h']),
        ("lzma", [0x5D, 0, 0]),
        ("lzo", [0x89, (byte)'L', (byte)'Z', (byte)'O']),
    ];

    /// <summary>Puts it at the highest free address up to <paramref name="last"/>.</summary>
    public static ulong Place(LoadPlan plan, FileBytes initrd, ulong last)
    {
        ulong start = plan.Place(initrd.Length, MemoryMap.HighStart, last + 1, $"initrd '{initrd.Name}'");
        plan.Memory.Write(start, initrd.Span);
        return start;
    }

    /// <summary>Refuses what the kernel could not unpack: anything that is not a chain of cpio archives, plain or compressed.</summary>
    /// <exception cref="OtherworldException">Foreign, damaged or truncated.</exception>
    public static void Require(FileBytes file)
    {
        ulong at = 0;
        bool any = false;
        while (true)
        {
            while (at < file.Length && file.U8(at) == 0)
                at++;
            if (at == file.Length)
                break;
            any = true;
            if (IsCpio(file, at))
            {
                at = WalkCpio(file, at);
                continue;
            }

            RequireCompressed(file, at);
            return; // where a compressed archive ends is known only to its decompressor
        }

        if (!any)
            throw new OtherworldException($"initrd '{file.Name}' is empty. Give a cpio archive (newc), plain or compressed.");
    }

    private static bool IsCpio(FileBytes file, ulong at) =>
        at <= file.Length && file.Length - at >= 6 && (file.Slice(at, 6).SequenceEqual("070701"u8) || file.Slice(at, 6).SequenceEqual("070702"u8));

    private static ulong WalkCpio(FileBytes file, ulong at)
    {
        while (true)
        {
            if (!IsCpio(file, at))
                throw new OtherworldException($"initrd '{file.Name}' is damaged or truncated: no cpio header at offset {at:#,0} of {file.Length:#,0}. Copy or build it again.");
            ulong size = Field(file, at, 6);
            ulong nameSize = Field(file, at, 11);
            string name = file.Text(at + HeaderSize);
            file.Slice(at + HeaderSize, nameSize);
            ulong content = Align4(at + HeaderSize + nameSize);
            if (name == "TRAILER!!!")
                return Math.Min(content, file.Length);
            file.Slice(content, size);
            at = Align4(content + size);
        }
    }

    private static ulong Align4(ulong value) => (value + 3) & ~3UL;

    private static ulong Field(FileBytes file, ulong header, int index)
    {
        ReadOnlySpan<byte> digits = file.Slice(header + 6 + ((ulong)index * 8), 8);
        if (!uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
            throw new OtherworldException($"initrd '{file.Name}' is damaged: the cpio header at offset {header:#,0} holds no hexadecimal number. Copy or build it again.");
        return value;
    }

    private static void RequireCompressed(FileBytes file, ulong at)
    {
        ReadOnlySpan<byte> rest = file.Slice(at, file.Length - at);
        foreach ((string name, byte[] magic) in Compressions)
        {
            if (!rest.StartsWith(magic))
                continue;
            if (name == "gzip")
                RequireGzip(file, (int)at);
            return;
        }

        throw new OtherworldException($"'{file.Name}' is no initrd we know (it begins with {Convert.ToHexStringLower(rest[..Math.Min(rest.Length, 8)])}). Give a cpio archive (newc), plain or compressed.");
    }

    /// <summary>The one compression the framework can read: unpacks it and walks what is inside, since a cut stream unpacks without complaint.</summary>
    private static void RequireGzip(FileBytes file, int at)
    {
        using MemoryStream unpacked = new();
        try
        {
            using MemoryStream packed = new(file.Span[at..].ToArray(), writable: false);
            using GZipStream stream = new(packed, CompressionMode.Decompress);
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = stream.Read(buffer)) > 0 && unpacked.Length < LongestUnpacked;)
                unpacked.Write(buffer, 0, read);
        }
        catch (InvalidDataException e)
        {
            throw new OtherworldException($"initrd '{file.Name}' is damaged or truncated gzip ({e.Message.TrimEnd('.')}). Copy or build it again.");
        }

        if (unpacked.Length >= LongestUnpacked)
            throw new OtherworldException($"initrd '{file.Name}' unpacks to more than {LongestUnpacked >> 20} MiB.");
        FileBytes content = new(file.Name, unpacked.GetBuffer().AsMemory(0, (int)unpacked.Length));
        if (!IsCpio(content, 0))
            throw new OtherworldException($"initrd '{file.Name}' holds no cpio archive inside its gzip stream, or is truncated. Copy or build it again.");
        Require(content);
    }
}
