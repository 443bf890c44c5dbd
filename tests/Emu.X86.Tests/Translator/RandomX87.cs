using Emu.X86.State;

namespace Emu.X86.Tests.Translator;

/// <summary>A random x87 state: mostly numbers near each other, now and then zeros, infinities, NaNs, denormals, what is no number at all, and empty registers.</summary>
/// <param name="Control">FCW: any precision and rounding, all exceptions masked three times out of four.</param>
/// <param name="Status">FSW: any TOP and condition codes, no pending exception.</param>
/// <param name="Tags">FTW.</param>
/// <param name="Significands">By physical number.</param>
/// <param name="Exponents">Signs and exponents.</param>
internal sealed record RandomX87(ushort Control, ushort Status, ushort Tags, ulong[] Significands, ushort[] Exponents)
{
    private const int Bias = 0x3FFF;
    private const ulong IntegerBit = 1UL << 63;

    internal static RandomX87 Make(Random random)
    {
        bool masked = random.Next(4) != 0;
        int control = (masked ? 0x37F & ~0x300 : 0x40 | random.Next(0x40)) | (random.Next(16) << 8);
        int tags = 0;
        ulong[] significands = new ulong[8];
        ushort[] exponents = new ushort[8];
        for (int i = 0; i < 8; i++)
        {
            if (random.Next(4) == 0)
                tags |= 3 << (2 * i);
            significands[i] = IntegerBit | ((ulong)random.NextInt64() << random.Next(64));
            exponents[i] = (ushort)((random.Next(2) << 15) | (Bias + random.Next(-40, 40)));
            if (random.Next(5) != 0)
                continue;
            significands[i] = random.Next(3) switch { 0 => 0, 1 => IntegerBit, _ => (ulong)random.NextInt64() };
            exponents[i] = (ushort)((random.Next(2) << 15) | (random.Next(3) switch { 0 => 0, 1 => 0x7FFF, _ => random.Next(0x8000) }));
        }

        return new RandomX87((ushort)(control & 0xF7F), (ushort)(random.Next(0x80) & (masked ? 0x7F : 0) | (random.Next(8) << 11) | (random.Next(16) << 8 & 0x4700)), (ushort)tags, significands, exponents);
    }

    internal unsafe void Put(ref CpuState state)
    {
        state.Fcw = Control;
        state.Fsw = Status;
        state.Ftw = Tags;
        for (int i = 0; i < 8; i++)
        {
            state.X87[2 * i] = Significands[i];
            state.X87[(2 * i) + 1] = Exponents[i];
        }
    }
}
