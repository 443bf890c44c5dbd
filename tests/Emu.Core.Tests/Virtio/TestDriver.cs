using Emu.Core.Devices.Virtio;
using Emu.Core.Memory;

namespace Emu.Core.Tests.Virtio;

/// <summary>A guest driver: sets a device up as the specification asks (virtio 1.2, 3.1.1) and moves chains through its queues.</summary>
internal sealed class TestDriver<TFunction>(VirtioDevice<TFunction> device, GuestMemory memory, ulong features)
    where TFunction : unmanaged
{
    public const ulong DescBase = 0x10000;
    public const ulong DriverBase = 0x12000;
    public const ulong DeviceBase = 0x13000;
    public const ulong QueueStride = 0x8000;
    public const ulong IndirectBase = 0x40000;

    private readonly ushort[] _available = new ushort[2];
    private readonly ushort[] _used = new ushort[2];
    private readonly uint _size = 16;

    public uint Read(int offset) => (uint)device.ReadMmio((ulong)offset, 4);

    public void Write(int offset, uint value) => device.WriteMmio((ulong)offset, 4, value);

    public bool Start(int queues)
    {
        Write(0x070, 0);
        Write(0x070, 1);
        Write(0x070, 3);
        for (uint half = 0; half < 2; half++)
        {
            Write(0x024, half);
            Write(0x020, (uint)((features | VirtioFeatures.Version1) >> (int)(32 * half)));
        }

        Write(0x070, 11);
        if ((Read(0x070) & 8) == 0)
            return false;
        for (int queue = 0; queue < queues; queue++)
            SetUp(queue);
        Write(0x070, 15);
        return true;
    }

    /// <summary>Makes a chain available in descriptors from <paramref name="first"/> on, and notifies.</summary>
    public void Submit(int queue, int first, params GuestBuffer[] buffers)
    {
        bool indirect = (features & VirtioFeatures.IndirectDescriptors) != 0 && buffers.Length > 1;
        ulong desc = DescBase + ((ulong)queue * QueueStride);
        ulong table = indirect ? IndirectBase + ((ulong)first * 0x400) : desc;
        for (int i = 0; i < buffers.Length; i++)
        {
            int index = indirect ? i : first + i;
            bool last = i == buffers.Length - 1;
            Describe(table, index, buffers[i].Address, buffers[i].Length, (last ? 0 : 1) | (buffers[i].Writable ? 2 : 0), last ? 0 : index + 1);
        }

        if (indirect)
            Describe(desc, first, table, (uint)(16 * buffers.Length), 4, 0);
        Offer(queue, (ushort)first);
        Write(0x050, (uint)queue);
    }

    public void Offer(int queue, ushort head)
    {
        ulong driver = DriverBase + ((ulong)queue * QueueStride);
        memory.Write(driver + 4 + (2UL * (_available[queue] % _size)), head);
        memory.Write(driver + 2, ++_available[queue]);
    }

    public void Describe(ulong table, int index, ulong address, uint length, int flags, int next)
    {
        ulong at = table + (16UL * (ulong)index);
        memory.Write(at, address);
        memory.Write(at + 8, length);
        memory.Write(at + 12, (ushort)flags);
        memory.Write(at + 14, (ushort)next);
    }

    /// <summary>Asks for an interrupt when the used index passes this one (event index only).</summary>
    public void SetUsedEvent(int queue, ushort index) => memory.Write(DriverBase + ((ulong)queue * QueueStride) + 4 + (2UL * _size), index);

    public ushort AvailableEvent(int queue) => memory.Read<ushort>(DeviceBase + ((ulong)queue * QueueStride) + 4 + (8UL * _size));

    public bool TryTakeUsed(int queue, out uint head, out uint written)
    {
        ulong device = DeviceBase + ((ulong)queue * QueueStride);
        (head, written) = (0, 0);
        if (memory.Read<ushort>(device + 2) == _used[queue])
            return false;
        ulong element = device + 4 + (8UL * (_used[queue]++ % _size));
        (head, written) = (memory.Read<uint>(element), memory.Read<uint>(element + 4));
        return true;
    }

    private void SetUp(int queue)
    {
        (_available[queue], _used[queue]) = (0, 0);
        ulong shift = (ulong)queue * QueueStride;
        memory.Write(DescBase + shift, new byte[QueueStride]);
        Write(0x030, (uint)queue);
        Write(0x038, _size);
        Write(0x080, (uint)(DescBase + shift));
        Write(0x084, 0);
        Write(0x090, (uint)(DriverBase + shift));
        Write(0x094, 0);
        Write(0x0A0, (uint)(DeviceBase + shift));
        Write(0x0A4, 0);
        Write(0x044, 1);
    }
}
