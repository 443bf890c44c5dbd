using System.Globalization;
using Emu.X86.State;
using Iced.Intel;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Exploring;

/// <summary>The instructions around RIP. Where a symbol says where the function begins, also those before it.</summary>
/// <param name="guest">The guest.</param>
/// <param name="symbols">Its kernel's; null where they are not known.</param>
internal sealed class CodeReader(GuestMachine guest, SymbolTable? symbols) : ISymbolResolver
{
    private const int LinesBefore = 5;
    private const int Lines = 18;
    private const int LongestInstruction = 15;
    private const ulong LongestWay = 2048; // from the beginning of a function

    private readonly GuestMachine _guest = guest;
    private readonly SymbolTable? _symbols = symbols;

    /// <summary>An address lies in the kernel's image, whose symbols are known.</summary>
    public static bool IsKernel(SymbolTable? symbols, ulong address) =>
        symbols is not null && symbols.TryAddressOf("_text", out ulong start) && symbols.TryAddressOf("_end", out ulong end) && address >= start && address < end;

    /// <summary>Lists them.</summary>
    public IReadOnlyList<CodeLine> Read()
    {
        ulong rip = _guest.Processor.State.Rip;
        var formatter = new IntelFormatter(this);
        formatter.Options.FirstOperandCharIndex = 8;
        formatter.Options.SpaceAfterOperandSeparator = true;
        var output = new StringOutput();
        List<CodeLine> lines = [];
        ulong at = Start(rip);
        while (lines.Count < Lines && TryDecode(at, out Instruction instruction))
        {
            formatter.Format(instruction, output);
            lines.Add(new CodeLine(at.ToString("x16", CultureInfo.InvariantCulture), IsKernel(at) ? _symbols!.Describe(at) : "", output.ToStringAndReset(), at == rip));
            at = instruction.NextIP;
        }

        return lines;
    }

    /// <inheritdoc/>
    public bool TryGetSymbol(in Instruction instruction, int operand, int instructionOperand, ulong address, int addressSize, out SymbolResult symbol)
    {
        symbol = default;
        if (addressSize < 4 || !IsKernel(address) || !_symbols!.TryFind(address, out Symbol found))
            return false;
        symbol = new SymbolResult(found.Address, found.Name);
        return true;
    }

    /// <summary>Some instructions before RIP, found by decoding from the beginning of the function; RIP itself where that does not meet it.</summary>
    private ulong Start(ulong rip)
    {
        if (!IsKernel(rip) || !_symbols!.TryFind(rip, out Symbol function) || rip - function.Address > LongestWay)
            return rip;
        Queue<ulong> before = new();
        ulong at = function.Address;
        while (at < rip && TryDecode(at, out Instruction instruction))
        {
            before.Enqueue(at);
            if (before.Count > LinesBefore)
                before.Dequeue();
            at = instruction.NextIP;
        }

        return at == rip && before.Count > 0 ? before.Peek() : rip;
    }

    private bool IsKernel(ulong address) => IsKernel(_symbols, address);

    private bool TryDecode(ulong rip, out Instruction instruction)
    {
        ref CpuState state = ref _guest.Processor.State;
        int bitness = _guest.Processor.CodeBitness;
        ulong linear = bitness == 64 ? rip : (uint)(state.Segments[(int)SegmentIndex.Cs].Base + rip);
        byte[] bytes = new byte[LongestInstruction];
        int read = AddressSpace.Of(_guest.Machine.Memory, ref state).Read(linear, bytes);
        var decoder = Decoder.Create(bitness, new ByteArrayCodeReader(bytes, 0, read), rip);
        instruction = decoder.Decode();
        return read > 0 && !instruction.IsInvalid;
    }
}
