namespace Otherworld.Guest.Inspection;

/// <summary>The open files of a process.</summary>
/// <param name="kernel">The kernel.</param>
internal sealed class FileReader(KernelReader kernel)
{
    private const ulong MostDescriptors = 1 << 20; // sysctl_nr_open
    private const uint CloseOnExec = 0x8_0000; // O_CLOEXEC

    private readonly KernelReader _kernel = kernel;
    private readonly PathReader _paths = new(kernel);

    /// <summary>All by ascending number.</summary>
    /// <param name="task">A <c>task_struct</c>.</param>
    /// <param name="where">Whose it is, for damage.</param>
    public IReadOnlyList<OpenFile> Of(KernelObject task, string where)
    {
        List<OpenFile> files = [];
        _kernel.Try($"{where}: files", () =>
        {
            if (task.Follow("files") is not { } table)
                return null; // it has exited
            KernelObject descriptors = table.Require("fdt");
            ulong count = descriptors.Word("max_fds");
            if (count > MostDescriptors)
                throw new KernelDamageException(descriptors.AddressOf("max_fds"), $"{count} descriptors are more than there can be");
            KernelObject? root = task.Follow("fs") is { } system ? system.At("root") : null;
            for (int i = 0; i < (int)count; i++)
            {
                if (_kernel.Try($"{where}: descriptor {i}", () => Read(descriptors, i, root)) is { } file)
                    files.Add(file);
            }

            return "";
        });
        return files;
    }

    private OpenFile? Read(KernelObject table, int descriptor, KernelObject? root)
    {
        ulong place = table.Word("fd") + ((ulong)descriptor * 8);
        ulong address = _kernel.Word(place, 8);
        if (address == 0)
            return null;
        KernelObject file = _kernel.At(address, _kernel.Types.Find("file"), place);
        bool closes = (_kernel.Word(table.Word("close_on_exec") + ((ulong)descriptor / 64 * 8), 8) >> (descriptor % 64) & 1) != 0;
        return new OpenFile(descriptor, _paths.NameOf(file.At("f_path"), root), file.Number("f_pos"), (uint)file.Word("f_flags") | (closes ? CloseOnExec : 0), address);
    }
}
