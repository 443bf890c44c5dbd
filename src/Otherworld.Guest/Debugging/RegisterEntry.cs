using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Debugging;

/// <summary>One register as a debugger knows it.</summary>
/// <param name="Feature">Of the target description it belongs to.</param>
/// <param name="Name">gdb's name.</param>
/// <param name="Bits">Width.</param>
/// <param name="Type">Type in the target description.</param>
/// <param name="Read">Writes its value, little endian.</param>
/// <param name="Patch">The number of its first 8 bytes (<see cref="Emu.X86.State.PatchableRegister"/>), behind which that of the rest follows; null for one that cannot be set.</param>
internal sealed record RegisterEntry(
    string Feature, string Name, int Bits, string Type, RegisterEntry.Reader Read, Func<GuestMachine, int>? Patch = null)
{
    /// <summary>Fills a span of <see cref="Bytes"/> bytes.</summary>
    public delegate void Reader(GuestMachine guest, Span<byte> value);

    /// <summary>Width in bytes.</summary>
    public int Bytes => Bits / 8;
}
