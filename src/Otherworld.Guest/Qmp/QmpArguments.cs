using System.Text.Json;

namespace Otherworld.Guest.Qmp;

/// <summary>The arguments of a command. What is missing, of another type, or not known to the command is an error.</summary>
internal sealed class QmpArguments
{
    private readonly JsonElement _object;

    /// <param name="value">The member "arguments"; undefined where there is none.</param>
    /// <param name="known">What the command takes.</param>
    /// <exception cref="QmpError">It is no object, or has a member that is not known.</exception>
    public QmpArguments(JsonElement value, IReadOnlyList<string> known)
    {
        _object = value;
        if (value.ValueKind == JsonValueKind.Undefined)
            return;
        if (value.ValueKind != JsonValueKind.Object)
            throw new QmpError("QMP input member 'arguments' must be an object");
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!known.Contains(member.Name))
                throw new QmpError($"Parameter '{member.Name}' is unexpected");
        }
    }

    /// <summary>An argument is there.</summary>
    public bool Has(string name) => _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out _);

    /// <summary>A text.</summary>
    public string Text(string name) => Member(name) is { ValueKind: JsonValueKind.String } member ? member.GetString()! : throw Wrong(name, "a string");

    /// <summary>A number that is not negative.</summary>
    public ulong Number(string name) => Member(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetUInt64(out ulong number) ? number : throw Wrong(name, "a number that is not negative");

    /// <summary>True or false.</summary>
    public bool Flag(string name) => Member(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    private JsonElement Member(string name) => Has(name) ? _object.GetProperty(name) : throw new QmpError($"Parameter '{name}' is missing");

    private static QmpError Wrong(string name, string wanted) => new($"Invalid parameter type for '{name}', expected: {wanted}");
}
