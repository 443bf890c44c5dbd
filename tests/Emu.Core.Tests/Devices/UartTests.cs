using System.Text;
using Emu.Core.Machine;

namespace Emu.Core.Tests.Devices;

/// <summary>Scenarios of the PC16550D data sheet and of the drivers that probe it.</summary>
public sealed class UartTests
{
    private const int Base = 0x3F8, Rbr = Base, Thr = Base, Ier = Base + 1, Iir = Base + 2, Fcr = Base + 2, Lcr = Base + 3, Mcr = Base + 4, Lsr = Base + 5, Msr = Base + 6, Scr = Base + 7;
    private const ulong Character = 86_805; // 8N1 at 115200 baud

    private Rig _rig = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new Rig();
        _rig.OutAll((Lcr, 0x83), (Base, 1), (Base + 1, 0), (Lcr, 3), (Fcr, 0x87), (Mcr, 0x0B));
    }

    [TearDown]
    public void TearDown() => _rig.Dispose();

    [Test]
    public void What_is_written_goes_out_at_once()
    {
        foreach (byte value in "hello\n"u8)
        {
            Assert.That(_rig.In(Lsr) & 0x60, Is.EqualTo(0x60));
            _rig.Out(Thr, value);
        }

        Assert.That(_rig.Serial.Text, Is.EqualTo("hello\n"));
    }

    [Test]
    public void Enabling_the_THRE_interrupt_raises_it_and_reading_IIR_answers_it()
    {
        _rig.Out(Ier, 2);
        Assert.That(Irq4, Is.True);
        Assert.That(_rig.In(Iir), Is.EqualTo(0xC2));
        Assert.That((Irq4, _rig.In(Iir)), Is.EqualTo((false, (byte)0xC1)));
        _rig.OutAll((Ier, 0), (Ier, 2));
        Assert.That(_rig.In(Iir), Is.EqualTo(0xC2), "each time it is enabled");
        _rig.Out(Thr, 'x');
        Assert.That(Irq4, Is.True, "THR is empty again");
    }

    [Test]
    public void Bytes_arrive_one_character_time_apart()
    {
        Send("abc");
        Assert.That(_rig.In(Lsr) & 1, Is.Zero);
        _rig.Advance(Character + 1);
        Assert.That((_rig.In(Lsr) & 1, _rig.In(Rbr)), Is.EqualTo((1, (byte)'a')));
        Assert.That(_rig.In(Lsr) & 1, Is.Zero);
        _rig.Advance(2 * Character + 2);
        Assert.That((_rig.In(Rbr), _rig.In(Rbr)), Is.EqualTo(((byte)'b', (byte)'c')));
    }

    [Test]
    public void The_trigger_level_raises_the_received_data_interrupt()
    {
        _rig.Out(Ier, 1);
        Send("12345678");
        _rig.Advance(7 * Character + 100);
        Assert.That(Irq4, Is.False, "seven bytes, the level is eight");
        _rig.Advance(Character);
        Assert.That((Irq4, _rig.In(Iir)), Is.EqualTo((true, (byte)0xC4)));
        _rig.In(Rbr);
        Assert.That(Irq4, Is.False, "below the level again");
    }

    [Test]
    public void A_lone_byte_raises_the_timeout_interrupt_after_four_character_times()
    {
        _rig.Out(Ier, 1);
        Send("x");
        _rig.Advance(Character + 4 * Character - 100);
        Assert.That(Irq4, Is.False);
        _rig.Advance(200);
        Assert.That((Irq4, _rig.In(Iir)), Is.EqualTo((true, (byte)0xCC)));
        Assert.That(_rig.In(Rbr), Is.EqualTo((byte)'x'));
        Assert.That((Irq4, _rig.In(Iir)), Is.EqualTo((false, (byte)0xC1)));
    }

    [Test]
    public void A_slow_reader_loses_nothing()
    {
        string text = string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i}\n"));
        Send(text);
        var read = new StringBuilder();
        for (int i = 0; i < 10_000 && read.Length < text.Length; i++)
        {
            _rig.Advance(20 * Character);
            while ((_rig.In(Lsr) & 1) != 0)
                read.Append((char)_rig.In(Rbr));
        }

        Assert.That(read.ToString(), Is.EqualTo(text));
    }

    [Test]
    public void Nothing_is_sent_to_a_port_that_holds_the_other_end_off()
    {
        _rig.Out(Mcr, 0x09);
        Send("abc");
        _rig.Advance(20 * Character);
        Assert.That(_rig.In(Lsr) & 1, Is.Zero, "DTR without RTS, as of a console that nobody has opened");
        _rig.OutAll((Fcr, 0x87), (Ier, 1), (Mcr, 0x0B));
        _rig.Advance(3 * Character + 3);
        Assert.That((_rig.In(Rbr), _rig.In(Rbr), _rig.In(Rbr)), Is.EqualTo(((byte)'a', (byte)'b', (byte)'c')));
    }

    [Test]
    public void A_program_that_never_programs_MCR_reads_when_it_polls_or_wants_interrupts([Values] bool polls)
    {
        _rig.OutAll((Mcr, 0), (Fcr, 0));
        Send("a");
        _rig.Advance(20 * Character);
        if (polls)
            Assert.That(_rig.In(Lsr) & 1, Is.Zero, "nobody listened until now");
        else
            _rig.Out(Ier, 1);
        _rig.Advance(Character + 1);
        Assert.That((_rig.In(Lsr) & 1, _rig.In(Rbr)), Is.EqualTo((1, (byte)'a')));
    }

    [Test]
    public void Loop_back_connects_output_to_input_and_the_modem_lines()
    {
        _rig.Out(Mcr, 0x1A);
        Assert.That(_rig.In(Msr) & 0xF0, Is.EqualTo(0x90), "the test of 8250 drivers: RTS is CTS, OUT2 is DCD");
        _rig.Out(Thr, 0x55);
        Assert.That(_rig.In(Rbr), Is.EqualTo(0x55));
        Assert.That(_rig.Serial.Text, Is.Empty);
        for (int i = 0; i < 17; i++)
            _rig.Out(Thr, i);
        Assert.That(_rig.In(Lsr) & 0x03, Is.EqualTo(3), "overrun");
        Assert.That(_rig.In(Lsr) & 0x03, Is.EqualTo(1), "told once");
    }

    [Test]
    public void The_other_end_is_connected()
    {
        Assert.That(_rig.In(Msr) & 0xF0, Is.EqualTo(0xB0), "CTS, DSR, DCD");
    }

    [Test]
    public void Drivers_find_a_16550A()
    {
        _rig.Out(Fcr, 0);
        Assert.That(_rig.In(Iir) & 0xC0, Is.Zero);
        _rig.Out(Fcr, 1);
        Assert.That(_rig.In(Iir) & 0xC0, Is.EqualTo(0xC0));
        _rig.Out(Scr, 0xA5);
        Assert.That(_rig.In(Scr), Is.EqualTo(0xA5));
        _rig.Out(Ier, 0xFF);
        Assert.That(_rig.In(Ier), Is.EqualTo(0x0F));
        _rig.Out(Lcr, 0x83);
        Assert.That((_rig.In(Base), _rig.In(Base + 1)), Is.EqualTo(((byte)1, (byte)0)));
    }

    [Test]
    public void INTRPT_is_gated_by_OUT2()
    {
        _rig.OutAll((Mcr, 0x03), (Ier, 2));
        Assert.That(Irq4, Is.False);
        _rig.Out(Mcr, 0x0B);
        Assert.That(Irq4, Is.True);
    }

    private bool Irq4 => _rig.Machine.Interrupts.Level(4);

    private void Send(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.That(_rig.Machine.Uarts[(int)InputSource.Serial0].Receive(bytes), Is.EqualTo(bytes.Length));
    }
}
