using System.Globalization;
using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.Core.Snapshots;
using Emu.Core.State;
using Emu.X86.State;

namespace Otherworld.Guest.Lockstep;

/// <summary>Compares two machines of equal description, as fast as possible while they are equal and as clearly as possible when they are not.</summary>
internal static class MachineComparison
{
    /// <summary>Registers and devices are equal. Does not allocate.</summary>
    public static bool SameParts(PcMachine reference, PcMachine subject)
    {
        for (int i = reference.Devices.Count - 1; i >= 0; i--) // the processor is the last, and the likeliest to differ
        {
            if (!reference.Devices[i].StateBytes.SequenceEqual(subject.Devices[i].StateBytes))
                return false;
        }

        return true;
    }

    /// <summary>The given frames are equal. Does not allocate.</summary>
    public static bool SameFrames(PcMachine reference, PcMachine subject, ReadOnlySpan<uint> frames)
    {
        foreach (uint frame in frames)
        {
            if (!reference.Memory.Frame((int)frame).SequenceEqual(subject.Memory.Frame((int)frame)))
                return false;
        }

        return true;
    }

    /// <summary>All of RAM is equal.</summary>
    public static bool SameMemory(PcMachine reference, PcMachine subject)
    {
        for (int frame = 0; frame < reference.Memory.FrameCount; frame++)
        {
            if (!reference.Memory.Frame(frame).SequenceEqual(subject.Memory.Frame(frame)))
                return false;
        }

        return true;
    }

    /// <summary>State of variable size (what guests wrote to disks) is equal.</summary>
    public static bool SameStores(PcMachine reference, PcMachine subject) => !Stores(reference, subject).Any();

    /// <summary>Everything that differs, registers first; at most <paramref name="most"/>.</summary>
    public static IReadOnlyList<StateDifference> Describe(PcMachine reference, PcMachine subject, int most = 32) =>
        [.. Parts(reference, subject).Concat(Memory(reference, subject)).Concat(Stores(reference, subject)).Take(most)];

    private static IEnumerable<StateDifference> Parts(PcMachine reference, PcMachine subject)
    {
        for (int i = reference.Devices.Count - 1; i >= 0; i--)
        {
            byte[] first = reference.Devices[i].StateBytes.ToArray();
            byte[] second = subject.Devices[i].StateBytes.ToArray();
            if (first.AsSpan().SequenceEqual(second))
                continue;
            foreach (StateField field in StateSchema.Of(reference.Devices[i].StateType).Fields)
            {
                foreach (StateDifference difference in Field(reference.Devices[i], field, first, second))
                    yield return difference;
            }
        }
    }

    private static IEnumerable<StateDifference> Field(IDevice device, StateField field, byte[] first, byte[] second)
    {
        for (int element = 0; element < field.Count; element++)
        {
            int at = field.Offset + (element * field.Size);
            string one = Hex(first.AsSpan(at, field.Size));
            string other = Hex(second.AsSpan(at, field.Size));
            if (one == other)
                continue;
            if (device.StateType != typeof(CpuState))
                yield return new StateDifference($"{device.Id}.{field.Name}{(field.IsArray ? $"[{element}]" : "")}", one, other);
            else if (field.Name != nameof(CpuState.Rflags))
                yield return new StateDifference(ProcessorFields.NameOf(field.Name, element), one, other);
            else
                foreach (StateDifference flag in ProcessorFields.CompareRflags(BitConverter.ToUInt64(first, at), BitConverter.ToUInt64(second, at)))
                    yield return flag;
        }
    }

    /// <summary>One line for each frame: the first bytes that differ.</summary>
    private static IEnumerable<StateDifference> Memory(PcMachine reference, PcMachine subject)
    {
        const int Shown = 8;
        for (int frame = 0; frame < reference.Memory.FrameCount; frame++)
        {
            int at = reference.Memory.Frame(frame).CommonPrefixLength(subject.Memory.Frame(frame));
            if (at == GuestMemory.FrameSize)
                continue;
            int length = Math.Min(Shown, GuestMemory.FrameSize - at);
            ulong physical = GuestMemory.PhysicalOf(((ulong)frame * GuestMemory.FrameSize) + (ulong)at);
            yield return new StateDifference(
                string.Create(CultureInfo.InvariantCulture, $"ram 0x{physical:x8}"),
                Dump(reference.Memory.Frame(frame).Slice(at, length)),
                Dump(subject.Memory.Frame(frame).Slice(at, length)));
        }
    }

    private static IEnumerable<StateDifference> Stores(PcMachine reference, PcMachine subject)
    {
        for (int i = 0; i < reference.Devices.Count; i++)
        {
            if (reference.Devices[i] is not IVisitable first || subject.Devices[i] is not IVisitable second)
                continue;
            string one = Hash(first);
            string other = Hash(second);
            if (one != other)
                yield return new StateDifference($"pages of {first.Id}", one, other);
        }
    }

    private static string Hash(IVisitable part)
    {
        var hash = new System.IO.Hashing.XxHash3();
        part.Visit(new PageHasher(hash));
        return hash.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>A little-endian number.</summary>
    private static string Hex(ReadOnlySpan<byte> value)
    {
        Span<byte> reversed = stackalloc byte[value.Length];
        value.CopyTo(reversed);
        reversed.Reverse();
        return Convert.ToHexStringLower(reversed);
    }

    private static string Dump(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
