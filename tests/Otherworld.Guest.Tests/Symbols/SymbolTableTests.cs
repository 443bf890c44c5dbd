using System.Runtime.InteropServices;
using System.Text;
using CsCheck;
using Emu.Core;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Symbols;
using Otherworld.Guest.Tests.Boot;

namespace Otherworld.Guest.Tests.Symbols;

public sealed class SymbolTableTests
{
    private const string Map = "ffffffff81000000 T _text\nffffffff81000000 T startup_64\nffffffff81000100 t do_one\nffffffff81000200 D jiffies\n";

    private static SymbolTable Table => SymbolTable.FromSystemMap(Kernels.File(Encoding.ASCII.GetBytes(Map), "System.map"));

    [TestCase(0xffffffff81000000UL, "_text")]
    [TestCase(0xffffffff81000004UL, "_text+0x4")]
    [TestCase(0xffffffff810001ffUL, "do_one+0xff")]
    [TestCase(0xfffffffffffffff0UL, "jiffies+0x7efffdf0")]
    [TestCase(0x1000UL, "0x1000")]
    public void Addresses_have_the_name_at_or_below_them(ulong address, string wanted) => Assert.That(Table.Describe(address), Is.EqualTo(wanted));

    /// <summary>A function may end with a call that never returns: the address behind it is the next function's.</summary>
    [TestCase(0xffffffff81000100UL, "_text+0x100", "_text+0x100/0x100")]
    [TestCase(0xffffffff81000101UL, "do_one+0x1", "do_one+0x1/0x100")]
    [TestCase(0xffffffff81000200UL, "do_one+0x100", "do_one+0x100/0x100")]
    [TestCase(0x1000UL, "0x1000", "0x1000")]
    public void A_return_address_belongs_to_who_has_called(ulong address, string described, string located) =>
        Assert.That((Table.DescribeReturn(address), Table.LocateReturn(address)), Is.EqualTo((described, located)));

    [Test]
    public void Names_lead_back_to_addresses()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Table.AddressOf("startup_64"), Is.EqualTo(0xffffffff81000000));
            Assert.That(Table.TryAddressOf("nobody", out _), Is.False);
            Assert.Throws<OtherworldException>(() => Table.AddressOf("nobody"));
        });
    }

    [Test]
    public void The_headers_of_a_real_library_are_read()
    {
        if (RuntimeInformation.OSArchitecture != Architecture.X64 || !OperatingSystem.IsLinux())
            Assert.Ignore("needs an x86-64 Linux host");
        string library = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libcoreclr.so");
        ElfFile elf = new(FileBytes.Load(library, "library"));
        Assert.Multiple(() =>
        {
            Assert.That(elf.TryFindSection(".text", out ElfSection text), Is.True);
            Assert.That(text.Size, Is.GreaterThan(100_000));
            Assert.That(elf.Notes().Select(note => note.Owner), Does.Contain("GNU"));
        });
    }

    [TestCase("")]
    [TestCase("hello\n")]
    [TestCase("ffffffff81000000 Text _text\n")]
    [TestCase("xyz T _text\n")]
    public void Other_text_is_refused(string text) =>
        Assert.Throws<OtherworldException>(() => SymbolTable.FromSystemMap(Kernels.File(Encoding.ASCII.GetBytes(text))));

    [Test]
    public void Symbols_of_an_ELF_file_are_read_from_its_table()
    {
        SymbolTable table = SymbolTable.FromElf(new ElfFile(Kernels.File(WithSymbols())));
        Assert.That(table.Symbols, Is.EqualTo(new[] { new Symbol(0x400010, "main") }));
    }

    [Test]
    public void Damaged_symbol_tables_are_read_or_refused_with_advice() =>
        Gen.Select(Gen.Select(Gen.Int[0, 0x3FF], Gen.Byte).Array[0, 8], Gen.Int[0, 0x400]).Sample(
            (changes, length) =>
            {
                byte[] image = WithSymbols()[..Math.Min(length, WithSymbols().Length)];
                foreach ((int offset, byte value) in changes)
                {
                    if (offset < image.Length)
                        image[offset] = value;
                }

                try
                {
                    SymbolTable.FromElf(new ElfFile(Kernels.File(image)));
                }
                catch (OtherworldException)
                {
                }
            },
            iter: 20_000,
            threads: 1);

    /// <summary>No segments, four sections: null, .symtab, .strtab, .shstrtab.</summary>
    private static byte[] WithSymbols()
    {
        byte[] image = new byte[0x380];
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(image, 0);
        Kernels.Put16(image, 18, 62);
        Kernels.Put64(image, 40, 0x200);
        Kernels.Put16(image, 58, 64);
        Kernels.Put16(image, 60, 4);
        Kernels.Put16(image, 62, 3);
        Section(1, 1, 2, 0x100, 72, 2);
        Section(2, 9, 3, 0x180, 16, 0);
        Section(3, 17, 3, 0x190, 32, 0);
        Encoding.ASCII.GetBytes("\0main\0").CopyTo(image, 0x180);
        Encoding.ASCII.GetBytes("\0.symtab\0.strtab\0.shstrtab\0").CopyTo(image, 0x190);
        Kernels.Put32(image, 0x118, 1); // a defined function
        image[0x11C] = 0x12;
        Kernels.Put16(image, 0x11E, 1);
        Kernels.Put64(image, 0x120, 0x400010);
        Kernels.Put32(image, 0x130, 1); // an undefined one
        return image;

        void Section(int index, uint name, uint type, ulong offset, ulong size, uint link)
        {
            int row = 0x200 + (index * 64);
            Kernels.Put32(image, row, name);
            Kernels.Put32(image, row + 4, type);
            Kernels.Put64(image, row + 24, offset);
            Kernels.Put64(image, row + 32, size);
            Kernels.Put32(image, row + 40, link);
        }
    }
}
