using System.Buffers.Binary;
using System.Text;

namespace System.Tests;

/// <summary>Guests of a few bytes: flat multiboot images that start in 32-bit protected mode at 2 MiB.</summary>
internal static class BareMetal
{
    private const int HeaderSize = 32;
    private const uint LoadAddress = 0x200000;

    /// <summary>CLI; HLT: nothing can wake it.</summary>
    public static byte[] HaltForever => [0xFA, 0xF4];

    /// <summary>JMP to itself.</summary>
    public static byte[] Loop => [0xEB, 0xFE];

    /// <summary>UD2 with an empty IDT.</summary>
    public static byte[] TripleFault => [0x0F, 0x0B];

    /// <summary>UD2 whose handler is that very UD2.</summary>
    public static byte[] FaultLoop =>
    [
        0xBC, 0x00, 0x00, 0x00, 0x03, // mov esp, 48 MiB
        0x8C, 0x0D, 0x3C, 0x00, 0x20, 0x00, // mov [selector of the gate], cs
        0x0F, 0x01, 0x1D, 0x34, 0x00, 0x20, 0x00, // lidt [200034H]
        0x0F, 0x0B, // 200032H: ud2
        0x37, 0x00, 0x0A, 0x00, 0x20, 0x00, // 200034H: limit and base of the IDT
        0x32, 0x00, 0x00, 0x00, 0x00, 0x8E, 0x20, 0x00, // 20003AH: its gate 6
    ];

    /// <summary>Writes S5 to the ACPI control register at port 604H.</summary>
    public static byte[] PowerOff => [0x66, 0xBA, 0x04, 0x06, 0x66, 0xB8, 0x00, 0x34, 0x66, 0xEF, .. HaltForever];

    /// <summary>Writes 6 to port CF9H.</summary>
    public static byte[] Reset => [0x66, 0xBA, 0xF9, 0x0C, 0xB0, 0x06, 0xEE, .. HaltForever];

    /// <summary>Writes a value to isa-debug-exit at port F4H.</summary>
    public static byte[] DebugExit(byte value) => [0xB0, value, 0xE6, 0xF4, .. HaltForever];

    /// <summary>Writes a text to COM1.</summary>
    public static byte[] Print(string text) => [0x66, 0xBA, 0xF8, 0x03, .. Encoding.ASCII.GetBytes(text).SelectMany(character => new byte[] { 0xB0, character, 0xEE })];

    /// <summary>Fills 32 MiB from 4 MiB on with a linear congruential sequence: about 34 million instructions.</summary>
    public static byte[] FillMemory(byte seed) =>
    [
        0xBF, 0x00, 0x00, 0x40, 0x00, // mov edi, 400000h
        0xB9, 0x00, 0x00, 0x80, 0x00, // mov ecx, 800000h
        0xB8, seed, 0x00, 0x00, 0x00, // mov eax, seed
        0x69, 0xC0, 0x0D, 0x66, 0x19, 0x00, // imul eax, eax, 19660Dh
        0x05, 0x5F, 0xF3, 0x6E, 0x3C, // add eax, 3C6EF35Fh
        0xAB, 0xE2, 0xF2, // stosd; loop to the imul
    ];

    /// <summary>Writes an image into a file of the test's folder.</summary>
    /// <returns>Its path.</returns>
    public static string Image(params byte[][] parts)
    {
        byte[] image = [.. new byte[HeaderSize], .. parts.SelectMany(part => part)];
        const uint magic = 0x1BADB002, flags = 0x10000;
        uint[] header = [magic, flags, unchecked(0u - magic - flags), LoadAddress, LoadAddress, 0, 0, LoadAddress + HeaderSize];
        for (int i = 0; i < header.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(i * 4), header[i]);
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{TestContext.CurrentContext.Test.ID}.multiboot");
        File.WriteAllBytes(path, image);
        return path;
    }
}
