using System.Text.Json.Nodes;

namespace Otherworld.Guest.Qmp;

/// <summary>A command of the protocol.</summary>
/// <param name="Name">QEMU's name of it.</param>
/// <param name="Parameters">The arguments it knows.</param>
/// <param name="Run">Carries it out; null is answered as an empty object.</param>
internal sealed record QmpCommand(string Name, IReadOnlyList<string> Parameters, Func<QmpArguments, JsonNode?> Run);
