using System.Runtime.CompilerServices;
using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Devices.I8042;

/// <summary>
/// The 8042 keyboard controller at ports 60H and 64H with a keyboard that answers, and no mouse. Commands as in the IBM PS/2 technical
/// reference. A20 is always enabled.
/// </summary>
/// <remarks>What a driver sends round the mouse interface (command D3H) comes back inverted, and its test fails: so drivers conclude at once
/// that there is no mouse, instead of waiting half a second for an answer.</remarks>
public sealed partial class Keyboard8042 : Device<Keyboard8042.State>, IPortHandler
{
    private const ushort DataPort = 0x60, CommandPort = 0x64;
    private const int QueueSize = 64;
    private const byte OutputFull = 0x01, FromMouse = 0x20, SystemFlag = 0x04, LastWasCommand = 0x08, NotInhibited = 0x10;
    private const byte CommandInterrupt = 0x01, CommandSystem = 0x04, CommandDisableKeyboard = 0x10, CommandTranslate = 0x40;

    private readonly IIrqLine _irq1;
    private readonly StopLatch _stop;

    public Keyboard8042(IIrqLine irq1, StopLatch stop)
        : base("i8042")
    {
        _irq1 = irq1;
        _stop = stop;
        Reset();
    }

    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports)
    {
        ports.Register(DataPort, 1, AccessWidths.Byte, this);
        ports.Register(CommandPort, 1, AccessWidths.Byte, this);
    }

    /// <summary>Scan codes from the keyboard. What finds no room is lost, as on the real one.</summary>
    public void Press(ReadOnlySpan<byte> scanCodes)
    {
        foreach (byte code in scanCodes)
            Answer(code);
        Update();
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size)
    {
        if (port == CommandPort)
            return (uint)(S.Status | (S.Count > 0 ? OutputFull : 0) | (HeadIsMouse ? FromMouse : 0));
        if (S.Count > 0)
        {
            S.Output = S.Queue[S.Head];
            S.MouseBytes &= ~(1UL << S.Head);
            S.Head = (byte)((S.Head + 1) % QueueSize);
            S.Count--;
            _irq1.Set(false); // the next byte is a new edge
        }

        Update();
        return S.Output;
    }

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        if (port == CommandPort)
        {
            S.Status |= LastWasCommand;
            ControllerCommand((byte)value);
        }
        else
        {
            S.Status &= unchecked((byte)~LastWasCommand);
            if (S.ControllerExpects != 0)
                ControllerData((byte)value);
            else
                KeyboardByte((byte)value);
        }

        Update();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        S.Status = NotInhibited | SystemFlag;
        S.CommandByte = CommandInterrupt | CommandSystem | CommandTranslate;
        S.OutputPort = 0xCF; // A20 and reset line high
        Update();
    }

    private void Answer(byte value, bool mouse = false)
    {
        if (S.Count == QueueSize)
            return;
        int slot = (S.Head + S.Count) % QueueSize;
        S.Queue[slot] = value;
        S.MouseBytes |= (mouse ? 1UL : 0) << slot;
        S.Count++;
    }

    private bool HeadIsMouse => S.Count > 0 && (S.MouseBytes >> S.Head & 1) != 0;

    private void Update() => _irq1.Set(S.Count > 0 && !HeadIsMouse && (S.CommandByte & CommandInterrupt) != 0);

    /// <summary>Registers and the output buffer.</summary>
    public struct State
    {
        public Bytes Queue;

        /// <summary>Which bytes of the buffer come from the mouse interface.</summary>
        public ulong MouseBytes;
        public byte Head, Count, Output, Status, CommandByte, OutputPort;

        /// <summary>The command whose data byte comes next at port 60H; the keyboard command whose argument comes next.</summary>
        public byte ControllerExpects, KeyboardExpects;
    }

    /// <summary>The output buffer.</summary>
    [InlineArray(QueueSize)]
    public struct Bytes
    {
        private byte _element;
    }
}
