using System.Text;

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
        if (!_target.MayChange)
            return Forbidden;
        int done = 0;
        foreach (RegisterEntry register in RegisterTable.All)
        {
            register.Write?.Invoke(_target.Guest, bytes.AsSpan(done, register.Bytes));
            done += register.Bytes;
        }

        return Changed();
    }

    private string WriteRegister(string text)
    {
        string[] parts = text.Split('=');
        if (parts.Length != 2 || !Hex.TryNumber(parts[0], out ulong number) || number >= (ulong)RegisterTable.All.Count || !Hex.TryBytes(parts[1], out byte[] bytes))
            return Malformed;
        RegisterEntry register = RegisterTable.All[(int)number];
        if (register.Write is null || !_target.MayChange)
            return Forbidden;
        if (bytes.Length != register.Bytes)
            return Malformed;
        register.Write(_target.Guest, bytes);
        return Changed();
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
        if (!_target.MayChange)
            return Forbidden;
        return _target.Space()?.TryWrite(address, bytes) == true ? Changed() : NoMemory;
    }

    private string Changed()
    {
        _target.Guest.Processor.DropCaches();
        _target.Guest.Processor.Mmu.ForgetWatchHit();
        _target.Timeline.Changed();
        return Ok;
    }
}
