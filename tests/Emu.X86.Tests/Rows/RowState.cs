using Emu.X86.State;

namespace Emu.X86.Tests.Rows;

/// <summary>What one instruction starts from or ends in.</summary>
/// <param name="Registers">See <see cref="RegisterImage"/>.</param>
/// <param name="Memory">The data area.</param>
/// <param name="Flags">The status flags.</param>
internal sealed record RowState(byte[] Registers, byte[] Memory, ulong Flags)
{
    internal ulong Flags { get; set; } = Flags;

    internal void SetGpr(GeneralRegister register, ulong value) => BitConverter.TryWriteBytes(Registers.AsSpan(8 * (int)register), value);

    internal RowState Copy() => new([.. Registers], [.. Memory], Flags);
}
