using System.IO.Hashing;
using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.Core.Snapshots;
using Emu.Core.State;

namespace Emu.Core.Replay;

/// <summary>Takes <see cref="StateCheck"/>s of a machine.</summary>
internal sealed class StateSampler
{
    private readonly PcMachine _machine;
    private readonly RamHash _ram;

    public StateSampler(PcMachine machine)
    {
        _machine = machine;
        _ram = new RamHash(machine.Memory);
        PartsLength = machine.Devices.Sum(device => device.StateBytes.Length);
    }

    /// <summary>Bytes of all state structs.</summary>
    public int PartsLength { get; }

    /// <summary>What the machine is now.</summary>
    /// <param name="memory">Also hash memory, which takes milliseconds.</param>
    public StateCheck Take(bool memory)
    {
        byte[] parts = new byte[PartsLength];
        int done = 0;
        foreach (IDevice device in _machine.Devices)
        {
            device.StateBytes.CopyTo(parts.AsSpan(done));
            done += device.StateBytes.Length;
        }

        return new StateCheck(parts, memory ? HashMemory() : null);
    }

    /// <summary>The parts of a check under their names.</summary>
    public IReadOnlyList<PartImage> Name(byte[] parts)
    {
        List<PartImage> images = [];
        int done = 0;
        foreach (IDevice device in _machine.Devices)
        {
            int length = device.StateBytes.Length;
            images.Add(new PartImage(device.Id, device.StateType, parts.AsSpan(done, length).ToArray()));
            done += length;
        }

        return images;
    }

    private ulong HashMemory()
    {
        var hash = new XxHash3();
        var pages = new PageHasher(hash);
        foreach (IDevice device in _machine.Devices)
            (device as IVisitable)?.Visit(pages);
        _machine.Processor.DropTranslations();
        hash.Append(BitConverter.GetBytes(_ram.Compute()));
        return hash.GetCurrentHashAsUInt64();
    }
}
