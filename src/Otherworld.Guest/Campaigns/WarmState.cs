using System.Globalization;
using Emu.Core.Snapshots;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Faults;

namespace Otherworld.Guest.Campaigns;

/// <summary>An application under load, from which every experiment with it starts. It never changes: any number of machines may be brought to it.</summary>
/// <param name="Snapshot">The machine.</param>
/// <param name="Said">What its lines and debug console had said.</param>
/// <param name="Icount">Instructions retired since power-on.</param>
/// <param name="Hash">State hash of the machine, 16 hexadecimal digits.</param>
/// <param name="Content">Hash over what it was booted from.</param>
/// <param name="Profile">Which functions of its kernel run behind it: faults in code are drawn among these. Null where nobody asked.</param>
public sealed record WarmState(MemorySnapshot Snapshot, IReadOnlyList<byte[]> Said, ulong Icount, string Hash, string Content, KernelProfile? Profile = null)
{
    /// <summary>The state a guest is in now.</summary>
    public static WarmState Of(GuestConsole console) => new(
        MemorySnapshot.Take(console.Guest.Machine),
        [.. console.Lines.Append(console.Debug).Select(transcript => transcript.ToArray())],
        console.Now.Icount,
        console.Guest.Machine.StateHash().ToString("x16", CultureInfo.InvariantCulture),
        console.Guest.ImageHash);
}
