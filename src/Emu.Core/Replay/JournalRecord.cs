using Emu.Core.Machine;

namespace Emu.Core.Replay;

/// <summary>One record of a journal. Records are in the order in which things happened.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">Where an input entered; meaningless otherwise.</param>
/// <param name="Tick">When.</param>
/// <param name="Payload">Bytes of an input, or an encoded <see cref="StateCheck"/>.</param>
public readonly record struct JournalRecord(JournalRecordKind Kind, InputSource Source, ulong Tick, ReadOnlyMemory<byte> Payload);
