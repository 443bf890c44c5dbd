using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>How long it took from the last death of a kernel, in instructions and ns.</summary>
/// <param name="FirstUser">To the crash kernel's first instruction in user mode.</param>
/// <param name="Application">To the next instruction of the application that was killed with the kernel.</param>
/// <param name="Answer">To its next answer: for an editor the echo of a key, for a server what the client heard.</param>
public sealed record WaitTimes(Moment? FirstUser, Moment? Application, Moment? Answer);
