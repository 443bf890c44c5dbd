using System.Text;
using Emu.Core.Machine;

namespace Otherworld.Guest.Debugging;

/// <content>Registers and memory.</content>
internal sealed partial class GdbSession
{
    private string ReadRegisters()
    {
        var text = new StringBuilder();
        foreach (RegisterEntry register in RegisterTable.All)
            text.Append(Read(register));
        return text.ToString();
    }

    private string ReadRegister(string text) =>
        Hex.TryNumber(text, out ulong number) && number < (ulong)RegisterTable.All.Count ? Read(RegisterTable.All[(int)number]) : Malformed;

    private string Read(RegisterEntry register)
    {
        Span<byte> value = stackalloc byte[16];
        value = value[..register.Bytes];
        value.Clear();
        register.Read(_target.Guest, value);
        return Convert.ToHexStringLower(value);
    }

    /// <summary>All registers; those that cannot be set stay as they are.</summary>
    private string WriteRegisters(string text)
    {
        if (!Hex.TryBytes(text, out byte[] bytes) || bytes.Length != RegisterTable.All.Sum(register => register.Bytes))
            return Malformed;
        if (Refusal is { } refusal)
            return refusal;
        int done = 0;
        foreach (RegisterEntry register in RegisterTable.All)
        {
            string value = text.Substring(2 * done, 2 * register.Bytes);
            if (register.Patch is not null && !string.Equals(value, Read(register), StringComparison.OrdinalIgnoreCase))
                Write(register, bytes.AsSpan(done, register.Bytes));
            done += register.Bytes;
        }

        return Ok;
    }

    private string WriteRegister(string text)
    {
        string[] parts = text.Split('=');
        if (parts.Length != 2 || !Hex.TryNumber(parts[0], out ulong number) || number >= (ulong)RegisterTable.All.Count || !Hex.TryBytes(parts[1], out byte[] bytes))
            return Malformed;
        RegisterEntry register = RegisterTable.All[(int)number];
        if (register.Patch is null)
            return Forbidden;
        if (bytes.Length != register.Bytes)
            return Malformed;
        if (Refusal is { } refusal)
            return refusal;
        Write(register, bytes);
        return Ok;
    }

    private string ReadMemory(string text)
    {
        if (!Hex.TryRange(text, out ulong address, out int length))
            return Malformed;
        byte[] bytes = new byte[Math.Min(length, PacketReader.Longest / 2)];
        int read = _target.Space()?.Read(address, bytes) ?? 0;
        return read == 0 && bytes.Length > 0 ? NoMemory : Convert.ToHexStringLower(bytes.AsSpan(0, read));
    }

    /// <summary><c>MADDRESS,LENGTH:HEX</c> and <c>XADDRESS,LENGTH:BINARY</c>.</summary>
    private string WriteMemory(string packet)
    {
        int colon = packet.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !Hex.TryRange(packet.AsSpan(1, colon - 1), out ulong address, out int length))
            return Malformed;
        byte[] bytes = Encoding.Latin1.GetBytes(packet[(colon + 1)..]);
        if (packet[0] == 'M' && !Hex.TryBytes(packet.AsSpan(colon + 1), out bytes))
            return Malformed;
        if (bytes.Length != length)
            return Malformed;
        if (length == 0)
            return Ok; // gdb tries whether X is known
        if (Refusal is { } refusal)
            return refusal;
        List<(ulong Physical, int Length)> pieces = _target.Space()?.Pieces(address, length) ?? [];
        if (pieces.Sum(piece => piece.Length) != length)
            return NoMemory;
        int done = 0;
        foreach ((ulong physical, int count) in pieces)
        {
            Change(InputSource.Memory, new MemoryPatch(physical, bytes.AsMemory(done, count)).ToInput());
            done += count;
        }

        return Ok;
    }

    /// <summary>Why nothing can be written now; null when it can.</summary>
    private string? Refusal =>
        !_target.MayChange ? Forbidden : _target.IsBetweenTicks ? "E.this run is recorded, and a handler has just been entered: nothing can be written before its first instruction. Type stepi" : null;

    private void Write(RegisterEntry register, ReadOnlySpan<byte> value)
    {
        int number = register.Patch!(_target.Guest);
        Span<byte> word = stackalloc byte[8];
        for (; value.Length != 0; value = value[Math.Min(value.Length, word.Length)..])
        {
            word.Clear();
            value[..Math.Min(value.Length, word.Length)].CopyTo(word);
            Change(InputSource.Register, new RegisterPatch((ushort)number++, BitConverter.ToUInt64(word)).ToInput());
        }
    }

    /// <summary>What a debugger writes is an input, so that it is in the journal of a run that is recorded.</summary>
    private void Change(InputSource source, byte[] bytes)
    {
        _target.Timeline.Change(source, bytes);
        _target.Guest.Processor.Mmu.ForgetWatchHit();
    }
}
