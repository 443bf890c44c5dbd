using System.Text;
using Emu.Core;
using Emu.Core.Memory;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Tests.Boot;

public sealed class KernelLoaderTests
{
    private GuestMemory _memory = null!;

    [SetUp]
    public void GiveMemory() => _memory = new GuestMemory(64 << 20);

    [TearDown]
    public void TakeMemory() => _memory.Dispose();

    [Test]
    public void A_bzImage_is_entered_in_long_mode_with_its_zero_page_in_RSI()
    {
        EntryState state = Load(Kernels.Linux(), "console=ttyS0", 0xE0000, Kernels.Cpio());
        ulong zeroPage = state.Rsi;
        ulong initrd = _memory.Read<uint>(zeroPage + 0x218);
        Assert.Multiple(() =>
        {
            Assert.That(state.Mode, Is.EqualTo(EntryMode.Long64));
            Assert.That(state.Rip, Is.EqualTo(0x100200));
            Assert.That(_memory.Read<byte>(0x100001), Is.EqualTo(7), "the protected-mode kernel");
            Assert.That(_memory.Read<uint>(zeroPage + 0x202), Is.EqualTo(0x53726448), "HdrS");
            Assert.That(_memory.Read<ulong>(zeroPage + 0x70), Is.EqualTo(0xE0000), "acpi_rsdp_addr");
            Assert.That(Text(_memory.Read<uint>(zeroPage + 0x228)), Is.EqualTo("console=ttyS0"));
            Assert.That(_memory.Read<byte>(zeroPage + 0x210), Is.EqualTo(0xFF));
            Assert.That(_memory.Read<uint>(zeroPage + 0x21C), Is.EqualTo(Kernels.Cpio().Length));
            Assert.That(Bytes(initrd, 6), Is.EqualTo(Encoding.ASCII.GetBytes("070701")));
            Assert.That(initrd % 4096, Is.Zero);
            Assert.That(initrd, Is.GreaterThanOrEqualTo(0x1000000 + Kernels.LinuxInitSize), "behind where the kernel unpacks itself");
        });
    }

    [Test]
    public void The_zero_page_tells_all_RAM_and_nothing_else()
    {
        EntryState state = Load(Kernels.Linux());
        int rows = _memory.Read<byte>(state.Rsi + 0x1E8);
        ulong usable = 0;
        for (int i = 0; i < rows; i++)
        {
            ulong row = state.Rsi + 0x2D0 + (ulong)(i * 20);
            ulong start = _memory.Read<ulong>(row), size = _memory.Read<ulong>(row + 8);
            if (_memory.Read<uint>(row + 16) == 1)
                usable += size;
            Assert.That(start + size, Is.LessThanOrEqualTo(_memory.Size));
        }

        Assert.That(usable, Is.EqualTo(_memory.Size - (0x100000 - 0x9FC00)));
    }

    [Test]
    public void The_page_tables_map_four_GiB_to_themselves()
    {
        EntryState state = Load(Kernels.Linux());
        foreach (ulong address in new ulong[] { 0, 0x100200, 0x3FFF_FFFF, 0x4000_0000, 0xFEE0_0000, 0xFFFF_FFFF })
        {
            ulong table = _memory.Read<ulong>(state.Cr3 + ((address >> 39) * 8)) & ~0xFFFUL;
            ulong directory = _memory.Read<ulong>(table + ((address >> 30) * 8)) & ~0xFFFUL;
            ulong entry = _memory.Read<ulong>(directory + ((address >> 21) % 512 * 8));
            Assert.Multiple(() =>
            {
                Assert.That(entry & 0x83, Is.EqualTo(0x83), "present, writable, 2 MiB");
                Assert.That(entry & ~0x1FFFFFUL, Is.EqualTo(address & ~0x1FFFFFUL));
            });
        }
    }

