using Emu.X86.Translator;

namespace Otherworld.Guest.Inspection;

/// <summary>A translated block that the guest was often found in.</summary>
/// <param name="Block">What it is.</param>
/// <param name="Rip">Linear address of its first instruction, where it was found.</param>
/// <param name="Samples">How often.</param>
public sealed record HotBlock(TranslatedBlock Block, ulong Rip, int Samples);
