using Iced.Intel;

namespace Emu.X86;

/// <summary>What the guest did that this processor does not know: counted, told at the end, and a reason to stop under strict mode.</summary>
public sealed class ProcessorReport
{
    private readonly Dictionary<(Kind Kind, ulong What), ulong> _counts = [];
    private bool _news;

    private enum Kind : byte
    {
        Undefined,
        ReadMsr,
        WriteMsr,
        Fetch,
    }

    /// <summary>How often each unknown thing happened, by name; made anew each time.</summary>
    public IReadOnlyDictionary<string, ulong> Counts
    {
        get
        {
            SortedDictionary<string, ulong> names = new(StringComparer.Ordinal);
            foreach (((Kind kind, ulong what), ulong count) in _counts)
                names[Name(kind, what)] = count;
            return names;
        }
    }

    /// <summary>Anything unknown happened since <see cref="Clear"/>.</summary>
    public bool Any => _counts.Count != 0;

    /// <summary>Something unknown happened since this was last asked.</summary>
    internal bool TakeNews()
    {
        bool news = _news;
        _news = false;
        return news;
    }

    /// <summary>An encoding without a row, or undefined by its row, was executed.</summary>
    internal void Undefined(Code code) => Count(Kind.Undefined, (ulong)code);

    /// <summary>An MSR that is not there was accessed.</summary>
    internal void UnknownMsr(uint msr, bool write) => Count(write ? Kind.WriteMsr : Kind.ReadMsr, msr);

    /// <summary>Code was fetched where there is no RAM.</summary>
    internal void FetchOutsideRam(ulong physical) => Count(Kind.Fetch, physical & ~0xFFFUL);

    /// <summary>Forgets everything.</summary>
    public void Clear() => _counts.Clear();

    private void Count(Kind kind, ulong what)
    {
        _counts[(kind, what)] = _counts.GetValueOrDefault((kind, what)) + 1;
        _news = true;
    }

    private static string Name(Kind kind, ulong what) => kind switch
    {
        Kind.Undefined => $"#UD {(Code)what}",
        Kind.ReadMsr => $"RDMSR {what:X}h",
        Kind.WriteMsr => $"WRMSR {what:X}h",
        _ => $"fetch outside RAM at {what:X}h",
    };
}
