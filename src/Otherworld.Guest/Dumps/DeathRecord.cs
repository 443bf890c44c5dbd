using System.Text;
using Emu.Core;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Dumps;

/// <summary>What a dying kernel of ours writes down: <c>struct ow_record</c> of images/kernel/otherworld/otherworld.h.</summary>
/// <param name="Registers">The kernel's registers at the crash.</param>
/// <param name="Message">Why it died.</param>
public sealed record DeathRecord(CrashRegisters Registers, string Message)
{
    private const int KindOffset = 16;
    private const int RegistersOffset = 32;
    private const int Cr2Offset = 200;
    private const int Cr3Offset = 208;
    private const int FsBaseOffset = 224;
    private const int GsBaseOffset = 232;
    private const int MessageOffset = 248;
    private const int Length = MessageOffset + 256;

    /// <summary>struct pt_regs (arch/x86/include/asm/ptrace.h): place of each register, in words, in the order of <see cref="CrashRegisters.General"/>.</summary>
    private static readonly int[] General = [10, 11, 12, 5, 19, 4, 13, 14, 9, 8, 7, 6, 3, 2, 1, 0];

    /// <summary>Reads it.</summary>
    /// <exception cref="OtherworldException">The kernel left none.</exception>
    public static DeathRecord Of(KernelInstance kernel, SymbolTable symbols)
    {
        byte[] record = new byte[Length];
        if (!kernel.Memory.TryRead(kernel.PhysicalOf(symbols.AddressOf("ow_record")), record) || BitConverter.ToUInt32(record, KindOffset) == 0)
            throw new OtherworldException("the dead kernel left no record of its death: its registers are not known.", 1);
        ReadOnlySpan<byte> message = record.AsSpan(MessageOffset);
        int end = message.IndexOf((byte)0);
        CrashRegisters registers = new()
        {
            General = [.. General.Select(Register)],
            Rip = Register(16),
            Rflags = Register(18),
            Selectors = [(ushort)Register(17), (ushort)Register(20), 0, 0, 0, 0],
            FsBase = BitConverter.ToUInt64(record, FsBaseOffset),
            GsBase = BitConverter.ToUInt64(record, GsBaseOffset),
            Cr2 = BitConverter.ToUInt64(record, Cr2Offset),
            Cr3 = BitConverter.ToUInt64(record, Cr3Offset),
        };
        return new DeathRecord(registers, Encoding.ASCII.GetString(end < 0 ? message : message[..end]));

        ulong Register(int word) => BitConverter.ToUInt64(record, RegistersOffset + (word * 8));
    }
}
