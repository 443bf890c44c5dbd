namespace Emu.X86.Translator;

/// <summary>Fields of <see cref="Paging.TlbEntry"/> as displacements.</summary>
internal static class TlbOffsets
{
    internal const int ReadBias = 0;
    internal const int WriteBias = Paging.TlbEntry.FieldBytes;
    internal const int Delta = 3 * Paging.TlbEntry.FieldBytes;
}
