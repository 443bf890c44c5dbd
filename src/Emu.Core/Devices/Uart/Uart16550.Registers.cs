namespace Emu.Core.Devices.Uart;

/// <summary>The eight registers and the interrupt priorities (data sheet, tables II and III).</summary>
public sealed partial class Uart16550
{
    private const byte IerReceived = 0x01, IerThre = 0x02, IerLineStatus = 0x04, IerModemStatus = 0x08;
    private const byte IirNone = 0x01, IirThre = 0x02, IirReceived = 0x04, IirLineStatus = 0x06, IirTimeout = 0x0C, IirFifos = 0xC0;
    private const byte FcrEnable = 0x01, FcrClearRx = 0x02;
    private const byte LcrParity = 0x08, LcrTwoStopBits = 0x04, LcrBreak = 0x40, LcrDlab = 0x80;
    private const byte McrDtr = 0x01, McrRts = 0x02, McrOut1 = 0x04, McrOut2 = 0x08, McrLoop = 0x10;
    private const byte LsrDataReady = 0x01, LsrOverrun = 0x02, LsrErrors = 0x1E, LsrBreak = 0x10, LsrThre = 0x20, LsrTemt = 0x40, LsrFifoError = 0x80;
    private const byte MsrDeltas = 0x0F, MsrTrailingRi = 0x04, MsrCts = 0x10, MsrDsr = 0x20, MsrRi = 0x40, MsrDcd = 0x80;
    private const byte ConnectedLines = MsrCts | MsrDsr | MsrDcd;

    private bool DivisorLatch => (S.Lcr & LcrDlab) != 0;

    private uint ReadRegister(int register)
    {
        switch (register)
        {
            case 0:
                return DivisorLatch ? S.Divisor & 0xFFu : ReadRbr();
            case 1:
                return DivisorLatch ? (uint)S.Divisor >> 8 : S.Ier;
            case 2:
                return ReadIir();
            case 3:
                return S.Lcr;
            case 4:
                return S.Mcr;
            case 5:
                return ReadLsr();
            case 6:
                uint msr = S.Msr;
                S.Msr &= unchecked((byte)~MsrDeltas);
                return msr;
            default:
                return S.Scratch;
        }
    }

    private void WriteRegister(int register, byte value)
    {
        switch (register)
        {
            case 0 when DivisorLatch:
                S.Divisor = (ushort)((S.Divisor & 0xFF00) | value);
                break;
            case 0:
                WriteThr(value);
                break;
            case 1 when DivisorLatch:
                S.Divisor = (ushort)((S.Divisor & 0x00FF) | value << 8);
                break;
            case 1:
                // Enabling the THRE interrupt while THR is empty raises it: drivers test for that.
                if ((value & ~S.Ier & IerThre) != 0)
                    S.ThrePending = 1;
                S.Ier = (byte)(value & 0x0F);
                ScheduleReception();
                break;
            case 2:
                WriteFcr(value);
                break;
            case 3:
                WriteLcr(value);
                break;
            case 4:
                S.Mcr = (byte)(value & 0x1F);
                S.Polled = 0;
                UpdateModemLines();
                ScheduleReception();
                break;
            case 7:
                S.Scratch = value;
                break;
            default: // LSR and MSR are written only by factory tests
                break;
        }
    }

    private byte ReadRbr()
    {
        byte value = S.Rx[S.RxHead];
        if (S.RxCount == 0)
            return value;
        S.RxErrors[S.RxHead] = 0;
        S.RxHead = (byte)((S.RxHead + 1) % FifoSize);
        S.RxCount--;
        RestartTimeout();
        ScheduleReception();
        return value;
    }

    private void WriteThr(byte value)
    {
        S.ThrePending = 1;
        if (Loopback)
            Enter(value, 0);
        else
            _sink.Write([value]);
    }

    private void WriteFcr(byte value)
    {
        if (((value ^ S.Fcr) & FcrEnable) != 0 || (value & FcrClearRx) != 0)
            ClearReceiver();
        // Only the enable bit can be written unless it is set.
        S.Fcr = (byte)((value & FcrEnable) != 0 ? value & 0xC9 : 0);
        if ((value & 0x04) != 0)
            S.ThrePending = 1;
        ScheduleReception();
    }

    private void WriteLcr(byte value)
    {
        bool breaks = (value & ~S.Lcr & LcrBreak) != 0;
        S.Lcr = value;
        if (breaks && Loopback)
            Enter(0, LsrBreak);
    }

    private void ClearReceiver()
    {
        S.Rx = default;
        S.RxErrors = default;
        S.RxHead = S.RxCount = 0;
        RestartTimeout();
    }

    private uint ReadIir()
    {
        byte source = InterruptSource();
        if (source == IirThre)
            S.ThrePending = 0; // reading IIR answers this one
        return (uint)(source | (FifoEnabled ? IirFifos : 0));
    }

    private byte LineStatus()
    {
        byte status = LsrThre | LsrTemt;
        if (S.RxCount > 0)
            status |= (byte)(LsrDataReady | S.RxErrors[S.RxHead]);
        if (S.Overrun != 0)
            status |= LsrOverrun;
        if (FifoEnabled && ((ReadOnlySpan<byte>)S.RxErrors).ContainsAnyExcept((byte)0))
            status |= LsrFifoError;
        return status;
    }

    private byte ReadLsr()
    {
        byte status = LineStatus();
        S.Overrun = 0;
        S.RxErrors[S.RxHead] = 0;
        if (S.Polled == 0 && (S.Mcr & (McrDtr | McrRts)) == 0)
        {
            S.Polled = 1;
            ScheduleReception();
        }

        return status;
    }

    private void UpdateModemLines()
    {
        byte lines = ConnectedLines;
        if (Loopback)
        {
            lines = (byte)(((S.Mcr & McrRts) != 0 ? MsrCts : 0) | ((S.Mcr & McrDtr) != 0 ? MsrDsr : 0)
                | ((S.Mcr & McrOut1) != 0 ? MsrRi : 0) | ((S.Mcr & McrOut2) != 0 ? MsrDcd : 0));
        }

        int changed = (lines ^ S.Msr) & 0xF0;
        int deltas = changed >> 4 & ~MsrTrailingRi;
        if ((changed & MsrRi) != 0 && (lines & MsrRi) == 0)
            deltas |= MsrTrailingRi;
        S.Msr = (byte)(lines | (S.Msr & MsrDeltas) | deltas);
    }

    private int TriggerLevel => !FifoEnabled ? 1 : (S.Fcr >> 6) switch { 0 => 1, 1 => 4, 2 => 8, _ => 14 };

    private byte InterruptSource()
    {
        if ((S.Ier & IerLineStatus) != 0 && (LineStatus() & LsrErrors) != 0)
            return IirLineStatus;
        if ((S.Ier & IerReceived) != 0 && S.RxCount >= TriggerLevel)
            return IirReceived;
        if ((S.Ier & IerReceived) != 0 && S.TimeoutPending != 0)
            return IirTimeout;
        if ((S.Ier & IerThre) != 0 && S.ThrePending != 0)
            return IirThre;
        if ((S.Ier & IerModemStatus) != 0 && (S.Msr & MsrDeltas) != 0)
            return 0;
        return IirNone;
    }

    private void UpdateInterrupt()
    {
        // In loop-back the OUT2 pin is inactive, yet PC interrupt probing works in it: boards gate with the MCR bit.
        bool level = InterruptSource() != IirNone && (S.Mcr & McrOut2) != 0;
        S.Interrupt = (byte)(level ? 1 : 0);
        _irq.Set(level);
    }
}
