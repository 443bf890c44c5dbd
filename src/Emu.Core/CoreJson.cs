using System.Text.Json.Serialization;
using Emu.Core.Host;
using Emu.Core.Machine;

namespace Emu.Core;

/// <summary>How the types every run needs become JSON, made at compile time: to find it out by reflection would cost every start some tens of milliseconds.</summary>
[JsonSerializable(typeof(MachineDescription))]
[JsonSerializable(typeof(ContentHashRecord))]
internal sealed partial class CoreJson : JsonSerializerContext;
