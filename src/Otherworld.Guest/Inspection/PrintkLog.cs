using System.Globalization;
using System.Text;

namespace Otherworld.Guest.Inspection;

/// <summary>The kernel's log buffer (kernel/printk/printk_ringbuffer.h), read by the offsets the kernel itself names in its VMCOREINFO.</summary>
public sealed class PrintkLog
{
    private const int StateShift = 62; // DESC_FLAGS_SHIFT
    private const ulong IdMask = (1UL << StateShift) - 1;
    private const int Committed = 1; // desc_committed
    private const int Finalized = 2; // desc_finalized
    private const int MostBits = 24;
    private const int IdLength = 8; // struct prb_data_block

    private readonly KernelInstance _kernel;
    private readonly VmcoreInfo _info;

    /// <param name="kernel">Whose log.</param>
    /// <param name="info">What that kernel says of itself.</param>
    public PrintkLog(KernelInstance kernel, VmcoreInfo info)
    {
        _kernel = kernel;
        _info = info;
    }

    /// <summary>All lines as <c>dmesg</c> prints them. Damage ends the text with a line that says so; nothing is followed twice.</summary>
    public string Read()
    {
        StringBuilder text = new();
        if (!_kernel.TryRead(_info.Symbol("prb"), out ulong ring) || !TryRead(ring + _info.Offset("printk_ringbuffer.desc_ring"), text))
            text.Append("[the log is damaged here]\n");
        return text.ToString();
    }

    private bool TryRead(ulong ring, StringBuilder text)
    {
        if (!_kernel.TryRead(ring + _info.Offset("prb_desc_ring.count_bits"), out uint bits) || bits > MostBits
            || !_kernel.TryRead(ring + _info.Offset("prb_desc_ring.descs"), out ulong descriptors)
            || !_kernel.TryRead(ring + _info.Offset("prb_desc_ring.infos"), out ulong infos)
            || !_kernel.TryRead(ring + _info.Offset("prb_desc_ring.head_id") + _info.Offset("atomic_long_t.counter"), out ulong head)
            || !_kernel.TryRead(ring + _info.Offset("prb_desc_ring.tail_id") + _info.Offset("atomic_long_t.counter"), out ulong tail))
            return false;
        ulong count = 1UL << (int)bits;
        ulong texts = ring - _info.Offset("printk_ringbuffer.desc_ring") + _info.Offset("printk_ringbuffer.text_data_ring");
        for (ulong step = 0; step < count; step++)
        {
            ulong id = (tail + step) & IdMask;
            ulong index = id % count;
            if (!TryLine(id, descriptors + (index * _info.Size("prb_desc")), infos + (index * _info.Size("printk_info")), texts, text))
                return false;
            if (id == (head & IdMask))
                return true;
        }

        return false;
    }

    /// <summary>Adds a record; one that was never written, or was reused, adds nothing.</summary>
    private bool TryLine(ulong id, ulong descriptor, ulong info, ulong texts, StringBuilder text)
    {
        if (!_kernel.TryRead(descriptor + _info.Offset("prb_desc.state_var") + _info.Offset("atomic_long_t.counter"), out ulong state))
            return false;
        if ((state & IdMask) != id || (int)(state >> StateShift) is not (Committed or Finalized))
            return true;
        ulong place = descriptor + _info.Offset("prb_desc.text_blk_lpos");
        if (!_kernel.TryRead(place + _info.Offset("prb_data_blk_lpos.begin"), out ulong begin)
            || !_kernel.TryRead(place + _info.Offset("prb_data_blk_lpos.next"), out ulong next)
            || !_kernel.TryRead(texts + _info.Offset("prb_data_ring.size_bits"), out uint bits) || bits > MostBits
            || !_kernel.TryRead(texts + _info.Offset("prb_data_ring.data"), out ulong data)
            || !_kernel.TryRead(info + _info.Offset("printk_info.ts_nsec"), out ulong nanoseconds)
            || !_kernel.TryRead(info + _info.Offset("printk_info.text_len"), out ushort length))
            return false;
        if ((begin & 1) != 0)
            return true; // no data block: the record is empty or was lost
        ulong size = 1UL << (int)bits;
        ulong first = begin >> (int)bits == next >> (int)bits || (next & (size - 1)) == 0 ? begin & (size - 1) : 0; // a wrapped block lies at the start
        if (first + IdLength + length > size)
            return false;
        byte[] line = new byte[length];
        if (!_kernel.TryRead(data + first + IdLength, line))
            return false;
        string time = string.Create(CultureInfo.InvariantCulture, $"[{nanoseconds / 1_000_000_000,5}.{nanoseconds / 1000 % 1_000_000:d6}] ");
        foreach (string part in Encoding.UTF8.GetString(line).Split('\n'))
            text.Append(time).Append(part).Append('\n');
        return true;
    }
}
