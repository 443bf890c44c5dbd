using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Emu.Core.State;

/// <summary>Base of all devices: readonly wiring plus exactly one unmanaged state struct.</summary>
/// <typeparam name="TState">All mutable state. No references, no padding.</typeparam>
public abstract class Device<[DynamicallyAccessedMembers(StateFields.Kept)] TState>(string id) : IDevice
    where TState : unmanaged
{
    /// <summary>The only mutable field of a device.</summary>
    protected TState S;

    /// <inheritdoc/>
    public string Id { get; } = id;

    /// <inheritdoc/>
    [DynamicallyAccessedMembers(StateFields.Kept)]
    public Type StateType => typeof(TState);

    /// <inheritdoc/>
    public Span<byte> StateBytes => MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref S, 1));

    /// <inheritdoc/>
    public abstract void Reset();

    /// <inheritdoc/>
    public virtual void Restored()
    {
    }
}
