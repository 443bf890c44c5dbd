using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Emu.Core.Acpi;
using Emu.Core.Machine;
using Emu.Core.Memory;

namespace Emu.Core.Tests.Acpi;

/// <summary>The tables as an operating system walks them, and as the reference disassembler reads them.</summary>
public sealed class AcpiTableTests
{
    private static readonly MachineDescription Description = Rig.Small with { Virtio = ["block", "rng", "", "block,ro"] };

    private GuestMemory _memory = null!;

    [SetUp]
    public void SetUp()
    {
        _memory = new GuestMemory(Description.MemorySize);
        Assert.That(AcpiTables.Write(_memory, Description), Is.EqualTo(AcpiTables.Address));
    }

    [TearDown]
    public void TearDown() => _memory.Dispose();

    [Test]
    public void Every_table_is_reached_and_sums_to_zero()
    {
        byte[] rsdp = Bytes(AcpiTables.Address, 36);
        Assert.That(Encoding.ASCII.GetString(rsdp, 0, 8), Is.EqualTo("RSD PTR "));
        Assert.That((Sum(rsdp.AsSpan(0, 20)), Sum(rsdp)), Is.EqualTo(((byte)0, (byte)0)));
        Dictionary<string, byte[]> tables = Tables();
        Assert.That(tables.Keys, Is.EquivalentTo(new[] { "XSDT", "FACP", "APIC", "DSDT" }));
        foreach (byte[] table in tables.Values)
            Assert.That(Sum(table), Is.Zero);
        Assert.That(Encoding.ASCII.GetString(Bytes(BinaryPrimitives.ReadUInt64LittleEndian(tables["FACP"].AsSpan(132)), 4)), Is.EqualTo("FACS"));
    }

    [Test]
    public void The_fixed_description_names_ports_that_answer()
    {
        byte[] fadt = Tables()["FACP"];
        Assert.That(fadt, Has.Length.EqualTo(276));
        using var rig = new Rig();
        ushort control = BinaryPrimitives.ReadUInt16LittleEndian(fadt.AsSpan(64));
        Assert.That(rig.Bus.ReadPort(control, 2) & 1, Is.EqualTo(1), "SCI_EN");
        rig.Out(BinaryPrimitives.ReadUInt16LittleEndian(fadt.AsSpan(120)), fadt[128]);
        Assert.That(rig.Machine.Run(10).Reason, Is.EqualTo(StopReason.Reset));
    }

    [Test]
    public void The_reference_disassembler_reads_the_same()
    {
        string directory = Path.Combine(TestContext.CurrentContext.WorkDirectory, "acpi");
        Directory.CreateDirectory(directory);
        foreach ((string name, byte[] table) in Tables())
            File.WriteAllBytes(Path.Combine(directory, name + ".dat"), table);
        string dsdt = Disassemble(directory, "DSDT");
        Assert.That(dsdt, Does.Contain("Name (_HID, \"LNRO0005\")").And.Contain("EisaId (\"PNP0501\")").And.Contain("Name (\\_S5, Package (0x04)"));
        Assert.That(dsdt, Does.Contain("0xFEB00600,").And.Not.Contain("0xFEB00400,"), "the empty slot is not announced");
        Assert.That(dsdt, Does.Contain("Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive"));
        Assert.That(Disassemble(directory, "FACP"), Does.Contain("SCI Interrupt : 0007").And.Contain("Address : 0000000000000CF9"));
        Assert.That(Disassemble(directory, "APIC"), Does.Contain("[I/O APIC]").And.Contain("[Interrupt Source Override]"));
    }

    private static string Disassemble(string directory, string name)
    {
        try
        {
            var start = new ProcessStartInfo("iasl", ["-d", name + ".dat"]) { WorkingDirectory = directory, RedirectStandardError = true, RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            string output = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero, output);
            Assert.That(output, Does.Not.Contain("Error").And.Not.Contain("Incorrect checksum"));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("iasl (package acpica-tools) is not installed");
        }

        return File.ReadAllText(Path.Combine(directory, name + ".dsl"));
    }

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes)
            sum += value;
        return sum;
    }

    private Dictionary<string, byte[]> Tables()
    {
        var tables = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        Add(BinaryPrimitives.ReadUInt64LittleEndian(Bytes(AcpiTables.Address, 36).AsSpan(24)));
        byte[] xsdt = tables["XSDT"];
        for (int i = 36; i < xsdt.Length; i += 8)
            Add(BinaryPrimitives.ReadUInt64LittleEndian(xsdt.AsSpan(i)));
        Add(BinaryPrimitives.ReadUInt64LittleEndian(tables["FACP"].AsSpan(140)));
        return tables;

        void Add(ulong address)
        {
            byte[] table = Bytes(address, (int)_memory.Read<uint>(address + 4));
            tables.Add(Encoding.ASCII.GetString(table, 0, 4), table);
        }
    }

    private byte[] Bytes(ulong address, int length)
    {
        byte[] bytes = new byte[length];
        Assert.That(_memory.Read(address, bytes), Is.True);
        return bytes;
    }
}
