using Emu.Core.Memory;

namespace Emu.X86.Translator;

/// <summary>Executable memory: stubs first, then blocks one behind the other, emptied whole.</summary>
internal sealed unsafe class CodeArena : IDisposable
{
    internal const ulong Size = 64 << 20;

    /// <summary>More than the host code of the largest block.</summary>
    private const ulong Reserve = 64 << 10;

    private readonly byte* _start;
    private byte* _blocks;

    internal CodeArena()
    {
        _start = HostMemory.MapExecutable(Size);
        _blocks = _start;
        Next = _start;
    }

    /// <summary>Where the next code goes.</summary>
    internal byte* Next { get; set; }

    /// <summary>There may be no room for another block.</summary>
    internal bool IsFull => Next + Reserve > _start + Size;

    /// <summary>Bytes of code that exist now.</summary>
    internal ulong Used => (ulong)(Next - _start);

    /// <summary>Everything so far is kept by <see cref="Clear"/>.</summary>
    internal void KeepStubs() => _blocks = Next;

    /// <summary>Forgets all blocks.</summary>
    internal void Clear() => Next = _blocks;

    /// <summary>First byte of the arena.</summary>
    internal byte* Start => _start;

    /// <summary>Behind its last byte.</summary>
    internal byte* End => _start + Size;

    /// <summary>The translation behind another one, the first one after null, or null at the end.</summary>
    internal Translation* After(Translation* translation)
    {
        byte* next = translation == null ? _blocks : Translation.Code(translation) + translation->Bytes;
        return next < Next ? (Translation*)next : null;
    }

    /// <summary>The translation that a host address lies in, or null. For reports: it walks the arena.</summary>
    internal Translation* Find(byte* address)
    {
        Translation* found = After(null);
        while (found != null && address >= Translation.Code(found) + found->Bytes)
            found = After(found);
        return found != null && address >= (byte*)found ? found : null;
    }

    /// <inheritdoc/>
    public void Dispose() => HostMemory.Unmap(_start, Size);
}
