namespace Emu.Core.Devices.Lapic;

/// <summary>Interrupts on their way in: pins, local sources, IPIs, messages of the IO-APIC; and their end.</summary>
public sealed partial class LocalApic
{
    private const uint EsrSendIllegalVector = 1 << 5, EsrReceiveIllegalVector = 1 << 6, EsrIllegalRegister = 1 << 7;

    /// <summary>A message of the IO-APIC.</summary>
    /// <param name="destination">Destination field, 8 bits.</param>
    /// <param name="logical">Destination mode.</param>
    /// <param name="mode">Delivery mode.</param>
    /// <param name="vector">The vector, as far as the mode carries one.</param>
    /// <param name="level">Level triggered: its EOI is told to the IO-APIC.</param>
    /// <returns>False when no local APIC accepts it.</returns>
    public bool Message(byte destination, bool logical, DeliveryMode mode, byte vector, bool level)
    {
        if (!HardwareEnabled || !(logical ? MatchesLogical(destination) : destination is 0xFF or (byte)ApicId))
            return false;
        return Accept(mode, vector, level);
    }

    private bool Accept(DeliveryMode mode, byte vector, bool level)
    {
        switch (mode)
        {
            case DeliveryMode.Fixed or DeliveryMode.LowestPriority:
                if (!SoftwareEnabled)
                    return false;
                if (vector < 16)
                {
                    RaiseError(EsrReceiveIllegalVector);
                    return false;
                }

                S.Irr.Add(vector);
                if (level)
                    S.Tmr.Add(vector);
                else
                    S.Tmr.Remove(vector);
                return true;
            case DeliveryMode.Nmi:
                S.Nmi = 1;
                return true;
            default: // SMI: no SMM. INIT and start-up: the only processor ignores its own. ExtINT comes by level, not by message.
                return false;
        }
    }

    private bool MatchesLogical(uint destination)
    {
        if (X2Apic)
        {
            uint ldr = X2LogicalId;
            return (destination >> 16 == ldr >> 16 || destination >> 16 == 0xFFFF) && (destination & ldr & 0xFFFF) != 0;
        }

        uint logicalId = S.Ldr >> 24;
        if (S.Dfr >> 28 == 0xF)
            return (destination & logicalId) != 0;
        return (destination >> 4 == 0xF || destination >> 4 == logicalId >> 4) && (destination & logicalId & 0xF) != 0;
    }

    private static uint X2LogicalId => ApicId >> 4 << 16 | 1U << (int)(ApicId & 15);

    private void SetLint(int number, bool level)
    {
        ref byte pin = ref number == 0 ? ref S.Lint0Level : ref S.Lint1Level;
        bool rising = level && pin == 0;
        pin = (byte)(level ? 1 : 0);
        ref uint lvt = ref number == 0 ? ref S.LvtLint0 : ref S.LvtLint1;
        if (!HardwareEnabled)
        {
            if (rising && number == 1)
                S.Nmi = 1; // the pins are INTR and NMI then (SDM 3A 11.4.3)
            return;
        }

        var mode = (DeliveryMode)(lvt >> 8 & 7);
        if (!rising || (lvt & LvtMasked) != 0 || mode == DeliveryMode.ExtInt)
            return;
        bool levelTriggered = mode == DeliveryMode.Fixed && (lvt & LvtLevel) != 0 && number == 0;
        if (Accept(mode, (byte)lvt, levelTriggered) && levelTriggered)
            lvt |= LvtRemoteIrr;
    }

    /// <summary>A local source fires: timer or error.</summary>
    private void FireLvt(uint lvt)
    {
        if ((lvt & LvtMasked) == 0)
            Accept((DeliveryMode)(lvt >> 8 & 7), (byte)lvt, level: false);
    }

    private void RaiseError(uint bit)
    {
        bool nested = (S.EsrPending & bit) != 0;
        S.EsrPending |= bit;
        if (!nested && (S.LvtError & LvtMasked) == 0 && (S.LvtError & 0xFF) >= 16)
            FireLvt(S.LvtError);
    }

    private void EndOfInterrupt()
    {
        int vector = S.Isr.Highest;
        if (vector < 0)
            return;
        S.Isr.Remove(vector);
        if (!S.Tmr.Contains(vector))
            return;
        _wiring.IoApic?.EndOfInterrupt((byte)vector);
        if ((S.LvtLint0 & LvtRemoteIrr) != 0 && (byte)S.LvtLint0 == vector)
        {
            S.LvtLint0 &= ~LvtRemoteIrr;
            if (S.Lint0Level != 0 && (S.LvtLint0 & LvtMasked) == 0 && Accept(DeliveryMode.Fixed, (byte)vector, level: true))
                S.LvtLint0 |= LvtRemoteIrr;
        }
    }

    /// <summary>A write to ICR sends an inter-processor interrupt; only this processor can be its target. SDM 3A 11.6.1.</summary>
    private void SendIpi(uint low, uint destination)
    {
        var mode = (DeliveryMode)(low >> 8 & 7);
        byte vector = (byte)low;
        if (mode is DeliveryMode.Fixed or DeliveryMode.LowestPriority && vector < 16)
        {
            RaiseError(EsrSendIllegalVector);
            return;
        }

        bool logical = (low >> 11 & 1) != 0;
        uint broadcast = X2Apic ? uint.MaxValue : 0xFF;
        bool self = (low >> 18 & 3) switch
        {
            0 => logical ? MatchesLogical(destination) : destination == broadcast || destination == ApicId,
            1 or 2 => true,
            _ => false,
        };
        if (self)
            Accept(mode, vector, level: false);
    }
}
