namespace Emu.X86.Semantics.Supervisor;

/// <summary>Rows of the system instructions.</summary>
internal static class SystemRows
{
    internal static void Add(RowBuilder rows)
    {
        FlagOps.Add(rows);
        SystemCalls.Add(rows);
        ControlRegisters.Add(rows);
        TimeOps.Add(rows);
        MsrOps.Add(rows);
        DescriptorTableOps.Add(rows);
        SegmentOps.Add(rows);
        PortOps.Add(rows);
        BaseOps.Add(rows);
        CacheOps.Add(rows);
        CpuidOps.Add(rows);
        RandomOps.Add(rows);
        AbsentOps.Add(rows);
        SegmentQueries.Add(rows);
        Control.FarRows.Add(rows);
        Control.InterruptReturn.Add(rows);
        Control.SoftwareInterrupts.Add(rows);
    }
}
