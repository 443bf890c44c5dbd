using System.Globalization;
using System.Text;

namespace Otherworld.Guest.Benchmarks;

/// <summary>Writes an initramfs: the cpio format "newc" (Linux, Documentation/driver-api/early-userspace/buffer-format.rst), owned by root, without dates.</summary>
internal sealed class CpioArchive
{
    private const int DirectoryType = 0x4000;
    private const int FileType = 0x8000;
    private const int CharacterDeviceType = 0x2000;

    private readonly List<byte> _bytes = [];
    private uint _inode;

    internal void AddDirectory(string path) => Add(path, DirectoryType | 0x1ED, [], 0, 0); // rwxr-xr-x

    internal void AddProgram(string path, ReadOnlySpan<byte> contents) => Add(path, FileType | 0x1ED, contents, 0, 0);

    internal void AddCharacterDevice(string path, uint major, uint minor) => Add(path, CharacterDeviceType | 0x180, [], major, minor); // rw-------

    /// <summary>The whole archive.</summary>
    internal byte[] Finish()
    {
        Add("TRAILER!!!", 0, [], 0, 0);
        return [.. _bytes];
    }

    private void Add(string path, int mode, ReadOnlySpan<byte> contents, uint major, uint minor)
    {
        byte[] name = Encoding.ASCII.GetBytes(path + "\0");
        // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
        uint[] fields = [++_inode, (uint)mode, 0, 0, 1, 0, (uint)contents.Length, 0, 0, major, minor, (uint)name.Length, 0];
        _bytes.AddRange("070701"u8);
        foreach (uint field in fields)
            _bytes.AddRange(Encoding.ASCII.GetBytes(field.ToString("x8", CultureInfo.InvariantCulture)));
        _bytes.AddRange(name);
        Pad();
        _bytes.AddRange(contents);
        Pad();
    }

    private void Pad()
    {
        while (_bytes.Count % 4 != 0)
            _bytes.Add(0);
    }
}
