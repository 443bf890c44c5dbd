using System.Buffers.Binary;
using Emu.Core.Memory;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Dumps;

/// <summary>
/// An ELF core file of a kernel, as kdump's readers expect it: the notes NT_PRSTATUS (the processor) and VMCOREINFO, one segment for the kernel's image
/// and one for each piece of RAM, with physical and linear addresses (System V ABI, chapter 5; Linux Documentation/admin-guide/kdump).
/// </summary>
public sealed class ElfCore
{
    private const int HeaderSize = 64;
    private const int SegmentSize = 56;
    private const int Alignment = 4096;
    private const ushort Core = 4; // ET_CORE
    private const ushort X8664 = 62; // EM_X86_64
    private const uint Load = 1; // PT_LOAD
    private const uint Note = 4; // PT_NOTE
    private const uint PrStatus = 1; // NT_PRSTATUS
    private const int PrStatusSize = 336; // struct elf_prstatus
    private const int PrRegOffset = 112; // its pr_reg: struct user_regs_struct
    private const uint ReadWriteExecute = 7;

    private readonly KernelInstance _kernel;
    private readonly byte[] _notes;
    private readonly ulong _imageStart;
    private readonly ulong _imageSize;

    /// <param name="kernel">Whose linear addresses the file has.</param>
    /// <param name="registers">The processor's.</param>
    /// <param name="info">What the kernel says of itself.</param>
    /// <param name="symbols">Of the kernel.</param>
    public ElfCore(KernelInstance kernel, CrashRegisters registers, VmcoreInfo info, SymbolTable symbols)
    {
        _kernel = kernel;
        _imageStart = symbols.AddressOf("_text");
        _imageSize = (symbols.AddressOf("_end") - _imageStart + Alignment - 1) & ~(ulong)(Alignment - 1);
        _notes = [.. NoteOf("CORE", PrStatus, Status(registers)), .. NoteOf("VMCOREINFO", 0, [.. info.Text])];
    }

    /// <summary>Writes everything: notes, then RAM from its first frame to its last.</summary>
    /// <param name="stream">An empty file.</param>
    /// <param name="progress">Is told the frames written from time to time; may be null.</param>
    public void Write(Stream stream, Action<int>? progress)
    {
        PhysicalMemory memory = _kernel.Memory;
        List<(ulong Offset, ulong Size)> pieces = [(0, memory.LowSize)];
        if (memory.Size > memory.LowSize)
            pieces.Add((memory.LowSize, memory.Size - memory.LowSize));
        ulong notes = HeaderSize + (SegmentSize * (ulong)(2 + pieces.Count));
        ulong data = (notes + (ulong)_notes.Length + Alignment - 1) & ~(ulong)(Alignment - 1);

        byte[] head = new byte[data];
        WriteHeader(head, (ushort)(2 + pieces.Count));
        WriteSegment(head, 0, Note, notes, 0, 0, (ulong)_notes.Length);
        ulong image = _kernel.PhysicalOf(_imageStart);
        WriteSegment(head, 1, Load, data + image, _imageStart, image, _imageSize); // the image's bytes are RAM's: no second copy
        for (int i = 0; i < pieces.Count; i++)
        {
            ulong physical = GuestMemory.PhysicalOf(pieces[i].Offset);
            WriteSegment(head, 2 + i, Load, data + pieces[i].Offset, KernelInstance.DirectMap + physical, physical, pieces[i].Size);
        }

        _notes.CopyTo(head, (int)notes);
        stream.Write(head);
        RamWriter.Write(stream, memory, 0, (int)(memory.Size / GuestMemory.FrameSize), progress);
    }

    private static void WriteHeader(Span<byte> head, ushort segments)
    {
        ReadOnlySpan<byte> identity = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]; // 64 bits, little endian, version 1
        identity.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head[16..], Core);
        BinaryPrimitives.WriteUInt16LittleEndian(head[18..], X8664);
        BinaryPrimitives.WriteUInt32LittleEndian(head[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(head[32..], HeaderSize); // e_phoff
        BinaryPrimitives.WriteUInt16LittleEndian(head[52..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(head[54..], SegmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(head[56..], segments);
    }

    /// <summary>p_align stays 0: crash takes a file with another value for one of another kind.</summary>
    private static void WriteSegment(Span<byte> head, int index, uint type, ulong offset, ulong linear, ulong physical, ulong size)
    {
        Span<byte> segment = head.Slice(HeaderSize + (index * SegmentSize), SegmentSize);
        BinaryPrimitives.WriteUInt32LittleEndian(segment, type);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], type == Load ? ReadWriteExecute : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[8..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], linear);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], physical);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], size);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], size);
    }

    private static byte[] NoteOf(string owner, uint type, byte[] description)
    {
        int name = owner.Length + 1;
        byte[] note = new byte[12 + Padded(name) + Padded(description.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(note, name);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(4), description.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(8), type);
        System.Text.Encoding.ASCII.GetBytes(owner, note.AsSpan(12));
        description.CopyTo(note.AsSpan(12 + Padded(name)));
        return note;

        static int Padded(int length) => (length + 3) & ~3;
    }

    /// <summary>struct elf_prstatus with the registers in the order of struct user_regs_struct.</summary>
    private static byte[] Status(CrashRegisters registers)
    {
        IReadOnlyList<ulong> general = registers.General;
        IReadOnlyList<ushort> selectors = registers.Selectors;
        ulong[] words =
        [
            general[15], general[14], general[13], general[12], general[5], general[3], general[11], general[10], general[9], general[8], general[0], general[1], general[2], general[6], general[7],
            ulong.MaxValue, registers.Rip, selectors[0], registers.Rflags, general[4], selectors[1], registers.FsBase, registers.GsBase, selectors[2], selectors[3], selectors[4], selectors[5],
        ];
        byte[] status = new byte[PrStatusSize];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(status.AsSpan(PrRegOffset + (i * 8)), words[i]);
        return status;
    }
}
