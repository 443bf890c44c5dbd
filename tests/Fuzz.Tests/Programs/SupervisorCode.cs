using Iced.Intel;
using static Fuzz.Tests.Programs.ProgramLayout;
using static Iced.Intel.AssemblerRegisters;
using Tables = Fuzz.Tests.Programs.SupervisorTables;

namespace Fuzz.Tests.Programs;

/// <summary>
/// The program's supervisor: every exception is recorded and the program goes on elsewhere with other registers, so that neither a fault nor an
/// endless loop ends it; the timer's interrupt comes back exactly to where it came from.
/// </summary>
internal sealed class SupervisorCode
{
    private const int StubSize = 16;
    private const ulong CommonOffset = 256 * StubSize;
    private const ulong TimerOffset = CommonOffset + 0x800;

    private static readonly int[] WithErrorCode = [8, 10, 11, 12, 13, 14, 17];

    private readonly byte[] _bytes = new byte[TimerOffset + 0x100];

    public SupervisorCode()
    {
        for (int vector = 0; vector < 256; vector++)
        {
            int number = vector;
            Write(StubOffset(vector), assembler =>
            {
                if (!WithErrorCode.Contains(number))
                    assembler.push(0);
                assembler.push(number);
                assembler.jmp(Linear(CommonOffset));
            });
        }

        Write(CommonOffset, WriteCommon);
        Write(TimerOffset, WriteTimer);
    }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Linear address of a vector's handler.</summary>
    public static ulong HandlerOf(int vector) => Linear(vector == TimerVector ? TimerOffset : StubOffset(vector));

    private static ulong StubOffset(int vector) => (ulong)(vector * StubSize);

    private static ulong Linear(ulong offset) => Supervisor + Handlers + offset;

    private void Write(ulong offset, Action<Assembler> write)
    {
        var assembler = new Assembler(64);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), Linear(offset));
        stream.ToArray().CopyTo(_bytes.AsSpan((int)offset));
    }

    private static void WriteCommon(Assembler a)
    {
        a.clts();
        a.mov(r15, Supervisor + ProgramLayout.Tables);
        a.mov(rcx, __[r15 + Tables.Count]);
        a.inc(__qword_ptr[r15 + Tables.Count]);
        WriteRecord(a);
        WriteRearm(a);

        a.movzx(eax, cl); // the frame of IRETQ: where, with which privilege, flags and stack
        a.mov(rax, __[r15 + (rax * 8) + Tables.Resume]);
        a.mov(__[rsp], rax);
        a.mov(eax, ecx);
        a.and(eax, Tables.Turns - 1);
        a.mov(edx, __dword_ptr[r15 + (rax * 8) + Tables.Selectors]);
        a.mov(__[rsp + 8], rdx);
        a.mov(rdx, __[r15 + (rax * 8) + Tables.Flags]);
        a.mov(__[rsp + 16], rdx);
        a.mov(rdx, __[r15 + (rax * 8) + Tables.Stacks]);
        a.mov(__[rsp + 24], rdx);
        a.mov(edx, __dword_ptr[r15 + (rax * 8) + (Tables.Selectors + 4)]);
        a.mov(__[rsp + 32], rdx);
        WriteFloatState(a);
        WriteRegisters(a);
        a.iretq();
    }

    /// <summary>Vector, error code, RIP and CR2 go to the log; takes vector and error code off the stack.</summary>
    private static void WriteRecord(Assembler a)
    {
        a.mov(eax, ecx);
        a.and(eax, Tables.LogEntries - 1);
        a.shl(eax, 5);
        a.lea(rdi, __[r15 + rax + Tables.Log]);
        a.pop(__qword_ptr[rdi]);
        a.pop(__qword_ptr[rdi + 8]);
        a.mov(rax, __[rsp]);
        a.mov(__[rdi + 16], rax);
        a.mov(rax, cr2);
        a.mov(__[rdi + 24], rax);
    }

    private static void WriteFloatState(Assembler a)
    {
        a.ldmxcsr(__dword_ptr[r15 + (rax * 4) + Tables.Mxcsr]);
        a.fninit();
        a.fld1();
        a.fldpi();
        a.fild(__qword_ptr[r15 + (rax * 8) + Tables.Pool]);
        a.fld(__qword_ptr[r15 + (rax * 8) + Tables.Vectors]);
        a.fldcw(__word_ptr[r15 + (rax * 2) + Tables.Fcw]);
        a.and(eax, 31);
        a.shl(eax, 4);
        a.lea(rdx, __[r15 + rax + Tables.Vectors]);
        AssemblerRegisterXMM[] registers = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];
        for (int i = 0; i < registers.Length; i++)
            a.movups(registers[i], __xmmword_ptr[rdx + (i * 16)]);
    }

    private static void WriteRegisters(Assembler a)
    {
        a.mov(eax, ecx);
        a.imul(eax, eax, 5);
        a.and(eax, 31);
        a.lea(rbp, __[r15 + (rax * 8) + Tables.Pool]);
        a.mov(rax, __[rbp + 128]);
        a.wrfsbase(rax);
        a.mov(rax, __[rbp + 136]);
        a.wrgsbase(rax);
        AssemblerRegister64[] registers = [rax, rbx, rcx, rdx, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15, rbp];
        for (int i = 0; i < registers.Length; i++)
            a.mov(registers[i], __[rbp + (i * 8)]);
    }

    private static void WriteTimer(Assembler a)
    {
        a.push(rax);
        a.push(rdx);
        a.push(r15);
        a.mov(r15, Supervisor + ProgramLayout.Tables);
        WriteRearm(a);
        a.pop(r15);
        a.pop(rdx);
        a.pop(rax);
        a.iretq();
    }

    /// <summary>End of interrupt, and the next one after 30 to 2077 ticks. Uses RAX and RDX; R15 points to the tables.</summary>
    private static void WriteRearm(Assembler a)
    {
        a.mov(rax, 6364136223846793005);
        a.imul(rax, __[r15 + Tables.Timer]);
        a.add(rax, 0x3C6EF35F);
        a.mov(__[r15 + Tables.Timer], rax);
        a.shr(rax, 53);
        a.add(eax, 30);
        a.mov(rdx, ApicLinear);
        a.mov(__dword_ptr[rdx + 0xB0], 0);
        a.mov(__dword_ptr[rdx + 0x380], eax);
    }
}
