using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.HostExecution;

public sealed class HostCodeTests
{
    [Test]
    public void All_registers_go_in_and_come_out()
    {
        HostCode host = new();
        for (int i = 0; i < 16; i++)
        {
            if (i != 4)
                host.State.Gpr[i] = 0x1111_1111_1111_1111UL * (ulong)i;
            host.State.Fx.Xmm[i] = new UInt128((ulong)i, ~(ulong)i);
        }
        host.Load(c => { c.add(rax, 5); c.paddb(xmm1, xmm15); c.fld1(); c.mov(__qword_ptr[(long)host.DataAddress + 8], r15); c.stc(); });
        host.Run();
        Assert.Multiple(() =>
        {
            Assert.That(host.State.Vector, Is.EqualTo(-1));
            Assert.That(host.State.Gpr[0], Is.EqualTo(5));
            Assert.That(host.State.Gpr[15], Is.EqualTo(ulong.MaxValue));
            Assert.That(host.State.Gpr[4], Is.EqualTo(host.StackAddress));
            Assert.That(BitConverter.ToUInt64(host.Data[8..]), Is.EqualTo(ulong.MaxValue));
            Assert.That(host.State.Rflags & 1, Is.EqualTo(1));
            Assert.That((ulong)host.State.Fx.St[0], Is.EqualTo(1UL << 63));
            Assert.That(host.State.Fx.Xmm[1], Is.EqualTo(new UInt128(0x10, 0xfefefefefefefeeeUL)));
        });
    }

    [Test]
    public void Exceptions_are_reported_with_the_registers_at_the_fault()
    {
        HostCode host = new();
        host.Load(c => { c.mov(rbx, 7); c.xor(edx, edx); c.xor(ecx, ecx); c.div(rcx); c.mov(rbx, 8); });
        host.Run();
        Assert.That((host.State.Vector, host.State.Gpr[3]), Is.EqualTo((0, 7UL)));

        host.Load(c => c.movaps(xmm0, __[(long)host.DataAddress + 1]));
        host.Run();
        Assert.That(host.State.Vector, Is.EqualTo(13));

        host.Load(c => c.mov(rax, __qword_ptr[(long)host.DataAddress - 8]));
        host.Run();
        Assert.That((host.State.Vector, host.State.FaultAddress), Is.EqualTo((14, host.DataAddress - 8)));

        host.Reset();
        host.State.Fx.Mxcsr = 0x1f80 & ~(1u << 9);
        host.Load(c => { c.pxor(xmm1, xmm1); c.mov(eax, 1); c.cvtsi2sd(xmm0, eax); c.divsd(xmm0, xmm1); });
        host.Run();
        Assert.That((host.State.Vector, host.State.Fx.Mxcsr & 0x3f), Is.EqualTo((19, 4u)));
    }

    [Test]
    public void The_runtime_still_sees_its_own_faults()
    {
        _ = new HostCode();
        string? nothing = Environment.GetEnvironmentVariable("A_NAME_NOBODY_USES");
        Assert.That(() => nothing!.Length, Throws.InstanceOf<NullReferenceException>());
    }
}
