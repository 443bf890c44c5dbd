using Tomlyn.Model;
using Tomlyn.Serialization;

namespace Otherworld.Guest.Boot;

/// <summary>How machine files are read: as tables, without reflection.</summary>
[TomlSerializable(typeof(TomlTable))]
internal sealed partial class MachineToml : TomlSerializerContext;
