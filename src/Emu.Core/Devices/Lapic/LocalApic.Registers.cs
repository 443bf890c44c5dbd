namespace Emu.Core.Devices.Lapic;

/// <summary>The registers, by number: xAPIC offset / 16, x2APIC MSR - 800H. SDM 3A, tables 11-1 and 11-6.</summary>
public sealed partial class LocalApic
{
    private const uint LvtMasked = 1 << 16, LvtLevel = 1 << 15, LvtRemoteIrr = 1 << 14, LvtDeliveryMode = 7 << 8;
    private const uint LvtTimerBits = 0x7_00FF, LvtLocalBits = 0x1_07FF, LvtLintBits = 0x1_A7FF, LvtErrorBits = 0x1_00FF;
    private const uint SvrEnable = 1 << 8, SvrBits = 0x3FF;
    private const uint Version = 5 << 16 | 0x14; // six LVT entries, integrated APIC
    private const uint IcrBits = 0x000C_CFFF, X2IcrBits = IcrBits;
    private const uint MsrApicBase = 0x1B, MsrTscDeadline = 0x6E0, MsrX2Apic = 0x800, MsrX2ApicLast = 0x8FF;

    private enum Register
    {
        Id = 0x02,
        Version = 0x03,
        Tpr = 0x08,
        Apr = 0x09,
        Ppr = 0x0A,
        Eoi = 0x0B,
        Rrd = 0x0C,
        Ldr = 0x0D,
        Dfr = 0x0E,
        Svr = 0x0F,
        Isr = 0x10,
        Tmr = 0x18,
        Irr = 0x20,
        Esr = 0x28,
        IcrLow = 0x30,
        IcrHigh = 0x31,
        LvtTimer = 0x32,
        LvtThermal = 0x33,
        LvtPerformance = 0x34,
        LvtLint0 = 0x35,
        LvtLint1 = 0x36,
        LvtError = 0x37,
        InitialCount = 0x38,
        CurrentCount = 0x39,
        Divide = 0x3E,
        SelfIpi = 0x3F,
    }

    /// <inheritdoc/>
    public ulong ReadMmio(ulong offset, int size)
    {
        var register = (Register)(offset >> 4);
        if ((offset & 0xF) == 0 && register != Register.SelfIpi && TryRead(register, out uint value))
            return register == Register.Id ? ApicId << 24 : value;
        RaiseError(EsrIllegalRegister);
        return 0;
    }

    /// <inheritdoc/>
    public void WriteMmio(ulong offset, int size, ulong value)
    {
        var register = (Register)(offset >> 4);
        if ((offset & 0xF) == 0 && register is Register.Ldr)
            S.Ldr = (uint)value & 0xFF00_0000;
        else if ((offset & 0xF) == 0 && register is Register.Dfr)
            S.Dfr = (uint)value | 0x0FFF_FFFF;
        else if ((offset & 0xF) != 0 || register == Register.SelfIpi || !TryWrite(register, (uint)value))
            RaiseError(EsrIllegalRegister);
    }

    /// <inheritdoc/>
    public bool TryReadMsr(uint msr, out ulong value)
    {
        value = 0;
        if (msr == MsrApicBase)
        {
            value = S.ApicBase;
            return true;
        }

        if (msr == MsrTscDeadline)
        {
            value = S.TscDeadline;
            return true;
        }

        var register = (Register)(msr - MsrX2Apic);
        if (!X2Apic || msr is < MsrX2Apic or > MsrX2ApicLast || IsAbsentInX2Apic(register))
            return false;
        if (register is Register.Eoi or Register.SelfIpi)
            return false; // write only
        bool exists = TryRead(register, out uint low);
        value = register == Register.IcrLow ? (ulong)S.IcrHigh << 32 | low : low;
        return exists;
    }

    /// <inheritdoc/>
    public bool TryWriteMsr(uint msr, ulong value)
    {
        if (msr == MsrApicBase)
            return TryWriteBase(value);
        if (msr == MsrTscDeadline)
        {
            WriteDeadline(value);
            return true;
        }

        var register = (Register)(msr - MsrX2Apic);
        if (!X2Apic || msr is < MsrX2Apic or > MsrX2ApicLast || IsAbsentInX2Apic(register))
            return false;
        if (register == Register.IcrLow)
        {
            if (((uint)value & ~X2IcrBits) != 0)
                return false;
            S.IcrHigh = (uint)(value >> 32);
            return TryWrite(register, (uint)value);
        }

        return (value & ~(ulong)WritableBits(register)) == 0 && IsWritable(register) && TryWrite(register, (uint)value);
    }

    private static bool IsAbsentInX2Apic(Register register) => register is Register.Dfr or Register.IcrHigh or Register.Apr or Register.Rrd;

    private static bool IsWritable(Register register) => register is Register.Tpr or Register.Eoi or Register.Svr or Register.Esr
        or Register.IcrLow or Register.InitialCount or Register.Divide or Register.SelfIpi or (>= Register.LvtTimer and <= Register.LvtError);

    /// <summary>Bits that x2APIC mode lets be 1; a WRMSR with another is #GP.</summary>
    private static uint WritableBits(Register register) => register switch
    {
        Register.Tpr or Register.SelfIpi => 0xFF,
        Register.Svr => SvrBits,
        Register.LvtTimer => LvtTimerBits,
        Register.LvtThermal or Register.LvtPerformance => LvtLocalBits,
        Register.LvtLint0 or Register.LvtLint1 => LvtLintBits,
        Register.LvtError => LvtErrorBits,
        Register.InitialCount => uint.MaxValue,
        Register.Divide => 0xB,
        _ => 0, // EOI and ESR take only 0
    };

