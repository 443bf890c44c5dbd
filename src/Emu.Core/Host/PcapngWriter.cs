using System.Buffers.Binary;
using System.Text;
using Emu.Core.Worlds;

namespace Emu.Core.Host;

/// <summary>
/// Writes what is sent over links as pcapng (draft-ietf-opsawg-pcapng), for Wireshark and its kind: one interface for each link, each frame once, at the exact
/// nanosecond of guest time at which it left its card. A comment says so where a frame was lost. The file depends on the run alone, not on the quantum.
/// </summary>
public sealed class PcapngWriter : IFrameObserver, IDisposable
{
    private const uint SectionHeader = 0x0A0D_0D0A;
    private const uint InterfaceDescription = 1;
    private const uint EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1A2B_3C4D;
    private const ushort LinkTypeEthernet = 1;
    private const ushort OptionComment = 1;
    private const ushort OptionInterfaceName = 2;
    private const ushort OptionTimestampResolution = 9;
    private const byte Nanoseconds = 9; // 10^-9 s

    private readonly Stream _stream;
    private readonly IReadOnlyList<LinkDescription> _links;
    private readonly ulong _epoch;
    private readonly List<SentFrame> _unsettled = [];

    /// <param name="stream">Where to; disposed with the writer.</param>
    /// <param name="links">The links of the world.</param>
    /// <param name="epoch">What clocks show at tick 0, seconds since 1970 UTC.</param>
    public PcapngWriter(Stream stream, IReadOnlyList<LinkDescription> links, long epoch)
    {
        _stream = stream;
        _links = links;
        _epoch = (ulong)epoch * Time.MachineClock.TicksPerSecond;
        // Version 1.0, length of the section unknown.
        WriteBlock(SectionHeader, body => body.Add(ByteOrderMagic).Add((ushort)1).Add((ushort)0).Add(uint.MaxValue).Add(uint.MaxValue));
        foreach (LinkDescription link in links)
        {
            WriteBlock(InterfaceDescription, body => body.Add(LinkTypeEthernet).Add((ushort)0).Add(0)
                .Option(OptionInterfaceName, Encoding.UTF8.GetBytes(string.Join('-', link.Between)))
                .Option(OptionTimestampResolution, [Nanoseconds])
                .EndOfOptions());
        }
    }

    /// <inheritdoc/>
    public void Sent(SentFrame frame) => _unsettled.Add(frame);

    /// <inheritdoc/>
    public void Settled(ulong tick)
    {
        foreach (SentFrame frame in _unsettled.OrderBy(frame => frame.Tick)) // stable: at equal ticks in the order of the machines
            Write(frame);
        _unsettled.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Write(SentFrame frame)
    {
        ulong time = _epoch + frame.Tick;
        WriteBlock(EnhancedPacket, body =>
        {
            body.Add((uint)frame.Link).Add((uint)(time >> 32)).Add((uint)time).Add((uint)frame.Frame.Length).Add((uint)frame.Frame.Length).Padded(frame.Frame.Span);
            if (frame.Missed.Length > 0)
            {
                IEnumerable<string> receivers = frame.Missed.Select(end => _links[frame.Link].Between[end]);
                body.Option(OptionComment, Encoding.UTF8.GetBytes($"lost on the way to {string.Join(" and ", receivers)}")).EndOfOptions();
            }
        });
    }

    private void WriteBlock(uint type, Action<Block> fill)
    {
        var block = new Block();
        block.Add(type).Add(0u);
        fill(block);
        _stream.Write(block.Finish());
    }

    /// <summary>A block under construction; all numbers little endian, everything padded to 32 bits.</summary>
    private sealed class Block
    {
        private readonly List<byte> _bytes = [];

        public Block Add(ushort value)
        {
            _bytes.AddRange([(byte)value, (byte)(value >> 8)]);
            return this;
        }

        public Block Add(uint value) => Add((ushort)value).Add((ushort)(value >> 16));

        public Block Padded(ReadOnlySpan<byte> bytes)
        {
            _bytes.AddRange(bytes);
            while (_bytes.Count % 4 != 0)
                _bytes.Add(0);
            return this;
        }

        public Block Option(ushort code, ReadOnlySpan<byte> value) => Add(code).Add((ushort)value.Length).Padded(value);

        public Block EndOfOptions() => Add(0u);

        /// <summary>The bytes, with the length before and behind the body.</summary>
        public ReadOnlySpan<byte> Finish()
        {
            uint length = (uint)_bytes.Count + 4;
            Add(length);
            Span<byte> bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], length);
            return bytes;
        }
    }
}
