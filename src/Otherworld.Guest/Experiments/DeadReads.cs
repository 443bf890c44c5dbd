namespace Otherworld.Guest.Experiments;

/// <summary>How many bytes of a dead kernel's memory its successor read: each of them could have been damaged. A page that changes hands where it lies is not read.</summary>
/// <param name="Application">To bring back the processes of the application; 0 without one.</param>
/// <param name="All">In all, until every process was there: what was not written of the file system, the network, all other processes.</param>
public sealed record DeadReads(long Application, long All);
