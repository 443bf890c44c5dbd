using Emu.Core.Memory;
using Emu.X86.State;

namespace Otherworld.Guest.Inspection;

/// <summary>Linear addresses to physical ones in every paging mode, without leaving a trace: no accessed bits, no TLB, no fault.</summary>
/// <param name="Memory">Guest RAM.</param>
/// <param name="Cr0">Paging on or off.</param>
/// <param name="Cr3">The top table.</param>
/// <param name="Cr4">PAE and large pages.</param>
/// <param name="LongMode">EFER.LMA.</param>
internal sealed record AddressSpace(GuestMemory Memory, ulong Cr0, ulong Cr3, ulong Cr4, bool LongMode)
{
    private const ulong Present = 1;
    private const ulong Large = 1 << 7;
    private const ulong Cr4Pae = ControlBits.Cr4Pae;

    /// <summary>What a processor sees now.</summary>
    public static AddressSpace Of(GuestMemory memory, ref CpuState state) =>
        new(memory, state.Cr0, state.Cr3, state.Cr4, (state.Efer & ControlBits.EferLma) != 0);

    /// <summary>No page tables.</summary>
    public static AddressSpace Physical(GuestMemory memory) => new(memory, 0, 0, 0, LongMode: true);

    /// <summary>A 64-bit kernel by its top table.</summary>
    public static AddressSpace Of64(GuestMemory memory, ulong cr3) => new(memory, ControlBits.Cr0Pg, cr3, Cr4Pae, LongMode: true);

    /// <summary>Where a linear address leads.</summary>
    /// <returns>False where nothing is mapped, or no RAM.</returns>
    public bool TryTranslate(ulong linear, out ulong physical)
    {
        physical = LongMode ? linear : (uint)linear;
        bool mapped = (Cr0 & ControlBits.Cr0Pg) == 0 || (LongMode, Cr4 & Cr4Pae) switch
        {
            (true, _) => PageWalk.TryTranslate(Cr3, linear, Memory.Read<ulong>, out physical),
            (false, Cr4Pae) => TryWalkPae((uint)linear, out physical),
            _ => TryWalk32((uint)linear, out physical),
        };
        return mapped && Memory.TryOffset(physical, out _);
    }

    /// <summary>Reads bytes up to the first that cannot be read.</summary>
    /// <returns>How many were read.</returns>
    public int Read(ulong linear, Span<byte> bytes)
    {
        int done = 0;
        while (done < bytes.Length && TryTranslate(linear, out ulong physical))
        {
            int chunk = Math.Min(bytes.Length - done, GuestMemory.FrameSize - (int)(physical % GuestMemory.FrameSize));
            if (!Memory.Read(physical, bytes.Slice(done, chunk)))
                break;
            done += chunk;
            linear += (ulong)chunk;
        }

        return done;
    }

    /// <summary>The RAM behind a linear range, frame by frame, up to the first byte that has none.</summary>
    public List<(ulong Physical, int Length)> Pieces(ulong linear, int length)
    {
        List<(ulong Physical, int Length)> pieces = [];
        for (int done = 0; done < length && TryTranslate(linear + (ulong)done, out ulong physical);)
        {
            int chunk = Math.Min(length - done, GuestMemory.FrameSize - (int)(physical % GuestMemory.FrameSize));
            pieces.Add((physical, chunk));
            done += chunk;
        }

        return pieces;
    }

    /// <summary>SDM 3A 4.4.</summary>
    private bool TryWalkPae(uint linear, out ulong physical)
    {
        ulong pointer = Memory.Read<ulong>((Cr3 & 0xFFFF_FFE0) + ((linear >> 30) * 8UL));
        physical = 0;
        return (pointer & Present) != 0 && PageWalk.TryTranslate(pointer, linear, Memory.Read<ulong>, out physical, levels: 2);
    }

    /// <summary>Two levels of 1024 entries of 4 bytes (SDM 3A 4.3).</summary>
    private bool TryWalk32(uint linear, out ulong physical)
    {
        ulong entry = Memory.Read<uint>((Cr3 & 0xFFFF_F000) + ((linear >> 22) * 4UL));
        physical = 0;
        if ((entry & Present) == 0)
            return false;
        if ((entry & Large) != 0 && (Cr4 & ControlBits.Cr4Pse) != 0)
        {
            physical = (entry & 0xFFC0_0000) | ((entry & 0x1F_E000) << 19) | (linear & 0x3F_FFFF);
            return true;
        }

        entry = Memory.Read<uint>((entry & 0xFFFF_F000) + (((linear >> 12) & 0x3FF) * 4UL));
        physical = (entry & 0xFFFF_F000) | (linear & 0xFFF);
        return (entry & Present) != 0;
    }
}
