namespace Otherworld.Guest.Campaigns;

/// <summary>A process that did not come back.</summary>
/// <param name="Pid">Its process number.</param>
/// <param name="Comm">Its command name.</param>
/// <param name="Reason">As the kernel gives it (docs/guest-protocol.md).</param>
public sealed record LostProcess(int Pid, string Comm, string Reason);
