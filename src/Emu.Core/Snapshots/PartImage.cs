using System.Diagnostics.CodeAnalysis;
using Emu.Core.State;

namespace Emu.Core.Snapshots;

/// <summary>The struct of one part of a machine at one moment.</summary>
public sealed class PartImage
{
    [DynamicallyAccessedMembers(StateFields.Kept)]
    private readonly Type? _type;
    private readonly Lazy<StateSchema> _schema;

    /// <param name="id">As <c>IStateful.Id</c>.</param>
    /// <param name="type">The struct.</param>
    /// <param name="bytes">The state.</param>
    public PartImage(string id, [DynamicallyAccessedMembers(StateFields.Kept)] Type type, byte[] bytes)
    {
        Id = id;
        Bytes = bytes;
        _type = type;
        _schema = new Lazy<StateSchema>(() => StateSchema.Of(type));
    }

    /// <param name="id">As <c>IStateful.Id</c>.</param>
    /// <param name="schema">What the bytes mean, as a file says.</param>
    /// <param name="bytes">The state.</param>
    public PartImage(string id, StateSchema schema, byte[] bytes)
    {
        Id = id;
        Bytes = bytes;
        _schema = new Lazy<StateSchema>(schema);
    }

    /// <summary>As <c>IStateful.Id</c>.</summary>
    public string Id { get; }

    /// <summary>What the bytes mean. Computed at the first question: taking a snapshot reflects on nothing.</summary>
    public StateSchema Schema => _schema.Value;

    /// <summary>The state.</summary>
    public byte[] Bytes { get; }

    /// <summary>The bytes may be copied into a struct of this type.</summary>
    public bool Fits([DynamicallyAccessedMembers(StateFields.Kept)] Type type) => _type == type || StateSchema.Of(type).Hash == Schema.Hash;
}
