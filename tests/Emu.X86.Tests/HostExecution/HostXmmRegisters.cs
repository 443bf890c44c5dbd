using System.Runtime.CompilerServices;

namespace Emu.X86.Tests.HostExecution;

/// <summary>XMM0 .. XMM15.</summary>
[InlineArray(16)]
public struct HostXmmRegisters
{
    private UInt128 _first;
}
