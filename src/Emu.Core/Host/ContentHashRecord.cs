namespace Emu.Core.Host;

/// <summary>What is kept beside a disk image, so that it need not be read whole at every start.</summary>
/// <param name="Length">Bytes of the image.</param>
/// <param name="Modified">When it was written last, in ticks of UTC.</param>
/// <param name="Hash">Its content, 128 bits as 32 hexadecimal digits.</param>
internal sealed record ContentHashRecord(long Length, long Modified, string Hash);
