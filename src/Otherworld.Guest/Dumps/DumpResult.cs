using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Dumps;

/// <summary>What a dump has become.</summary>
/// <param name="Files">All files written, the dump first.</param>
/// <param name="Generation">Of the kernel; 0 for one that is not ours.</param>
/// <param name="PhysBase">Where its image lies; see <see cref="KernelInstance.PhysBase"/>.</param>
/// <param name="Rip">Where it stood, by symbol.</param>
/// <param name="Message">What a dead kernel of ours said of its death; null otherwise.</param>
/// <param name="DebugKernel">The unstripped kernel for debuggers; null when none is beside the symbols.</param>
public sealed record DumpResult(IReadOnlyList<string> Files, uint Generation, ulong PhysBase, string Rip, string? Message, string? DebugKernel);
