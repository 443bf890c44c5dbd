using Iced.Intel;

namespace Emu.X86;

/// <summary>What the guest did that this processor does not know: counted, told at the end, and a reason to stop under strict mode.</summary>
public sealed class ProcessorReport
{
    private readonly SortedDictionary<string, ulong> _counts = new(StringComparer.Ordinal);
    private bool _news;

    /// <summary>How often each unknown thing happened, by name.</summary>
    public IReadOnlyDictionary<string, ulong> Counts => _counts;

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
    internal void Undefined(Code code) => Count($"#UD {code}");

    /// <summary>An MSR that is not there was accessed.</summary>
    internal void UnknownMsr(uint msr, bool write) => Count($"{(write ? "WRMSR" : "RDMSR")} {msr:X}h");

    /// <summary>Code was fetched where there is no RAM.</summary>
    internal void FetchOutsideRam(ulong physical) => Count($"fetch outside RAM at {physical & ~0xFFFUL:X}h");

    /// <summary>Forgets everything.</summary>
    public void Clear() => _counts.Clear();

    private void Count(string what)
    {
        _counts[what] = _counts.GetValueOrDefault(what) + 1;
        _news = true;
    }
}
