namespace Emu.X86.Exceptions;

/// <summary>
/// Is told of every exception, interrupt, system call and return from one, in the order in which they happen, while the processor runs. It may read registers
/// and memory and must change nothing: no guest can tell that it is there.
/// </summary>
public interface IPassageObserver
{
    /// <summary>It has happened.</summary>
    void Passed(in Passage passage);
}
