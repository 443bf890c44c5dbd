using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Emu.Core.Machine;

/// <summary>
/// Everything that decides what a machine is, apart from what is loaded into it. Two machines with equal descriptions, images and inputs run
/// through equal states. The order of devices is fixed by the composition root and needs no mention.
/// </summary>
public sealed record MachineDescription
{
    /// <summary>Bytes of RAM.</summary>
    public ulong MemorySize { get; init; } = 512UL << 20;

    /// <summary>What the real-time clock shows at tick 0, in seconds since 1970-01-01 UTC.</summary>
    public long RtcEpoch { get; init; } = 1_767_225_600; // 2026-01-01

    /// <summary>Seed of the machine's random numbers.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Ticks without user mode or idle after which the watchdog raises NMI; 0 switches it off.</summary>
    public ulong WatchdogTicks { get; init; } = 2_000_000_000;

    /// <summary>Ticks in user mode or HLT, without once leaving it, after which the watchdog raises NMI; 0 for any number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong WatchdogStayTicks { get; init; }

    /// <summary>Unknown guest behaviour stops the machine.</summary>
    public bool Strict { get; init; }

    /// <summary>What is in the virtio slots from slot 0 on, for example <c>block</c>, <c>rng</c>, <c>console</c>, <c>block,ro</c>, <c>net,02:00:00:00:00:01</c>; an empty text leaves a slot empty.</summary>
    public ImmutableArray<string> Virtio { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The description as canonical JSON: members in the order above, no white space.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CoreJson.Default.MachineDescription);

    /// <summary>Reads <see cref="ToJson"/>.</summary>
    /// <returns>Null for <c>null</c>.</returns>
    /// <exception cref="JsonException">It is no description.</exception>
    public static MachineDescription? Parse(string json) => JsonSerializer.Deserialize(json, CoreJson.Default.MachineDescription);

    /// <summary>128 bits over <see cref="ToJson"/>, as 32 hexadecimal digits: the machine's identity.</summary>
    public string Hash() => Convert.ToHexStringLower(XxHash128.Hash(System.Text.Encoding.UTF8.GetBytes(ToJson())));

    /// <inheritdoc/>
    public bool Equals(MachineDescription? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => (int)XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(ToJson()));
}
