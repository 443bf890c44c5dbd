using System.Runtime.CompilerServices;

namespace Emu.X86.Tests.HostExecution;

/// <summary>ST(0) .. ST(7), 80 bits each in 16 bytes. SDM 1, table 10-2.</summary>
[InlineArray(8)]
public struct HostX87Registers
{
    private UInt128 _first;
}