    [Test]
    public void A_PVH_kernel_is_entered_in_protected_mode_with_its_start_info_in_EBX()
    {
        EntryState state = Load(Kernels.Elf64(), "quiet", 0xE1000, Kernels.Cpio());
        ulong info = state.Rbx;
        ulong module = _memory.Read<ulong>(info + 16);
        ulong map = _memory.Read<ulong>(info + 40);
        Assert.Multiple(() =>
        {
            Assert.That(state.Mode, Is.EqualTo(EntryMode.Protected32));
            Assert.That(state.Rip, Is.EqualTo(0x1000040));
            Assert.That(state.Cr0 & 0x80000001, Is.EqualTo(1), "protected, not paged");
            Assert.That(_memory.Read<uint>(info), Is.EqualTo(0x336EC578));
            Assert.That(_memory.Read<uint>(info + 12), Is.EqualTo(1), "modules");
            Assert.That(_memory.Read<ulong>(module + 8), Is.EqualTo(Kernels.Cpio().Length));
            Assert.That(Bytes(_memory.Read<ulong>(module), 6), Is.EqualTo(Encoding.ASCII.GetBytes("070701")));
            Assert.That(Text(_memory.Read<ulong>(info + 24)), Is.EqualTo("quiet"));
            Assert.That(_memory.Read<ulong>(info + 32), Is.EqualTo(0xE1000), "rsdp");
            Assert.That(_memory.Read<uint>(info + 48), Is.EqualTo(4), "rows of the map");
            Assert.That(_memory.Read<ulong>(map + (3 * 24)), Is.EqualTo(0x100000));
            Assert.That(_memory.Read<byte>(0x1000001), Is.EqualTo(unchecked((byte)~1)));
        });
    }

    [Test]
    public void What_a_segment_has_beyond_its_file_is_zeroed()
    {
        _memory.Write(0x1001000, 0xDEADBEEFUL);
        Load(Kernels.Elf64());
        Assert.That(_memory.Read<ulong>(0x1001000), Is.Zero);
    }

