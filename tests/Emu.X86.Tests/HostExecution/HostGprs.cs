using System.Runtime.CompilerServices;

namespace Emu.X86.Tests.HostExecution;

/// <summary>RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 .. R15, in encoding order.</summary>
[InlineArray(16)]
public struct HostGprs
{
    private ulong _first;
}
