using Otherworld.Guest.Consoles;
using Otherworld.Guest.Faults;

namespace Otherworld.Guest.Campaigns;

/// <summary>An application under load, from which every experiment with it starts. It never changes: any number of machines may be brought to it.</summary>
/// <param name="Moment">The machine, and the observer's beside it if there is one.</param>
/// <param name="Said">What their lines and debug console had said.</param>
/// <param name="Icount">Instructions retired since power-on.</param>
/// <param name="Hash">State hash of all that runs, 16 hexadecimal digits.</param>
/// <param name="Profile">Which functions of its kernel run behind it: faults in code are drawn among these. Null where nobody asked.</param>
public sealed record WarmState(GuestMoment Moment, IReadOnlyList<byte[]> Said, ulong Icount, string Hash, KernelProfile? Profile = null)
{
    /// <summary>The state a guest is in now.</summary>
    public static WarmState Of(GuestConsole console) => new(
        console.Mark(),
        [.. console.Transcripts.Select(transcript => transcript.ToArray())],
        console.Now.Icount,
        console.StateHashText());
}
