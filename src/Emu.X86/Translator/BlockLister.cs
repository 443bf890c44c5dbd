using Emu.Core.Memory;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Translator;

/// <summary>Guest and host code side by side, for people. Nothing here runs while the guest does.</summary>
internal sealed unsafe class BlockLister(Cpu* cpu, CodeArena arena, HostEmitter emitter, HostStubs stubs, BlockTranslator translator)
{
    private const byte Call = 0xE8;
    private const byte Jump = 0xE9;

    private readonly Cpu* _cpu = cpu;
    private readonly CodeArena _arena = arena;
    private readonly HostEmitter _emitter = emitter;
    private readonly HostStubs _stubs = stubs;
    private readonly BlockTranslator _translator = translator;
    private readonly NasmFormatter _formatter = new();

    internal static TranslatedBlock Describe(Translation* translation)
    {
        Block* block = translation->Block;
        byte* code = Translation.Code(translation);
        bool current = block->Stale == 0 && block->Host >= code && block->Host < code + translation->Bytes;
        return new TranslatedBlock(block->Start, block->Bytes, block->Count, (ulong)code, translation->Bytes, current);
    }

    /// <summary>The code of a translation.</summary>
    /// <param name="translation">One of the arena.</param>
    /// <param name="rip">Linear address of its first instruction, for the guest's own branches.</param>
    internal List<ListedInstruction> List(Translation* translation, ulong rip)
    {
        Block* block = translation->Block;
        byte* code = Translation.Code(translation);
        int[] starts = Starts(translation);
        List<ListedInstruction> lines = [];
        int from = 0;
        Op* previous = null;
        for (int i = 0; i < block->OpCount; i++)
        {
            Op* op = Block.Ops(block) + i;
            if (op->Length == 0)
                continue;
            int to = starts[FirstOf(block, i)];
            lines.Add(Line(translation, previous, rip, code + from, code + to));
            from = to;
            previous = op;
        }

        lines.Add(Line(translation, previous, rip, code + from, code + translation->Bytes));
        return lines;
    }

    /// <summary>The first of the pseudo ops before an instruction that belong to it: its address generation, not the gate.</summary>
    private static int FirstOf(Block* block, int index)
    {
        Op* ops = Block.Ops(block);
        while (index > 0 && ops[index - 1].Length == 0 && !Gate.Is(ops + index - 1))
            index--;
        return index;
    }

    /// <summary>Where each op's host code starts: found by translating a copy, which gives code of the same shape.</summary>
    private int[] Starts(Translation* translation)
    {
        Block* block = translation->Block;
        int bytes = sizeof(Block) + (sizeof(Op) * block->OpCount);
        int[] starts = new int[block->OpCount];
        Array.Fill(starts, translation->Bytes);
        if (block->Stale != 0 || _arena.IsFull)
            return starts;
        fixed (byte* copy = new byte[bytes])
        {
            new ReadOnlySpan<byte>(block, bytes).CopyTo(new Span<byte>(copy, bytes));
            byte* start = _emitter.Next = _arena.Next;
            TlbEntry* view = (TlbEntry*)Block.Ops(block)->Disp;
            _translator.Translate((Block*)copy, view);
            if (_emitter.Next - start == translation->Bytes)
                _translator.Starts[..starts.Length].CopyTo(starts);
        }

        return starts;
    }

    private ListedInstruction Line(Translation* translation, Op* op, ulong rip, byte* from, byte* to)
    {
        Block* block = translation->Block;
        List<HostLine> host = HostCode(translation, from, to);
        if (op == null)
            return new ListedInstruction(0, Code.INVALID, "(ticks)", host);
        byte[] bytes = new byte[op->Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = *ByteOf(block, op->Offset + i);
        Decoder decoder = Decoder.Create(64, bytes, rip + op->Offset);
        decoder.Decode(out Instruction instruction);
        return new ListedInstruction(op->Offset, instruction.Code, Text(in instruction), host);
    }

    /// <summary>Where a byte of a block lies, in its first page or its second.</summary>
    private byte* ByteOf(Block* block, int index)
    {
        ulong place = (block->Start & 0xFFF) + (ulong)index;
        return _cpu->Ram + (place < GuestMemory.FrameSize ? (block->Start & ~0xFFFUL) + place : block->Second + place - GuestMemory.FrameSize);
    }

    private List<HostLine> HostCode(Translation* translation, byte* from, byte* to)
    {
        List<HostLine> lines = [];
        for (byte* at = from; at < to;)
        {
            Decoder decoder = Decoder.Create(64, new ReadOnlySpan<byte>(at, (int)Math.Min(to - at, 15)).ToArray(), (ulong)at);
            decoder.Decode(out Instruction instruction);
            // Blocks have no other CALL than that of an exit, and no other near JMP than a linked one: data follows both.
            int bytes = *at is Call or Jump ? Site.Bytes : Math.Max(instruction.Length, 1);
            byte* target = (byte*)instruction.NearBranchTarget;
            string text = *at == Call ? $"call {_stubs.NameOf(target)}"
                : target != null ? $"{instruction.Mnemonic.ToString().ToLowerInvariant()} {NameOf(translation, target)}"
                : Text(in instruction);
            lines.Add(new HostLine((ulong)at, bytes, text));
            at += bytes;
        }

        return lines;
    }

    /// <summary>A place in the same block by its distance from the block's first host byte, another block by its RAM offset.</summary>
    private string NameOf(Translation* from, byte* target)
    {
        Translation* translation = _arena.Find(target);
        return translation == from ? $"+{target - Translation.Code(from):x}"
            : translation == null ? $"{(ulong)target:x}"
            : $"block {translation->Block->Start:x}";
    }

    private string Text(in Instruction instruction)
    {
        StringOutput output = new();
        _formatter.Format(in instruction, output);
        return output.ToStringAndReset();
    }
}
