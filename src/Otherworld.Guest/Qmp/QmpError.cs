namespace Otherworld.Guest.Qmp;

/// <summary>A command cannot be carried out: what the client is told.</summary>
/// <param name="description">In one sentence.</param>
/// <param name="kind">QMP's class of the error.</param>
internal sealed class QmpError(string description, string kind = QmpError.Generic) : Exception(description)
{
    /// <summary>Class of nearly all errors.</summary>
    public const string Generic = "GenericError";

    /// <summary>There is no such command, or it may not be given yet.</summary>
    public const string NotFound = "CommandNotFound";

    /// <summary>QMP's class of the error.</summary>
    public string Kind { get; } = kind;
}
