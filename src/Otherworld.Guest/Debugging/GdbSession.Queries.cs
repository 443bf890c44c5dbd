using System.Text;

namespace Otherworld.Guest.Debugging;

/// <content>General queries, and commands for <see cref="Monitor"/>.</content>
internal sealed partial class GdbSession
{
    private string Query(string packet)
    {
        string[] parts = packet.Split([':', ',', ';'], 2);
        string rest = parts.Length > 1 ? parts[1] : "";
        switch (parts[0])
        {
            case "qSupported":
                _knowsBreakpointKinds = rest.Contains("swbreak+", StringComparison.Ordinal);
                return $"PacketSize={PacketReader.Longest:x};QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;vContSupported+;swbreak+;hwbreak+"
                    + (_target.Timeline.CanGoBack ? ";ReverseStep+;ReverseContinue+" : "");
            case "QStartNoAckMode":
                _connection.NoAcknowledgements = true; // from the next packet on; this one has been acknowledged
                return Ok;
            case "qXfer":
                return Transfer(rest);
            case "qRcmd":
                return Command(rest);
            case "qC":
                return "QC01";
            case "qAttached":
                return "1";
            case "qfThreadInfo":
                return "m01";
            case "qsThreadInfo":
                return "l";
            case "qSymbol":
                return Ok;
            case "qqemu.PhyMemMode":
                return _target.View == MemoryView.Physical ? "1" : "0";
            case "Qqemu.PhyMemMode":
                _target.View = rest == "1" ? MemoryView.Physical : MemoryView.Live;
                return Ok;
            case "qqemu.sstepbits":
                return "ENABLE=1,NOIRQ=2,NOTIMER=4";
            default:
                return NotUnderstood;
        }
    }

    /// <summary><c>qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH</c>.</summary>
    private static string Transfer(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length != 4 || parts[1] != "read")
            return NotUnderstood;
        string? document = (parts[0], parts[2]) switch
        {
            ("features", "target.xml") => TargetDescription.Target,
            ("memory-map", "") => TargetDescription.MemoryMap,
            _ => null,
        };
        if (document is null)
            return "E00";
        if (!Hex.TryRange(parts[3], out ulong offset, out int length))
            return Malformed;
        int from = (int)Math.Min(offset, (ulong)document.Length);
        int most = Math.Min(Math.Min(length, document.Length - from), PacketReader.Longest / 2); // escapes take room
        return string.Concat(from + most < document.Length ? "m" : "l", document.AsSpan(from, most));
    }

    private string Command(string text)
    {
        if (!Hex.TryBytes(text, out byte[] bytes))
            return Malformed;
        _target.Points.Disarm();
        ulong tick = _target.Timeline.Tick;
        Print(_monitor.Execute(Encoding.UTF8.GetString(bytes), Interrupted));
        if (_target.Timeline.Tick != tick)
            Ended = null;
        return Ok;
    }
}
