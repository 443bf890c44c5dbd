using System.Text;

namespace Otherworld.Guest.Inspection;

/// <summary>Names of open files, as d_path() makes them (fs/d_path.c).</summary>
/// <param name="kernel">The kernel.</param>
internal sealed class PathReader(KernelReader kernel)
{
    private const int LongestName = 255; // NAME_MAX
    private const int Deepest = 2048; // PATH_MAX / 2

    private readonly KernelReader _kernel = kernel;

    /// <summary>The path of a <c>struct path</c>.</summary>
    /// <param name="path">The path.</param>
    /// <param name="root">Where its process's root is; null for the root of everything.</param>
    /// <exception cref="KernelDamageException">A part of it is damaged.</exception>
    public string NameOf(KernelObject path, KernelObject? root)
    {
        KernelObject entry = path.Require("dentry");
        KernelObject mount = MountOf(path);
        bool isRoot = entry.Word("d_parent") == entry.Address;
        if (entry.Follow("d_op") is { } operations && operations.Word("d_dname") is var naming and not 0 && (!isRoot || mount.Word("mnt.mnt_root") != entry.Address))
            return Generated(entry, naming);
        string deleted = !isRoot && entry.Word("d_hash.pprev") == 0 ? " (deleted)" : ""; // d_unlinked()
        List<string> names = [];
        (ulong Entry, ulong Mount) end = root is { } start ? (start.Word("dentry"), MountOf(start).Address) : (0, 0);
        while ((entry.Address, mount.Address) != end)
        {
            KernelObject parent = entry.Require("d_parent");
            if (mount.Word("mnt.mnt_root") == entry.Address)
            {
                KernelObject above = mount.Require("mnt_parent");
                if (above.Address == mount.Address)
                    break;
                (entry, mount) = (mount.Require("mnt_mountpoint"), above);
            }
            else
            {
                if (parent.Address == entry.Address)
                    break; // of no mount any more
                names.Add(NameOf(entry));
                entry = parent;
            }

            if (names.Count == Deepest)
                throw new KernelDamageException(entry.Address, "the path has no end");
        }

        names.Reverse();
        return "/" + string.Join('/', names) + deleted;
    }

    /// <summary>The path of an inode inside its file system, behind that file system's name; for one without a name, its number.</summary>
    /// <exception cref="KernelDamageException">A part of it is damaged.</exception>
    public string NameOfInode(KernelObject inode)
    {
        string system = inode.Require("i_sb").Text("s_id");
        ulong alias = inode.Word("i_dentry.first");
        if (alias == 0)
            return $"{system}:[{inode.Word("i_ino")}]";
        KernelObject entry = _kernel.Container(alias, "dentry", "d_u.d_alias", inode.AddressOf("i_dentry.first"));
        List<string> names = [];
        while (entry.Word("d_parent") != entry.Address)
        {
            names.Add(NameOf(entry));
            entry = entry.Require("d_parent");
            if (names.Count == Deepest)
                throw new KernelDamageException(entry.Address, "the path has no end");
        }

        names.Reverse();
        return $"{system}:/{string.Join('/', names)}";
    }

    private KernelObject MountOf(KernelObject path) => _kernel.Container(path.Require("mnt").Address, "mount", "mnt", path.AddressOf("mnt"));

    private string NameOf(KernelObject entry)
    {
        ulong length = entry.Word("d_name.len");
        return length is > 0 and <= LongestName
            ? Encoding.UTF8.GetString(_kernel.Bytes(entry.Word("d_name.name"), (int)length))
            : throw new KernelDamageException(entry.AddressOf("d_name"), $"a name of {length} bytes");
    }

    /// <summary>Files that are in no directory: their file system makes the name, by a function of the kernel that is told by its own name.</summary>
    private string Generated(KernelObject entry, ulong naming)
    {
        string function = _kernel.Symbols.Describe(naming);
        return function switch
        {
            "pipefs_dname" => $"pipe:[{Inode()}]",
            "sockfs_dname" => $"socket:[{Inode()}]",
            "ns_dname" => $"{NameOf(entry)}:[{Inode()}]",
            "anon_inodefs_dname" => "anon_inode:" + NameOf(entry),
            _ => $"/{NameOf(entry)} (deleted)", // simple_dname() of memory files
        };

        ulong Inode() => entry.Require("d_inode").Word("i_ino");
    }
}
