using Emu.Core.State;

namespace Otherworld.Guest.Boot;

/// <summary>What a guest has written to its disks, over the images they started from: what a machine that is switched off and on again finds.</summary>
public sealed class DiskContents
{
    private readonly SortedDictionary<string, PageImage> _disks = new(StringComparer.Ordinal);

    private DiskContents()
    {
    }

    /// <summary>Of a guest, now. Transfers under way are lost.</summary>
    public static DiskContents Of(GuestMachine guest)
    {
        DiskContents contents = new();
        foreach (IVisitable part in guest.Machine.Devices.OfType<IVisitable>())
            part.Visit(new Reader(part.Id, contents._disks));
        return contents;
    }

    /// <summary>Puts them into a guest with disks from the same images that has not run yet.</summary>
    public void PutInto(GuestMachine guest)
    {
        foreach (IVisitable part in guest.Machine.Devices.OfType<IVisitable>())
            part.Visit(new Writer(part.Id, _disks));
    }

    private sealed class Reader(string part, SortedDictionary<string, PageImage> disks) : IStateVisitor
    {
        public void Pages(string name, PageStore pages) => disks.Add($"{part}.{name}", pages.Freeze());
    }

    private sealed class Writer(string part, SortedDictionary<string, PageImage> disks) : IStateVisitor
    {
        public void Pages(string name, PageStore pages) => pages.Thaw(disks[$"{part}.{name}"]);
    }
}
