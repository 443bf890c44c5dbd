using System.Buffers.Binary;
using System.Text;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Tests.Boot;

/// <summary>Small well-formed kernels of every kind the loaders know.</summary>
internal static class Kernels
{
    public const uint LinuxInitSize = 0x40000;

    /// <summary>A bzImage of protocol 2.15: two setup sectors, 4 KiB of protected-mode kernel.</summary>
    public static byte[] Linux()
    {
        byte[] image = new byte[(3 * 512) + 4096];
        image[0x1F1] = 2;
        Put32(image, 0x1F4, 4096 / 16);
        Put16(image, 0x1FE, 0xAA55);
        image[0x200] = 0xEB;
        image[0x201] = 0x66;
        Encoding.ASCII.GetBytes("HdrS").CopyTo(image, 0x202);
        Put16(image, 0x206, 0x020F);
        image[0x211] = 1;
        Put32(image, 0x22C, 0x7FFFFFFF);
        Put32(image, 0x230, 0x200000);
        image[0x234] = 1;
        Put16(image, 0x236, 3);
        Put32(image, 0x238, 2047);
        Put64(image, 0x258, 0x1000000);
        Put32(image, 0x260, LinuxInitSize);
        for (int i = 0; i < 4096; i++)
            image[(3 * 512) + i] = (byte)(i * 7);
        return image;
    }

    /// <summary>An ELF64 kernel with one segment at 16 MiB and a Xen note; or without the note.</summary>
    public static byte[] Elf64(bool note = true, ulong physical = 0x1000000, ulong memorySize = 0x2000)
    {
        byte[] image = new byte[0x1000 + 256];
        Header64(image, (ushort)(note ? 2 : 1));
        Segment64(image, 0, ElfFile.LoadType, 0x1000, physical, 256, memorySize);
        for (int i = 0; i < 256; i++)
            image[0x1000 + i] = (byte)~i;
        if (!note)
            return image;
        Segment64(image, 1, ElfFile.NoteType, 0x200, 0, 16 + 24, 24);
        Note(image, 0x200, "GNU", 3, new byte[4]);
        byte[] entry = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0x1000040);
        Note(image, 0x214, "Xen", 18, entry);
        return image;
    }

    /// <summary>An ELF32 kernel with a multiboot header at the start of its only segment.</summary>
    public static byte[] Multiboot(uint flags = 3)
    {
        byte[] image = new byte[0x1000 + 128];
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1 }.CopyTo(image, 0);
        Put16(image, 16, 2);
        Put16(image, 18, 3);
        Put32(image, 24, 0x100020);
        Put32(image, 28, 52);
        Put16(image, 42, 32);
        Put16(image, 44, 1);
        Put32(image, 52, ElfFile.LoadType);
        Put32(image, 56, 0x1000);
        Put32(image, 60, 0x100000);
        Put32(image, 64, 0x100000);
        Put32(image, 68, 128);
        Put32(image, 72, 0x3000);
        Put32(image, 0x1000, 0x1BADB002);
        Put32(image, 0x1004, flags);
        Put32(image, 0x1008, unchecked(0u - 0x1BADB002 - flags));
        return image;
    }

    /// <summary>A flat image that says in its multiboot header where it goes.</summary>
    public static byte[] FlatMultiboot()
    {
        byte[] image = new byte[256];
        const uint flags = 0x10000;
        Put32(image, 16, 0x1BADB002);
        Put32(image, 20, flags);
        Put32(image, 24, unchecked(0u - 0x1BADB002 - flags));
        Put32(image, 28, 0x200010); // the header itself
        Put32(image, 32, 0x200000); // load
        Put32(image, 36, 0); // to the end of the file
        Put32(image, 40, 0x200400); // zero up to here
        Put32(image, 44, 0x200080); // entry
        image[0x80] = 0xF4;
        return image;
    }

    /// <summary>A newc archive with one file and a trailer.</summary>
    public static byte[] Cpio()
    {
        MemoryStream archive = new();
        Entry("init", "#!/bin/sh\n"u8);
        Entry("TRAILER!!!", default);
        return archive.ToArray();

        void Entry(string name, ReadOnlySpan<byte> content)
        {
            uint[] fields = [1, 0x81ED, 0, 0, 1, 0, (uint)content.Length, 0, 0, 0, 0, (uint)name.Length + 1, 0];
            archive.Write("070701"u8);
            foreach (uint field in fields)
                archive.Write(Encoding.ASCII.GetBytes($"{field:X8}"));
            archive.Write(Encoding.ASCII.GetBytes(name + "\0"));
            Pad();
            archive.Write(content);
            Pad();
        }

        void Pad()
        {
            while (archive.Length % 4 != 0)
                archive.WriteByte(0);
        }
    }

    public static FileBytes File(byte[] content, string name = "file") => new(name, content);

    public static void Put16(byte[] image, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(offset), value);

    public static void Put32(byte[] image, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);

    public static void Put64(byte[] image, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(offset), value);

    private static void Header64(byte[] image, ushort segments)
    {
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(image, 0);
        Put16(image, 16, 2);
        Put16(image, 18, 62);
        Put64(image, 24, 0x1000000);
        Put64(image, 32, 64);
        Put16(image, 54, 56);
        Put16(image, 56, segments);
    }

    private static void Segment64(byte[] image, int index, uint type, ulong offset, ulong physical, ulong fileSize, ulong memorySize)
    {
        int row = 64 + (index * 56);
        Put32(image, row, type);
        Put64(image, row + 8, offset);
        Put64(image, row + 16, physical);
        Put64(image, row + 24, physical);
        Put64(image, row + 32, fileSize);
        Put64(image, row + 40, memorySize);
    }

    private static void Note(byte[] image, int at, string owner, uint type, byte[] description)
    {
        Put32(image, at, 4);
        Put32(image, at + 4, (uint)description.Length);
        Put32(image, at + 8, type);
        Encoding.ASCII.GetBytes(owner).CopyTo(image, at + 12);
        description.CopyTo(image, at + 16);
    }
}
