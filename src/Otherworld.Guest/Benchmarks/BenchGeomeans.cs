namespace Otherworld.Guest.Benchmarks;

/// <summary>The figures a change is judged by: geometric means over all items of a suite that both contenders finished.</summary>
/// <param name="ComputeVsNative">Our time over the native one.</param>
/// <param name="GuestSpeedupVsQemu">QEMU's time over ours.</param>
/// <param name="GuestSpeedupVsQemuIcount">The same for its deterministic mode.</param>
/// <param name="BootSpeedupVsQemu">QEMU's time over ours.</param>
/// <param name="BootSpeedupVsQemuIcount">The same for its deterministic mode.</param>
/// <param name="InterpreterMips">Million instructions a second of the interpreter on the integer kernels.</param>
public sealed record BenchGeomeans(
    double? ComputeVsNative,
    double? GuestSpeedupVsQemu,
    double? GuestSpeedupVsQemuIcount,
    double? BootSpeedupVsQemu,
    double? BootSpeedupVsQemuIcount,
    double? InterpreterMips)
{
    internal static BenchGeomeans Of(BenchReport report) => new(
        report.MeanRatio(BenchSuite.Compute.Name, ContenderNames.Ours, ContenderNames.Native),
        report.MeanRatio(BenchSuite.Guest.Name, ContenderNames.Qemu, ContenderNames.Ours),
        report.MeanRatio(BenchSuite.Guest.Name, ContenderNames.QemuIcount, ContenderNames.Ours),
        report.MeanRatio(BenchSuite.Boot.Name, ContenderNames.Qemu, ContenderNames.Ours),
        report.MeanRatio(BenchSuite.Boot.Name, ContenderNames.QemuIcount, ContenderNames.Ours),
        Statistics.GeometricMean(
            from item in report.Items
            where item.Contender == ContenderNames.OursInterpreter && BenchSuite.IntegerKernels.Contains(item.Name)
            select item.Ticks / item.MedianS / 1e6));
}
