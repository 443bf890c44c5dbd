using Emu.Core.Memory;

namespace Emu.X86.Interpreter;

/// <summary>Decoded blocks, keyed by RAM offset and code size, in one arena that is emptied whole when full. Blocks follow every write to their bytes.</summary>
public sealed unsafe class BlockCache : IDisposable
{
    /// <summary>Most instructions in a block.</summary>
    public const int MaxInstructions = 32;

    private const ulong ArenaSize = 96 << 20;
    private const int BucketCount = 1 << 16;

    /// <summary>The largest block: every instruction with two pseudo ops before it, and the end.</summary>
    private const ulong LargestBlock = (ulong)(64 + (64 * ((3 * MaxInstructions) + 1)));

    private readonly GuestMemory _memory;
    private readonly X86Processor _processor;
    private readonly byte* _arena;
    private readonly Block** _buckets;
    private readonly Block** _frames;
    private ulong _used;

    internal BlockCache(X86Processor processor, GuestMemory memory)
    {
        _processor = processor;
        _memory = memory;
        _arena = HostMemory.Map(ArenaSize);
        _buckets = (Block**)HostMemory.Map(BucketCount * 8);
        _frames = (Block**)HostMemory.Map((ulong)memory.FrameCount * 8);
    }

    /// <summary>Blocks decoded since the machine was made; for reports.</summary>
    public ulong Decoded { get; private set; }

    /// <summary>The arena cannot take another block: call <see cref="Clear"/> first.</summary>
    internal bool IsFull => _used + LargestBlock > ArenaSize;

    /// <summary>First byte of the arena that blocks and their ops lie in.</summary>
    internal byte* Arena => _arena;

    /// <summary>Where the next block is to be decoded.</summary>
    internal Block* NextFree => (Block*)(_arena + _used);

    /// <summary>The op lies in the arena, not in a scratch copy.</summary>
    internal bool Contains(Op* op) => (byte*)op >= _arena && (byte*)op < _arena + _used;

    /// <summary>The block that starts at a RAM offset, or null.</summary>
    internal Block* Find(ulong start, int bitness, ulong second)
    {
        for (Block* block = _buckets[Bucket(start)]; block != null; block = block->HashNext)
        {
            if (block->Start == start && block->Bitness == bitness && block->Stale == 0 && (block->Second == ulong.MaxValue || block->Second == second))
                return block;
        }

        return null;
    }

    /// <summary>Takes the block that was decoded at <see cref="NextFree"/>: in the place of the stale one it follows, where it can be put there.</summary>
    /// <returns>The block where it will stay.</returns>
    internal Block* Commit(Block* block)
    {
        Decoded++;
        Block* stale = FindStale(block);
        if (stale != null && CanReplace(stale, block))
        {
            Replace(stale, block);
            block = stale;
        }
        else
        {
            if (stale != null)
                Unhash(stale);
            block->Room = block->OpCount;
            _used += SizeOf(block->OpCount);
            Block** bucket = &_buckets[Bucket(block->Start)];
            block->HashNext = *bucket;
            *bucket = block;
        }

        Enlist(block);
        return block;
    }

    private void Enlist(Block* block)
    {
        uint frame = (uint)(block->Start >> 12);
        block->FrameNext = _frames[frame];
        _frames[frame] = block;
        Watch(frame);
        if (block->Second == ulong.MaxValue || block->Second >> 12 == frame)
            return; // no second page, or the same frame mapped twice
        frame = (uint)(block->Second >> 12);
        block->SecondFrameNext = _frames[frame];
        _frames[frame] = block;
        Watch(frame);
    }

    /// <summary>Bytes of a frame with code are about to change: blocks that contain them become stale.</summary>
    internal void BeforeWrite(ulong offset, int length)
    {
        uint frame = (uint)(offset >> 12);
        Block** link = &_frames[frame];
        bool any = false;
        while (*link != null)
        {
            Block* block = *link;
            Block** next = block->Start >> 12 == frame ? &block->FrameNext : &block->SecondFrameNext;
            if (block->Stale == 0 && Holds(block, offset, (ulong)length))
                Retire(block);
            if (block->Stale != 0)
            {
                *link = *next;
                continue;
            }

            any = true;
            link = next;
        }

        if (!any)
            _memory.Flags[frame] &= unchecked((byte)~FrameFlags.Code);
    }

