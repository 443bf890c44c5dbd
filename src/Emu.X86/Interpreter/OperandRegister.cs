using Emu.X86.Semantics;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Interpreter;

/// <summary>Register operands as the decoder stores them: byte offsets into <see cref="Cpu"/>, or plain numbers where a row says so.</summary>
public static unsafe class OperandRegister
{
    /// <summary>Offset of <see cref="Cpu.RipBase"/>.</summary>
    public static readonly ushort RipBase = OffsetOf(&RipBaseOf);

    /// <summary>Offset of <see cref="Cpu.Zero"/>.</summary>
    public static readonly ushort Zero = OffsetOf(&ZeroOf);

    /// <summary>Offset of <see cref="Cpu.Linear"/>.</summary>
    public static readonly ushort Linear = OffsetOf(&LinearOf);

    private static readonly ushort X87 = OffsetOf(&X87Of);
    private static readonly ushort Xmm = OffsetOf(&XmmOf);

    private static readonly ushort[] Encodings = EncodeAll();

    /// <summary>General, MMX and XMM registers: byte offset. ST, segment, control and debug registers: their number.</summary>
    public static ushort Encode(Register register) => Encodings[(int)register];

    private static ushort[] EncodeAll()
    {
        var encodings = new ushort[IcedConstants.RegisterCount];
        for (int register = 0; register < encodings.Length; register++)
            encodings[register] = Encoding((Register)register);
        return encodings;
    }

    private static ushort Encoding(Register register) => register switch
    {
        Register.None => Zero,
        Register.RIP or Register.EIP => RipBase,
        >= Register.AL and <= Register.BL => (ushort)((register - Register.AL) * 8),
        >= Register.AH and <= Register.BH => (ushort)(((register - Register.AH) * 8) + 1),
        >= Register.SPL and <= Register.R15L => (ushort)((register - Register.SPL + 4) * 8),
        >= Register.AX and <= Register.R15W => (ushort)((register - Register.AX) * 8),
        >= Register.EAX and <= Register.R15D => (ushort)((register - Register.EAX) * 8),
        >= Register.RAX and <= Register.R15 => (ushort)((register - Register.RAX) * 8),
        >= Register.MM0 and <= Register.MM7 => (ushort)(X87 + ((register - Register.MM0) * 16)),
        >= Register.XMM0 and <= Register.XMM15 => (ushort)(Xmm + ((register - Register.XMM0) * 16)),
        >= Register.ST0 and <= Register.ST7 => (ushort)(register - Register.ST0),
        >= Register.ES and <= Register.GS => (ushort)(register - Register.ES),
        >= Register.CR0 and <= Register.CR15 => (ushort)(register - Register.CR0),
        >= Register.DR0 and <= Register.DR15 => (ushort)(register - Register.DR0),
        _ => Zero,
    };

    private static ushort OffsetOf(delegate*<Cpu*, void*> field)
    {
        Cpu cpu;
        return (ushort)((byte*)field(&cpu) - (byte*)&cpu);
    }

    private static void* RipBaseOf(Cpu* cpu) => &cpu->RipBase;

    private static void* ZeroOf(Cpu* cpu) => &cpu->Zero;

    private static void* LinearOf(Cpu* cpu) => &cpu->Linear;

    private static void* X87Of(Cpu* cpu) => cpu->State.X87;

    private static void* XmmOf(Cpu* cpu) => cpu->State.Xmm;
}
