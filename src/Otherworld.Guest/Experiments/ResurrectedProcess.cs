namespace Otherworld.Guest.Experiments;

/// <summary>What became of a process of the dead kernel.</summary>
/// <param name="Pid">Its process number.</param>
/// <param name="Comm">Its command name.</param>
/// <param name="Outcome">As the kernel reports it: <c>ok</c>, or why not.</param>
/// <param name="Check">What was seen of it from outside afterwards: <c>correct</c>, <c>not checked</c>, or what is wrong.</param>
public sealed record ResurrectedProcess(int Pid, string Comm, string Outcome, string Check);
