using Emu.Core.Machine;

namespace Emu.Core.Devices.I8042;

/// <summary>What the controller and the keyboard do when told.</summary>
public sealed partial class Keyboard8042
{
    private const byte Acknowledge = 0xFA, Resend = 0xFE, SelfTestPassed = 0x55, BasicAssuranceTest = 0xAA;

    private void ControllerCommand(byte command)
    {
        switch (command)
        {
            case 0x20: // read command byte
                Answer(S.CommandByte);
                break;
            case 0x60 or 0xD1 or 0xD2 or 0xD3 or 0xD4: // command byte, output port, output buffers, mouse: data follows
                S.ControllerExpects = command;
                break;
            case 0xA9: // test mouse interface: clock line stuck low, so nobody looks for a mouse
                Answer(0x01);
                break;
            case 0xAA:
                S.Status |= SystemFlag;
                Answer(SelfTestPassed);
                break;
            case 0xAB: // test keyboard interface
                Answer(0x00);
                break;
            case 0xAD:
                S.CommandByte |= CommandDisableKeyboard;
                break;
            case 0xAE:
                S.CommandByte &= unchecked((byte)~CommandDisableKeyboard);
                break;
            case 0xC0: // input port: keyboard not locked
                Answer(0x80);
                break;
            case 0xD0:
                Answer(S.OutputPort);
                break;
            case >= 0xF0: // pulse output port bits that are 0 in the command; bit 0 is the reset line
                if ((command & 1) == 0)
                    _stop.Request(StopReason.Reset, CommandPort);
                break;
            default: // mouse enable and disable, A20 on and off, and what no PC answers
                break;
        }
    }

    private void ControllerData(byte value)
    {
        byte command = S.ControllerExpects;
        S.ControllerExpects = 0;
        switch (command)
        {
            case 0x60:
                S.CommandByte = value;
                S.Status = (byte)(S.Status & ~SystemFlag | value & CommandSystem);
                break;
            case 0xD1:
                S.OutputPort = (byte)(value | 0x02);
                if ((value & 1) == 0)
                    _stop.Request(StopReason.Reset, CommandPort);
                break;
            case 0xD2:
                Answer(value);
                break;
            case 0xD3:
                Answer((byte)~value, mouse: true);
                break;
            default: // the mouse that is not there
                break;
        }
    }

    private void KeyboardByte(byte value)
    {
        if (S.KeyboardExpects != 0)
        {
            byte command = S.KeyboardExpects;
            S.KeyboardExpects = 0;
            Answer(Acknowledge);
            if (command == 0xF0 && value == 0)
                Answer(0x02); // current scan code set
            return;
        }

        switch (value)
        {
            case 0xED or 0xF0 or 0xF3: // lights, scan code set, typematic rate: argument follows
                S.KeyboardExpects = value;
                Answer(Acknowledge);
                break;
            case 0xEE:
                Answer(0xEE);
                break;
            case 0xF2:
                Answer(Acknowledge);
                Answer(0xAB);
                Answer((byte)((S.CommandByte & CommandTranslate) != 0 ? 0x41 : 0x83));
                break;
            case 0xF4 or 0xF5 or 0xF6:
                Answer(Acknowledge);
                break;
            case 0xFF:
                Answer(Acknowledge);
                Answer(BasicAssuranceTest);
                break;
            default:
                Answer(Resend);
                break;
        }
    }
}
