using Emu.Core.Memory;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Integer;
using Emu.X86.Translator;
using Iced.Intel;

namespace Emu.X86.Decode;

/// <summary>Turns bytes into a block of ops: up to the first instruction that ends a block, the end of the page, or <see cref="BlockCache.MaxInstructions"/>.</summary>
internal sealed unsafe class BlockDecoder
{
    // Without BMI1, LZCNT and WBNOINVD their prefixes mean nothing: BSF, BSR and WBINVD (SDM 2B, TZCNT).
    private const DecoderOptions Options = DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD | DecoderOptions.NoWbnoinvd;

    private readonly GuestMemory _memory;
    private readonly Recipes _recipes = new();
    private readonly RamReader _reader = new();
    private readonly InstructionInfoFactory _info = new();
    private readonly Decoder _decoder16;
    private readonly Decoder _decoder32;
    private readonly Decoder _decoder64;

    internal BlockDecoder(GuestMemory memory)
    {
        _memory = memory;
        _decoder16 = Decoder.Create(16, _reader, Options);
        _decoder32 = Decoder.Create(32, _reader, Options);
        _decoder64 = Decoder.Create(64, _reader, Options);
    }

    /// <summary>Put gates into 64-bit blocks: at the start, and behind each op that the interpreter will run (see <see cref="Gate"/>).</summary>
    internal bool WithGates { get; set; }

    /// <summary>Runs of a new block that count as done when it is about being translated.</summary>
    internal int GateCount { get; set; }

    /// <summary>Decodes at a RAM offset into <paramref name="block"/>.</summary>
    /// <param name="block">Where to write; room for the largest block.</param>
    /// <param name="start">RAM offset of the first byte.</param>
    /// <param name="bitness">16, 32 or 64.</param>
    /// <param name="breakAt">Asked for each instruction but the first, by offset from the start: true ends the block before it.</param>
    /// <returns>False when already the first instruction crosses into the next page: call <see cref="DecodeCrossing"/>.</returns>
    internal bool Decode(Block* block, ulong start, int bitness, Func<int, bool>? breakAt)
    {
        byte* first = _memory.Base + start;
        byte* end = EndOfPage(first);
        _reader.Set(first, end, null, null);
        Begin(block, start, ulong.MaxValue, bitness);
        return Decode(block, bitness, (int)(end - first), breakAt);
    }

    /// <summary>Decodes a block whose first instruction begins in one page and ends in another. 64-bit code goes on behind it: a loop that lies like this needs no search in each round.</summary>
    internal void DecodeCrossing(Block* block, ulong start, ulong second, int bitness, Func<int, bool>? breakAt)
    {
        byte* first = _memory.Base + start;
        int inFirst = (int)(EndOfPage(first) - first);
        _reader.Set(first, first + inFirst, _memory.Base + second, _memory.Base + second + GuestMemory.FrameSize);
        Begin(block, start, second, bitness);
        Decode(block, bitness, bitness == 64 ? inFirst + GuestMemory.FrameSize : 1, breakAt);
    }

    /// <summary>Decodes from where the reader is until a block ends, but no instruction that begins <paramref name="most"/> bytes from the start or later.</summary>
    private bool Decode(Block* block, int bitness, int most, Func<int, bool>? breakAt)
    {
        Decoder decoder = DecoderFor(bitness);
        decoder.IP = 0;
        bool ended = false;
        while (!ended && block->Count < BlockCache.MaxInstructions && block->Bytes < most)
        {
            if (block->Count > 0 && breakAt != null && breakAt(block->Bytes))
                break;
            decoder.Decode(out Instruction instruction);
            if (decoder.LastError == DecoderError.NoMoreBytes)
            {
                if (block->Count == 0)
                    return false;
                break;
            }

            ended = Append(block, in instruction, decoder.LastError);
        }

        Finish(block, ended);
        return true;
    }

    private static byte* EndOfPage(byte* address) => (byte*)(((ulong)address | 0xFFF) + 1);

    private void Begin(Block* block, ulong start, ulong second, int bitness)
    {
        *block = default;
        block->Start = start;
        block->Second = second;
        block->Bitness = (byte)bitness;
        if (WithGates && bitness == 64)
            AddGate(block);
    }

    private bool Append(Block* block, in Instruction instruction, DecoderError error)
    {
        if (WithGates && block->Bitness == 64 && IsLeftToInterpreter(block))
            AddGate(block);
        Op* op = Block.Ops(block) + block->OpCount;
        int length = Math.Max(1, instruction.Length);
        if (error != DecoderError.None || instruction.IsInvalid)
        {
            OpBuilder.Undefined(op, block->Bytes, error == DecoderError.None ? 1 : length);
            block->OpCount++;
            block->Count++;
            block->Bytes += (ushort)length;
            return true;
        }

        int ops = OpBuilder.Build(op, in instruction, block->Bytes, block->Bitness, _info, out bool ends);
        if (ends && block->OpCount > 0 && block->Bitness == 64)
            Fusion.TryFuse(op - 1, instruction.Code);
        block->OpCount += (ushort)ops;
        block->Count++;
        block->Bytes += (ushort)length;
        return ends;
    }

    private void AddGate(Block* block)
        => Gate.Emit(Block.Ops(block) + block->OpCount, block->Bytes, first: block->OpCount++ == 0, GateCount);

    /// <summary>The interpreter will run the last op, so that host code can go on only behind it.</summary>
    private bool IsLeftToInterpreter(Block* block)
    {
        Op* last = Block.Ops(block) + block->OpCount - 1;
        return last->Length != 0 && _recipes[(Code)last->Code].Treatment == Treatment.Interpret;
    }

    private void Finish(Block* block, bool ended)
    {
        Op* ops = Block.Ops(block);
        if (Gate.Is(ops) && HasFloat(block))
            ops->Dst = Gate.Threshold;
        if (!ended)
        {
            Op* end = ops + block->OpCount++;
            *end = default;
            end->Fn = &PseudoOps.End;
            end->Offset = block->Bytes;
        }

        int left = block->Count;
        for (int i = 0; i < block->OpCount; i++)
        {
            ops[i].Remaining = (ushort)left;
            if (ops[i].Length != 0)
                left--;
        }
    }

    /// <summary>
    /// SSE and x87 instructions are software in the interpreter, whose handlers may have to be compiled first (ReadyToRun code, unlike native code, has none with vectors in it): a block
    /// with them is translated when it runs first.
    /// </summary>
    private bool HasFloat(Block* block)
    {
        Op* ops = Block.Ops(block);
        for (int i = 1; i < block->OpCount; i++)
        {
            if (ops[i].Length != 0 && _recipes[(Code)ops[i].Code].IsFloat)
                return true;
        }

        return false;
    }

    private Decoder DecoderFor(int bitness) => bitness switch { 16 => _decoder16, 32 => _decoder32, _ => _decoder64 };
}
