using System.Globalization;
using Emu.X86.State;

namespace Otherworld.Guest.Faults;

/// <summary>A call of a kernel function that has just been made: the machine stands at the function's first instruction, and anything may be done to the call.</summary>
internal sealed class KernelCall
{
    /// <summary>System V ABI for x86-64, 3.2.3.</summary>
    private static readonly GeneralRegister[] Parameters =
        [GeneralRegister.Rdi, GeneralRegister.Rsi, GeneralRegister.Rdx, GeneralRegister.Rcx, GeneralRegister.R8, GeneralRegister.R9];

    private readonly FaultPlacement _placement;
    private readonly ulong _stack;

    /// <param name="placement">The fault's.</param>
    public KernelCall(FaultPlacement placement)
    {
        _placement = placement;
        ref CpuState state = ref placement.Guest.Processor.State;
        Function = state.Rip;
        _stack = state.Registers()[(int)GeneralRegister.Rsp];
        placement.Memory.TryRead(_stack, out ulong caller);
        ReturnTo = caller;
    }

    /// <summary>Where the function begins.</summary>
    public ulong Function { get; }

    /// <summary>Where the caller goes on.</summary>
    public ulong ReturnTo { get; }

    /// <summary>RSP before the call, as it is again when the function has returned.</summary>
    private ulong StackOfCaller => _stack + 8;

    /// <summary>A parameter, from 0.</summary>
    public ulong Parameter(int number) => Register(Parameters[number]);

    /// <summary>The function gets another parameter.</summary>
    public void SetParameter(int number, ulong value)
    {
        Note($"parameter {number + 1}", Parameter(number), value);
        _placement.Set((Parameters[number], value));
    }

    /// <summary>The function is not run at all; its caller gets a result.</summary>
    public void Skip(ulong result)
    {
        string name = _placement.Symbols.Describe(Function);
        Note($"{name} not run, its result {Hex(result)}", "", "");
        _placement.Set((GeneralRegister.Rax, result), (GeneralRegister.Rsp, StackOfCaller));
        _placement.Set(PatchableRegister.Rip, ReturnTo);
    }

    /// <summary>The function runs with the stack so many bytes further down, as if its caller had large variables there.</summary>
    public void Lower(ulong bytes)
    {
        Note($"{bytes} bytes of stack taken by a variable of the caller", Hex(_stack), Hex(_stack - bytes));
        _placement.Put(_stack - bytes, ReturnTo);
        _placement.Set((GeneralRegister.Rsp, _stack - bytes));
        WhenAt(ReturnTo, StackOfCaller - bytes, () => _placement.Set((GeneralRegister.Rsp, StackOfCaller)));
    }

    /// <summary>Calls back when the function has returned to this caller.</summary>
    public void OnReturn(Action<ulong> withResult) => WhenAt(ReturnTo, StackOfCaller, () => withResult(Register(GeneralRegister.Rax)));

    /// <summary>
    /// Where the machine stands now, another function is called first, and then everything goes on as if nothing had been: all registers but the flags are as before.
    /// </summary>
    /// <param name="function">Its address.</param>
    /// <param name="parameter">Its only parameter.</param>
    public void CallFirst(ulong function, ulong parameter)
    {
        ref CpuState state = ref _placement.Guest.Processor.State;
        ulong[] saved = state.Registers().ToArray();
        ulong here = state.Rip;
        ulong stack = saved[(int)GeneralRegister.Rsp];
        _placement.Note(new FaultChange(
            _placement.Guest.Processor.InstructionCount, here, _placement.Symbols.Describe(here), "", "", $"{_placement.Symbols.Describe(function)}({Hex(parameter)}) called before it goes on"));
        _placement.Put(stack - 8, here);
        _placement.Set((GeneralRegister.Rsp, stack - 8), (GeneralRegister.Rdi, parameter));
        _placement.Set(PatchableRegister.Rip, function);
        WhenAt(here, stack, () =>
        {
            for (int register = 0; register < saved.Length; register++)
                _placement.Set(register, saved[register]);
        });
    }

    /// <summary>Calls back once, at an instruction, when the stack is where it was: other tasks, and deeper calls, pass unnoticed.</summary>
    private void WhenAt(ulong address, ulong stack, Action handler)
    {
        FaultTrap? trap = null;
        trap = _placement.At(address, () =>
        {
            if (Register(GeneralRegister.Rsp) != stack)
                return;
            _placement.Leave(trap!);
            handler();
        });
    }

    private ulong Register(GeneralRegister register) => _placement.Guest.Processor.State.Registers()[(int)register];

    private void Note(string what, ulong before, ulong after) => Note(what, Hex(before), Hex(after));

    private void Note(string what, string before, string after) => _placement.Note(new FaultChange(
        _placement.Guest.Processor.InstructionCount,
        Function,
        $"{_placement.Symbols.Describe(Function)} called from {_placement.Symbols.Describe(ReturnTo)}",
        before,
        after,
        before.Length == 0 ? what : $"{what}: {before} -> {after}"));

    private static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
