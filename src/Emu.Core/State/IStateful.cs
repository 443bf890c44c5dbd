using System.Diagnostics.CodeAnalysis;

namespace Emu.Core.State;

/// <summary>A part of a machine whose whole mutable state is one blittable struct: save, restore, hash, compare and diff are the same bytes.</summary>
public interface IStateful
{
    /// <summary>Unique within a machine, for example <c>pit</c> or <c>uart0</c>. Names the section in a snapshot.</summary>
    string Id { get; }

    /// <summary>The struct that <see cref="StateBytes"/> shows; its fields are the names a diff prints.</summary>
    [DynamicallyAccessedMembers(StateFields.Kept)]
    Type StateType { get; }

    /// <summary>The live state, writable. After writing to it, call <see cref="Restored"/>.</summary>
    Span<byte> StateBytes { get; }

    /// <summary>Recomputes what is derived from the state (lines, caches).</summary>
    void Restored();
}
