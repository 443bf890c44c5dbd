namespace Emu.X86.Translator;

/// <summary>One host instruction.</summary>
/// <param name="Address">Host address.</param>
/// <param name="Bytes">Its length, the data behind the call of an exit included.</param>
/// <param name="Text">Intel syntax.</param>
public readonly record struct HostLine(ulong Address, int Bytes, string Text)
{
    /// <summary>A host address lies in it.</summary>
    internal bool Holds(ulong address) => address - Address < (ulong)Bytes;
}
