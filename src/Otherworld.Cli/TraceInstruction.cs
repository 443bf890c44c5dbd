namespace Otherworld.Cli;

/// <summary>A guest instruction in the JSON of <c>trace --blocks</c>.</summary>
/// <param name="Offset">Bytes from the start of its block.</param>
/// <param name="Guest">The instruction; <c>(ticks)</c> for what the block begins with.</param>
/// <param name="Host">What became of it; the host code of an instruction may be empty behind one that the interpreter runs.</param>
internal sealed record TraceInstruction(int Offset, string Guest, IReadOnlyList<string> Host);
