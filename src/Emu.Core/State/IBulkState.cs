using System.IO.Hashing;

namespace Emu.Core.State;

/// <summary>A device with state too large or too variable for its struct, such as the written blocks of a disk.</summary>
public interface IBulkState
{
    /// <summary>Feeds all of it to a hash, in an order that depends on its content only.</summary>
    void AppendTo(XxHash3 hash);
}
