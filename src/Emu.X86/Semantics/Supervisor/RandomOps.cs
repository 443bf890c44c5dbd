using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>RDRAND and RDSEED: one seeded generator that is part of the state (SplitMix64), so that equal runs draw equal numbers.</summary>
internal static unsafe class RandomOps
{
    internal static void Add(RowBuilder rows)
    {
        foreach (string name in (string[])["Rdrand", "Rdseed"])
        {
            rows.Add(name + "_r16", &Draw<ushort>);
            rows.Add(name + "_r32", &Draw<uint>);
            rows.Add(name + "_r64", &Draw<ulong>);
        }
    }

    private static Op* Draw<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        ulong z = cpu->State.RandomState += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.Truncate<T>(z ^ (z >> 31)));
        cpu->SetStatus(Rflags.Cf); // CF: a number was there; the others are cleared
        return op[1].Fn(cpu, op + 1);
    }
}
