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

    /// <summary>The address lies in the arena.</summary>
    internal bool Contains(byte* address) => address >= _start && address < Next;

    /// <inheritdoc/>
    public void Dispose() => HostMemory.Unmap(_start, Size);
}
