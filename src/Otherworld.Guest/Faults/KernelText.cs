using Iced.Intel;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Faults;

/// <summary>A kernel's code: its functions, by symbols, and their instructions as they stand in memory now.</summary>
internal sealed class KernelText
{
    private const int LongestFunction = 1 << 16;
    private const int ShortestCall = 2; // by a register
    private const int LongestCall = 7; // by memory, with SIB and a displacement of 32 bits

    private readonly KernelMemory _memory;
    private readonly SymbolTable _symbols;
    private readonly IntelFormatter _formatter = new();
    private readonly StringOutput _output = new();
    private readonly ulong _start;
    private readonly ulong _end;
    private List<KernelFunction>? _functions;

    /// <param name="memory">The machine's.</param>
    /// <param name="symbols">Of its kernel.</param>
    public KernelText(KernelMemory memory, SymbolTable symbols)
    {
        _memory = memory;
        _symbols = symbols;
        _start = symbols.AddressOf("_stext");
        _end = symbols.AddressOf("_etext");
        _formatter.Options.FirstOperandCharIndex = 0;
    }

    /// <summary>An address in the kernel's code.</summary>
    public bool Holds(ulong address) => address >= _start && address < _end;

    /// <summary>An address in the kernel's code to which a call may return: the instruction before it is CALL, or what lies there reads as one.</summary>
    public bool IsBehindCall(ulong address)
    {
        if (!Holds(address))
            return false;
        for (int length = ShortestCall; length <= LongestCall; length++)
        {
            var decoder = Decoder.Create(64, _memory.ReadBytes(address - (ulong)length, length), address - (ulong)length);
            Instruction instruction = decoder.Decode();
            if (instruction.Length == length && instruction.FlowControl is (FlowControl.Call or FlowControl.IndirectCall))
                return true;
        }

        return false;
    }

    /// <summary>All functions by address.</summary>
    public IReadOnlyList<KernelFunction> Functions => _functions ??= ReadFunctions();

    /// <summary>The function at an address.</summary>
    public KernelFunction? FunctionAt(ulong address) =>
        Holds(address) && _symbols.TryFind(address, out Symbol symbol) ? Functions.FirstOrDefault(function => function.Address == symbol.Address) : null;

    /// <summary>The instructions of a function in order, without what pads it at the end.</summary>
    public IReadOnlyList<Instruction> Decode(KernelFunction function)
    {
        byte[] bytes = _memory.ReadBytes(function.Address, function.Length);
        var decoder = Decoder.Create(64, bytes, function.Address);
        List<Instruction> instructions = [];
        ulong end = function.Address + (ulong)bytes.Length;
        while (decoder.IP < end)
            instructions.Add(decoder.Decode());
        while (instructions.Count > 0 && instructions[^1].Mnemonic is Mnemonic.Nop or Mnemonic.Int3 or Mnemonic.INVALID)
            instructions.RemoveAt(instructions.Count - 1);
        return instructions;
    }

    /// <summary>The bytes of an instruction.</summary>
    public byte[] BytesOf(in Instruction instruction) => _memory.ReadBytes(instruction.IP, instruction.Length);

    /// <summary>What bytes say as instructions, one after the other.</summary>
    public string Format(ulong address, byte[] bytes)
    {
        var decoder = Decoder.Create(64, bytes, address);
        List<string> lines = [];
        while (decoder.IP < address + (ulong)bytes.Length)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.IsInvalid)
            {
                lines.Add("(bytes that go on into the next instruction, or none)");
                break;
            }

            _formatter.Format(instruction, _output);
            lines.Add(_output.ToStringAndReset());
        }

        return string.Join("; ", lines);
    }

    private List<KernelFunction> ReadFunctions()
    {
        IReadOnlyList<Symbol> symbols = _symbols.Symbols;
        List<KernelFunction> functions = [];
        for (int i = 0; i < symbols.Count; i++)
        {
            if (!Holds(symbols[i].Address) || (functions.Count > 0 && functions[^1].Address == symbols[i].Address))
                continue;
            int next = i + 1;
            while (next < symbols.Count && symbols[next].Address == symbols[i].Address)
                next++;
            ulong end = next < symbols.Count ? Math.Min(symbols[next].Address, _end) : _end;
            if (end - symbols[i].Address <= LongestFunction)
                functions.Add(new KernelFunction(symbols[i].Name, symbols[i].Address, (int)(end - symbols[i].Address)));
        }

        return functions;
    }
}
