namespace Emu.Core.Replay;

/// <summary>What a machine was at one moment, as far as a replay compares it.</summary>
/// <param name="Parts">The state structs of all parts, one behind the other, in the order of the machine.</param>
/// <param name="Memory">Hash over RAM and all variable-size parts, when it was computed.</param>
internal readonly record struct StateCheck(byte[] Parts, ulong? Memory);
