namespace Emu.Core.Machine;

/// <summary>The local APIC as its processor reaches it: by MSR (x2APIC, IA32_APIC_BASE, IA32_TSC_DEADLINE) and by CR8. SDM 3A 11.</summary>
public interface ILocalApic : Irq.IInterruptSource
{
    /// <summary>IA32_APIC_BASE (MSR 1BH).</summary>
    ulong ApicBase { get; }

    /// <summary>Physical address of the xAPIC register page, or <see cref="ulong.MaxValue"/> when disabled or in x2APIC mode.</summary>
    ulong MmioBase { get; }

    /// <summary>Task priority as CR8 shows it, 0 to 15.</summary>
    byte TaskPriority { get; set; }

    /// <summary>RDMSR of 1BH, 6E0H or 800H-8FFH.</summary>
    /// <returns>False for #GP(0).</returns>
    bool TryReadMsr(uint msr, out ulong value);

    /// <summary>WRMSR of 1BH, 6E0H or 800H-8FFH.</summary>
    /// <returns>False for #GP(0).</returns>
    bool TryWriteMsr(uint msr, ulong value);
}
