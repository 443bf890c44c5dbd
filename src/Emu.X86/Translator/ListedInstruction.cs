using Iced.Intel;

namespace Emu.X86.Translator;

/// <summary>One guest instruction and what became of it.</summary>
/// <param name="Offset">Bytes from the start of the block.</param>
/// <param name="Code">The encoding; <see cref="Code.INVALID"/> for what belongs to the block as a whole.</param>
/// <param name="Guest">Intel syntax.</param>
/// <param name="Host">The host code; empty when the interpreter runs the instruction as part of a longer stay.</param>
public sealed record ListedInstruction(int Offset, Code Code, string Guest, IReadOnlyList<HostLine> Host)
{
    /// <summary>Bytes of host code.</summary>
    public int HostBytes => Host.Sum(line => line.Bytes);
}
