using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>A function is called without one of its parameters.</summary>
internal sealed class DroppedParameter : TextFault
{
    /// <inheritdoc/>
    public override string Name => "interface";

    /// <inheritdoc/>
    public override string Summary => "drop the instruction that loads a parameter before a call";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index)
    {
        if (function[index] is not { Mnemonic: Mnemonic.Mov or Mnemonic.Lea or Mnemonic.Xor or Mnemonic.Movsxd or Mnemonic.Movzx or Mnemonic.Movsx, Op0Kind: OpKind.Register } load
            || !IsParameter(load.Op0Register.GetFullRegister()))
            return false;
        for (int next = index + 1; next < function.Count; next++)
        {
            if (function[next].FlowControl is FlowControl.Call or FlowControl.IndirectCall)
                return true;
            if (function[next].FlowControl != FlowControl.Next)
                return false;
        }

        return false;
    }

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) => InstructionBytes.Nothing(bytes.Length);

    /// <summary>System V ABI for x86-64, 3.2.3.</summary>
    private static bool IsParameter(Register register) => register is Register.RDI or Register.RSI or Register.RDX or Register.RCX or Register.R8 or Register.R9;
}
