namespace Otherworld.Guest.Faults;

/// <summary>Which functions of its kernel a workload runs: faults drawn among them are likely to be activated.</summary>
/// <param name="Functions">By ascending address.</param>
/// <param name="Samples">How often each was seen, in the same order.</param>
/// <param name="Window">Instructions during which was looked.</param>
public sealed record KernelProfile(IReadOnlyList<KernelFunction> Functions, IReadOnlyList<int> Samples, ulong Window);