    /// <summary>Drops the blocks that may hold the byte at a linear address, wherever it is mapped: those that hold a byte at that place of a page.</summary>
    internal void DropAt(ulong linear)
    {
        ulong place = linear & (GuestMemory.FrameSize - 1);
        for (int frame = 0; frame < _memory.FrameCount; frame++)
        {
            if (_frames[frame] != null)
                BeforeWrite(((ulong)frame * GuestMemory.FrameSize) + place, 1);
        }
    }

    /// <summary>Drops every block.</summary>
    internal void Clear()
    {
        for (int frame = 0; frame < _memory.FrameCount; frame++)
        {
            if (_frames[frame] == null)
                continue;
            _frames[frame] = null;
            _memory.Flags[frame] &= unchecked((byte)~FrameFlags.Code);
        }

        new Span<nint>(_buckets, BucketCount).Clear();
        _used = 0;
        _processor.OnCleared();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        HostMemory.Unmap(_arena, ArenaSize);
        HostMemory.Unmap((byte*)_buckets, BucketCount * 8);
        HostMemory.Unmap((byte*)_frames, (ulong)_memory.FrameCount * 8);
    }

    /// <summary>Bytes of the block lie in a range of RAM; what it has in its second page is taken to be longer by as much as an instruction can be.</summary>
    private static bool Holds(Block* block, ulong offset, ulong length)
    {
        const ulong longestInstruction = 15;
        bool first = block->Start < offset + length && offset < block->Start + block->Bytes;
        bool second = block->Second != ulong.MaxValue && block->Second < offset + length && offset < block->Second + block->Bytes + longestInstruction;
        return first || second;
    }

    private static int Bucket(ulong start) => (int)((start ^ (start >> 16)) & (BucketCount - 1));

    private void Retire(Block* block)
    {
        block->Stale = 1;
        PseudoOps.MakeStale(Block.Ops(block), block->OpCount);
        _processor.OnRetired(block);
        if (block->Second != ulong.MaxValue)
            Unhash(block);
    }

    /// <summary>What was decoded from the place of a new block before its bytes changed, or null.</summary>
    private Block* FindStale(Block* block)
    {
        for (Block* other = _buckets[Bucket(block->Start)]; other != null; other = other->HashNext)
        {
            if (other->Stale != 0 && other->Start == block->Start && other->Bitness == block->Bitness)
                return other;
        }

        return null;
    }

    /// <summary>
    /// Code that rewrites itself in a loop is decoded in each round: in one place its block stays in the host's caches, and jumps that were linked to it are right again. The new block must be one that
    /// they may lead to without looking it up.
    /// </summary>
    private static bool CanReplace(Block* stale, Block* block)
        => block->OpCount <= stale->Room && block->Second == ulong.MaxValue && block->Breakpoint == 0 && block->Bitness == 64 && stale->WasTranslated == 0;

    private static void Replace(Block* stale, Block* block)
    {
        block->HashNext = stale->HashNext;
        block->Room = stale->Room;
        Buffer.MemoryCopy(block, stale, SizeOf(stale->Room), SizeOf(block->OpCount));
    }

    private static ulong SizeOf(int ops) => (ulong)(64 + (64 * ops));

    private void Unhash(Block* block)
    {
        for (Block** link = &_buckets[Bucket(block->Start)]; *link != null; link = &(*link)->HashNext)
        {
            if (*link == block)
            {
                *link = block->HashNext;
                return;
            }
        }
    }

    private void Watch(uint frame)
    {
        if ((_memory.Flags[frame] & (byte)FrameFlags.Code) != 0)
            return;
        _memory.Flags[frame] |= (byte)FrameFlags.Code;
        _processor.Mmu.WithholdWrites(frame);
    }
}
