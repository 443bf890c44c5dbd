namespace Emu.X86.Cpuid;

/// <summary>One answer of CPUID.</summary>
/// <param name="Leaf">EAX on entry.</param>
/// <param name="Subleaf">ECX on entry, where the leaf has subleaves.</param>
public readonly record struct CpuidLeaf(uint Leaf, uint Subleaf, uint Eax, uint Ebx, uint Ecx, uint Edx);
