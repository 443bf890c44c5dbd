using Emu.Core;
using Emu.X86.Translator;

namespace Emu.X86;

/// <content>What the translator made, for people.</content>
public sealed unsafe partial class X86Processor
{
    /// <summary>All host code that exists now, in the order in which it was made. Empty for the interpreter.</summary>
    public IReadOnlyList<TranslatedBlock> TranslatedBlocks() => _translator?.List() ?? [];

    /// <summary>Guest and host code of a translation.</summary>
    /// <param name="block">One of <see cref="TranslatedBlocks"/>, between the same two runs.</param>
    /// <param name="rip">Linear address of its first instruction, to show branch targets with.</param>
    /// <returns>First what belongs to the block as a whole, then an entry for each instruction; null when it is gone.</returns>
    public IReadOnlyList<ListedInstruction>? List(TranslatedBlock block, ulong rip) => _translator?.List(block, rip);

    /// <summary>What to throw when generated code made the host fault.</summary>
    internal InternalErrorException HostFault() => _translator!.HostFault();
}