    [Test]
    public void A_multiboot_kernel_gets_its_modules_and_the_magic()
    {
        EntryState state = Load(Kernels.Multiboot(), "one two", 0, [1, 2, 3], [4, 5]);
        ulong info = state.Rbx;
        ulong modules = _memory.Read<uint>(info + 24);
        Assert.Multiple(() =>
        {
            Assert.That(state.Rax, Is.EqualTo(0x2BADB002));
            Assert.That(state.Rip, Is.EqualTo(0x100020));
            Assert.That(_memory.Read<uint>(info) & 0x4D, Is.EqualTo(0x4D), "memory, command line, modules, map");
            Assert.That(Text(_memory.Read<uint>(info + 16)), Is.EqualTo("one two"));
            Assert.That(_memory.Read<uint>(info + 20), Is.EqualTo(2));
            Assert.That(Bytes(_memory.Read<uint>(modules), 3), Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(_memory.Read<uint>(modules + 20) - _memory.Read<uint>(modules + 16), Is.EqualTo(2));
            Assert.That(Text(_memory.Read<uint>(modules + 8)), Is.EqualTo("module0"));
            Assert.That(_memory.Read<uint>(_memory.Read<uint>(info + 48)), Is.EqualTo(20));
        });
    }

    [Test]
    public void A_flat_multiboot_image_goes_where_its_header_says()
    {
        EntryState state = Load(Kernels.FlatMultiboot());
        Assert.Multiple(() =>
        {
            Assert.That(state.Rip, Is.EqualTo(0x200080));
            Assert.That(_memory.Read<byte>(0x200080), Is.EqualTo(0xF4));
        });
    }

    [Test]
    public void The_descriptor_table_holds_the_selectors_every_protocol_wants()
    {
        foreach (byte[] kernel in new[] { Kernels.Linux(), Kernels.Elf64(), Kernels.Multiboot() })
        {
            EntryState state = Load(kernel);
            ulong code = _memory.Read<ulong>(state.GdtBase + EntryState.CodeSelector);
            ulong data = _memory.Read<ulong>(state.GdtBase + EntryState.DataSelector);
            Assert.Multiple(() =>
            {
                Assert.That(code >> 40 & 0xFF, Is.EqualTo(0x9B), "present code, execute and read");
                Assert.That(code >> 53 & 1, Is.EqualTo(state.Mode == EntryMode.Long64 ? 1 : 0), "L");
                Assert.That(data >> 40 & 0xFF, Is.EqualTo(0x93), "present data, read and write");
                Assert.That(state.GdtLimit, Is.EqualTo(39));
            });
        }
    }

    [TestCaseSource(nameof(BadInputNames))]
    public void Bad_input_gets_one_line_of_advice(string name)
    {
        (_, byte[] kernel, byte[]? initrd, string wanted) = BadInputs().Single(input => input.Name == name);
        OtherworldException? error = Assert.Throws<OtherworldException>(() => Load(kernel, "", 0, initrd is null ? [] : [initrd]));
        Assert.Multiple(() =>
        {
            Assert.That(error!.Message, Does.Contain(wanted).And.Not.Contain("\n"));
            Assert.That(error.ExitCode, Is.EqualTo(2));
        });
    }

    private static IEnumerable<string> BadInputNames() => BadInputs().Select(input => input.Name);

    private static IEnumerable<(string Name, byte[] Kernel, byte[]? Initrd, string Wanted)> BadInputs()
    {
        byte[] linux = Kernels.Linux(), elf = Kernels.Elf64(), cpio = Kernels.Cpio();
        yield return ("empty", [], null, "empty");
        yield return ("text", Encoding.ASCII.GetBytes("#!/bin/sh\n"), null, "no kernel we know");
        yield return ("bzImage cut", linux[..^1], null, "truncated");
        yield return ("bzImage of 32 bit", Changed(linux, 0x236, 0), null, "32-bit");
        yield return ("bzImage too old", Changed(linux, 0x206, 0x05), null, "2.05");
        yield return ("zImage", Changed(linux, 0x211, 0), null, "zImage");
        yield return ("bzImage too big", Changed(linux, 0x263, 0x10), null, "--memory");
        yield return ("ELF cut", elf[..^1], null, "truncated");
        yield return ("ELF headers cut", elf[..70], null, "truncated");
        yield return ("ELF for ARM", Changed(elf, 18, 0xB7), null, "machine 183");
        yield return ("ELF without note", Kernels.Elf64(note: false), null, "CONFIG_PVH");
        yield return ("ELF beyond memory", Kernels.Elf64(memorySize: 1UL << 40), null, "--memory");
        yield return ("ELF over the firmware", Kernels.Elf64(physical: 0xF0000), null, "overlaps");
        yield return ("multiboot with unknown demands", Kernels.Multiboot(0x10), null, "demands");
        yield return ("initrd empty", linux, [], "empty");
        yield return ("initrd foreign", linux, Encoding.ASCII.GetBytes("<html>"), "no initrd we know");
        yield return ("initrd cut", elf, cpio[..^30], "truncated");
        yield return ("initrd without trailer", elf, cpio[..128], "truncated");
        yield return ("initrd gzip cut", elf, Gzip(cpio)[..^12], "truncated");
        yield return ("initrd gzip damaged", elf, Changed(Gzip(cpio), 12, 0xFF), "damaged");
        yield return ("initrd too big", linux, [.. cpio, .. new byte[63 << 20]], "--memory");
    }

    private static byte[] Changed(byte[] image, int offset, byte value)
    {
        byte[] copy = [.. image];
        copy[offset] = value;
        return copy;
    }

    private static byte[] Gzip(byte[] content)
    {
        MemoryStream packed = new();
        using (System.IO.Compression.GZipStream stream = new(packed, System.IO.Compression.CompressionLevel.Fastest))
            stream.Write(content);
        return packed.ToArray();
    }

    private EntryState Load(byte[] kernel, string commandLine = "", ulong rsdp = 0, params byte[][] modules) => KernelLoader.Load(_memory, new KernelRequest
    {
        Kernel = Kernels.File(kernel, "kernel"),
        Modules = [.. modules.Select((module, index) => Kernels.File(module, $"some/module{index}"))],
        CommandLine = commandLine,
        Rsdp = rsdp,
    });

    private string Text(ulong address)
    {
        StringBuilder text = new();
        for (byte character; (character = _memory.Read<byte>(address++)) != 0;)
            text.Append((char)character);
        return text.ToString();
    }

    private byte[] Bytes(ulong address, int length)
    {
        byte[] bytes = new byte[length];
        _memory.Read(address, bytes);
        return bytes;
    }
}
