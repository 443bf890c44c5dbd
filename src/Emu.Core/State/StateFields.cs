using System.Diagnostics.CodeAnalysis;

namespace Emu.Core.State;

/// <summary>What a program compiled ahead of time must know of a state struct.</summary>
public static class StateFields
{
    /// <summary>Its fields. Of the structs in it all is kept (src/Directory.Build.props), but of a generic one only what is asked for.</summary>
    public const DynamicallyAccessedMemberTypes Kept = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;
}
