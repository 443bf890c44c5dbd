using System.Globalization;
using System.Text.Json.Serialization;

namespace Otherworld.Guest.Consoles;

/// <summary>What became of a process of the dead kernel.</summary>
/// <param name="Pid">Its process number.</param>
/// <param name="Comm">Its command name.</param>
/// <param name="Outcome">As the kernel reports it: <c>ok</c>, or why not.</param>
/// <param name="Check">What was seen of it from outside afterwards: <c>correct</c>, <c>not checked</c>, or what is wrong.</param>
public sealed record ResurrectedProcess(int Pid, string Comm, string Outcome, string Check)
{
    /// <summary>What came of its crash procedure, as the kernel reports it: <c>continued</c>, <c>restarted</c>, <c>timeout</c>; null if it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Procedure { get; init; }

    /// <summary>Bytes of the dead kernel's memory that were read to bring it back, pages that had to be copied with them; null if it did not come back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BytesRead { get; init; }

    /// <summary>The same process with what marks that came later say of its crash procedure.</summary>
    public ResurrectedProcess After(IEnumerable<GuestMark> marks)
    {
        string pid = Pid.ToString(CultureInfo.InvariantCulture);
        return this with { Procedure = marks.LastOrDefault(mark => mark.Name == "procedure" && mark.Values.GetValueOrDefault("pid") == pid)?.Values.GetValueOrDefault("outcome") };
    }

    /// <summary>Reads a mark <c>resurrected</c> or <c>not-resurrected</c> (docs/guest-protocol.md); nobody has looked from outside yet.</summary>
    public static ResurrectedProcess Of(GuestMark mark) => new(
        int.Parse(mark.Values.GetValueOrDefault("pid", "0"), CultureInfo.InvariantCulture),
        mark.Values.GetValueOrDefault("comm", "?"),
        mark.Name == "resurrected" ? mark.Values.GetValueOrDefault("outcome", "ok") : mark.Values.GetValueOrDefault("reason", "unknown"),
        "not checked")
    {
        BytesRead = mark.Values.GetValueOrDefault("read") is { } read ? long.Parse(read, CultureInfo.InvariantCulture) : null,
    };
}
