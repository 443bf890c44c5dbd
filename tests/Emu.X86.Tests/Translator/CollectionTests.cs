using Emu.X86.Tests.HostExecution;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Translator;

/// <summary>
/// The runtime stops threads by signals to collect garbage. Whoever is in host code then, with guest registers in the host's, must neither be disturbed by that nor
/// disturb it.
/// </summary>
[TestFixture]
public sealed class CollectionTests
{
    private const ulong Ticks = 20_000;
    private const int Rounds = 60;

    [Test]
    public void Collections_and_generated_code_do_not_disturb_each_other()
    {
        using EnginePair pair = new();
        pair.Load(HostCode.Assemble(c =>
        {
            c.mov(rax, __qword_ptr[rbx]);
            c.movups(xmm0, __xmmword_ptr[rbx + 32]);
            c.paddd(xmm1, xmm0);
            c.add(r8, rax);
            c.push(r8);
            c.fld1();
            c.fadd(__qword_ptr[rbx + 16]);
            c.fstp(__qword_ptr[rbx + 24]);
            c.pop(rdx);
            c.lahf(); // the interpreter runs it
            c.mov(__qword_ptr[rbx + 8], rdx);
            c.jmp(EnginePair.CodeAddress);
        }, EnginePair.CodeAddress));
        Random random = new(1);
        long collections = WhileCollecting(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                pair.Randomise(random, alignment: 16);
                pair.RunAndCompare(Ticks, $"round {round}");
            }
        });

        Assert.That(collections, Is.Positive);
        Assert.That(pair.TicksTranslated, Is.GreaterThan(Ticks * Rounds / 2), "ticks in host code");
    }

    [Test]
    public void Collections_and_code_under_test_do_not_disturb_each_other()
    {
        HostCode host = new();
        host.Load(c =>
        {
            c.mov(ecx, 200);
            var again = c.CreateLabel();
            c.Label(ref again);
            c.add(rax, rcx);
            c.push(rax);
            c.pop(rdx);
            c.dec(ecx);
            c.jne(again);
        });
        long collections = WhileCollecting(() =>
        {
            for (int round = 0; round < 200 * Rounds; round++)
            {
                host.Reset();
                host.Run();
                Assert.That((host.State.Gpr[0], host.State.Gpr[4]), Is.EqualTo((200UL * 201 / 2, host.StackAddress)));
            }
        });
        Assert.That(collections, Is.Positive);
    }

    /// <summary>Does something while another thread collects without a pause.</summary>
    /// <returns>How often it did.</returns>
    private static long WhileCollecting(Action action)
    {
        bool done = false;
        long collections = 0;
        Thread collector = new(() =>
        {
            while (!Volatile.Read(ref done))
            {
                GC.Collect(0);
                collections++;
            }
        });
        collector.Start();
        try
        {
            action();
        }
        finally
        {
            Volatile.Write(ref done, true);
            collector.Join();
        }

        return collections;
    }
}