    private bool TryRead(Register register, out uint value)
    {
        value = 0;
        switch (register)
        {
            case Register.Id:
                value = ApicId;
                return true;
            case Register.Version:
                value = Version;
                return true;
            case Register.Tpr:
                value = S.Tpr;
                return true;
            case Register.Ppr:
                value = ProcessorPriority();
                return true;
            case Register.Apr or Register.Rrd or Register.Eoi:
                return true;
            case Register.Ldr:
                value = X2Apic ? X2LogicalId : S.Ldr;
                return true;
            case Register.Dfr:
                value = S.Dfr;
                return true;
            case >= Register.Isr and < Register.Tmr:
                value = S.Isr.Register(register - Register.Isr);
                return true;
            case >= Register.Tmr and < Register.Irr:
                value = S.Tmr.Register(register - Register.Tmr);
                return true;
            case >= Register.Irr and < Register.Esr:
                value = S.Irr.Register(register - Register.Irr);
                return true;
            default:
                return TryReadControl(register, out value);
        }
    }

    private bool TryReadControl(Register register, out uint value)
    {
        uint? found = register switch
        {
            Register.Svr => S.Svr,
            Register.Esr => S.Esr,
            Register.IcrLow => S.IcrLow,
            Register.IcrHigh => S.IcrHigh,
            Register.LvtTimer => S.LvtTimer,
            Register.LvtThermal => S.LvtThermal,
            Register.LvtPerformance => S.LvtPerformance,
            Register.LvtLint0 => S.LvtLint0,
            Register.LvtLint1 => S.LvtLint1,
            Register.LvtError => S.LvtError,
            Register.InitialCount => S.InitialCount,
            Register.CurrentCount => CurrentCount,
            Register.Divide => S.DivideConfiguration,
            _ => null,
        };
        value = found.GetValueOrDefault();
        return found.HasValue;
    }

    private bool TryWrite(Register register, uint value)
    {
        switch (register)
        {
            case Register.Eoi:
                EndOfInterrupt();
                return true;
            case Register.Tpr:
                S.Tpr = value & 0xFF;
                return true;
            case Register.Svr:
                WriteSvr(value & SvrBits);
                return true;
            case Register.Esr:
                S.Esr = S.EsrPending;
                S.EsrPending = 0;
                return true;
            case Register.IcrLow:
                S.IcrLow = value & IcrBits & ~(1U << 12);
                SendIpi(S.IcrLow, X2Apic ? S.IcrHigh : S.IcrHigh >> 24);
                return true;
            case Register.IcrHigh:
                S.IcrHigh = value & 0xFF00_0000;
                return true;
            case Register.SelfIpi:
                SendIpi(value & 0xFF | 1U << 18, 0);
                return true;
            case Register.InitialCount:
                WriteInitialCount(value);
                return true;
            case Register.Divide:
                WriteDivide(value);
                return true;
            default:
                return TryWriteLvt(register, value);
        }
    }

    private bool TryWriteLvt(Register register, uint value)
    {
        switch (register)
        {
            case Register.LvtTimer:
                WriteLvtTimer(value);
                return true;
            case Register.LvtThermal:
                S.LvtThermal = Masked(value & LvtLocalBits);
                return true;
            case Register.LvtPerformance:
                S.LvtPerformance = Masked(value & LvtLocalBits);
                return true;
            case Register.LvtLint0:
                S.LvtLint0 = Masked(value & LvtLintBits) | S.LvtLint0 & LvtRemoteIrr;
                return true;
            case Register.LvtLint1:
                S.LvtLint1 = Masked(value & LvtLintBits);
                return true;
            case Register.LvtError:
                S.LvtError = Masked(value & LvtErrorBits);
                return true;
            default:
                return register is Register.Id; // its bits are read only here: one processor, one identity
        }
    }

    /// <summary>While the APIC is software-disabled, mask bits of the LVT cannot be cleared (SDM 3A 11.4.7.2).</summary>
    private uint Masked(uint lvt) => SoftwareEnabled ? lvt : lvt | LvtMasked;

    private void WriteSvr(uint value)
    {
        bool was = SoftwareEnabled;
        S.Svr = value;
        if (!was && SoftwareEnabled)
            _wiring.IoApic?.Retry();
        if (!was || SoftwareEnabled)
            return;
        S.LvtTimer |= LvtMasked;
        S.LvtThermal |= LvtMasked;
        S.LvtPerformance |= LvtMasked;
        S.LvtLint0 |= LvtMasked;
        S.LvtLint1 |= LvtMasked;
        S.LvtError |= LvtMasked;
        ScheduleTimer();
    }

    private bool TryWriteBase(ulong value)
    {
        if ((value & ~(BaseAddress | BaseEnable | BaseExtd | BaseBsp)) != 0)
            return false;
        bool enable = (value & BaseEnable) != 0, extd = (value & BaseExtd) != 0;
        // SDM 3A, figure 11-27: x2APIC needs EN, is entered only from xAPIC mode and left only by disabling.
        if (extd && (!enable || (!HardwareEnabled && !X2Apic)))
            return false;
        if (X2Apic && enable && !extd)
            return false;
        bool disabling = HardwareEnabled && !enable;
        S.ApicBase = value;
        if (disabling)
            ResetRegisters();
        return true;
    }
}
