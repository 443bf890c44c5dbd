namespace Emu.Core.Snapshots;

/// <summary>A field of a state struct that has no fields itself.</summary>
/// <param name="Name">Path from the struct, for example <c>Queues[1].Desc</c>.</param>
/// <param name="Offset">Bytes from the start of the struct.</param>
/// <param name="Type">As C# spells it, for example <c>ushort</c>.</param>
/// <param name="Size">Bytes of one element.</param>
/// <param name="Count">1, or the length of an array.</param>
/// <param name="IsArray">An array, even if of one element.</param>
public sealed record StateField(string Name, int Offset, string Type, int Size, int Count, bool IsArray);
