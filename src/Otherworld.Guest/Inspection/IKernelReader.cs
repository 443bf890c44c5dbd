namespace Otherworld.Guest.Inspection;

/// <summary>Memory of a kernel, by linear addresses.</summary>
internal interface IKernelReader
{
    /// <summary>Reads one value.</summary>
    /// <returns>False when a byte of it is not mapped to RAM.</returns>
    public bool TryRead<T>(ulong linear, out T value)
        where T : unmanaged;
}
