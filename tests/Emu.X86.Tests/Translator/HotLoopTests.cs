using Emu.X86.Tests.HostExecution;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Translator;

/// <summary>Loops of what compilers emit most run in host code, not by falling back to the interpreter each time.</summary>
[TestFixture]
public sealed class HotLoopTests
{
    private const ulong Ticks = 100_000;

    private static IEnumerable<TestCaseData> Loops()
    {
        yield return Loop("loads and stores", c =>
        {
            c.mov(rax, __qword_ptr[rbx]);
            c.mov(edx, __dword_ptr[rbx + 12]);
            c.mov(__qword_ptr[rbx + (r12 * 8)], rax);
            c.mov(__dword_ptr[rsp - 8], edx);
            c.movzx(esi, __byte_ptr[rbx + 3]);
        });
        yield return Loop("arithmetic", c =>
        {
            c.add(rax, __qword_ptr[rbx + 8]);
            c.imul(rdx, rax);
            c.shr(rdx, 7);
            c.shl(r8, cl);
            c.bsf(esi, edx);
            c.xor(r15d, r8d);
            c.setb(dil);
            c.cmovs(r9, rax);
        });
        yield return Loop("stack", c =>
        {
            c.push(rax);
            c.push(r8);
            c.push(r13);
            c.pop(r9);
            c.pop(rdx);
            c.pop(rsi);
        });
        yield return Loop("SSE", c =>
        {
            c.movups(xmm0, __xmmword_ptr[rbx]);
            c.paddd(xmm1, xmm0);
            c.cvtsi2sd(xmm2, rax);
            c.mulsd(xmm2, xmm2);
            c.movups(__xmmword_ptr[rbx + 32], xmm1);
        });
        yield return Loop("divisions", c =>
        {
            c.mov(ecx, 1000);
            c.mov(eax, __dword_ptr[rbx]);
            c.xor(edx, edx);
            c.div(ecx);
            c.mov(rax, __qword_ptr[rbx + 8]);
            c.cqo();
            c.idiv(rcx);
            c.rol(rsi, cl);
            c.rcr(rdi, 1);
        });
        yield return Loop("x87", c =>
        {
            c.fild(__qword_ptr[rbx]);
            c.fld(__tbyte_ptr[rbx + 16]);
            c.fxch(st0, st1);
            c.faddp(st1, st0);
            c.fsqrt();
            c.fcomi(st0, st0);
            c.cvtsi2sd(xmm2, rax);
            c.fstp(__qword_ptr[rbx + 32]);
            c.fnstcw(__word_ptr[rbx + 48]);
            c.fldcw(__word_ptr[rbx + 48]);
        });
    }

    [TestCaseSource(nameof(Loops))]
    public void A_hot_loop_runs_in_host_code(byte[] program)
    {
        using EnginePair pair = new();
        pair.Load(program);
        pair.Randomise(new Random(1), alignment: 16);
        pair.RunAndCompare(Ticks, "first run");
        ulong before = pair.TicksTranslated;
        pair.RunAndCompare(Ticks, "second run");
        Assert.That(pair.TicksTranslated - before, Is.GreaterThan(Ticks * 99 / 100));
    }

    [Test]
    public void Calls_and_returns_between_pages_run_in_host_code()
    {
        using EnginePair pair = new();
        ulong callee = EnginePair.CodeAddress + 0x1000;
        pair.Load([.. HostCode.Assemble(
            c =>
            {
                Label again = c.CreateLabel();
                c.Label(ref again);
                c.call(callee);
                c.mov(rdx, callee);
                c.call(rdx);
                c.jmp(again);
            },
            EnginePair.CodeAddress)]);
        pair.Load(HostCode.Assemble(c => { c.inc(rax); c.ret(); }, callee), callee);
        pair.Randomise(new Random(2), alignment: 16);
        pair.RunAndCompare(Ticks, "first run");
        ulong before = pair.TicksTranslated;
        pair.RunAndCompare(Ticks, "second run");
        Assert.That(pair.TicksTranslated - before, Is.GreaterThan(Ticks * 99 / 100));
    }

    [Test]
    public void A_loop_with_an_instruction_in_two_pages_runs_in_host_code()
    {
        using EnginePair pair = new();
        ulong loop = EnginePair.CodeAddress + 0xFFA;
        pair.Load(HostCode.Assemble(c => c.jmp(loop), EnginePair.CodeAddress));
        pair.Load(
            HostCode.Assemble(
                c =>
                {
                    Label again = c.CreateLabel();
                    c.Label(ref again);
                    c.inc(rax);
                    c.add(rdx, 0x1234_5678); // four bytes here, three in the next page
                    c.dec(rbx);
                    c.jmp(again);
                },
                loop),
            loop);
        pair.Randomise(new Random(4), alignment: 16);
        pair.RunAndCompare(Ticks, "first run");
        ulong before = pair.TicksTranslated;
        pair.RunAndCompare(Ticks, "second run");
        Assert.That(pair.TicksTranslated - before, Is.GreaterThan(Ticks * 99 / 100));
    }

    [Test]
    public void An_access_that_crosses_into_the_next_page_is_no_hit()
    {
        using EnginePair pair = new();
        pair.Load(HostCode.Assemble(
            c =>
            {
                Label again = c.CreateLabel();
                c.Label(ref again);
                c.add(rax, __qword_ptr[rbx]);
                c.add(rbx, 0x2000);
                c.and(rbx, 0x3F_FFFF); // every even page below 4 MiB, none of them in the TLB: such accesses fill nothing
                c.jmp(again);
            },
            EnginePair.CodeAddress));
        pair.Randomise(new Random(3), alignment: 1, gpr => gpr[3] = 0xFFA);
        pair.RunAndCompare(Ticks, "crossing accesses");
    }

    private static TestCaseData Loop(string name, Action<Assembler> body)
    {
        byte[] program = HostCode.Assemble(
            c =>
            {
                Label again = c.CreateLabel();
                c.Label(ref again);
                body(c);
                c.jmp(again);
            },
            EnginePair.CodeAddress);
        return new TestCaseData(program).SetName($"A hot loop of {name}");
    }
}
