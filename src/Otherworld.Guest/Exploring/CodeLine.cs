namespace Otherworld.Guest.Exploring;

/// <summary>An instruction of a disassembly.</summary>
/// <param name="Address">Its RIP, 16 hexadecimal digits.</param>
/// <param name="Place">By name; empty without symbols.</param>
/// <param name="Text">In Intel's syntax, addresses by name.</param>
/// <param name="IsNext">It runs next.</param>
public sealed record CodeLine(string Address, string Place, string Text, bool IsNext);
