using System.Runtime.InteropServices;

namespace Emu.Core.Host;

/// <summary>
/// Puts the controlling terminal into raw mode, so that every key reaches the guest, and restores it in every case: on dispose, when the process
/// ends, and when it is told to end by a signal.
/// </summary>
public sealed partial class RawTerminal : IDisposable
{
    private const int StandardInput = 0;
    private const int TcsaDrain = 1;
    private const int TermiosSize = 256; // larger than any libc's struct termios
    private readonly byte[] _saved;
    private readonly PosixSignalRegistration[] _signals;
    private bool _restored;

    private RawTerminal(byte[] saved)
    {
        _saved = saved;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Restore()),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => Restore()),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Restore()),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, _ => Restore()),
        ];
    }

    /// <summary>Enters raw mode. Output keeps its newline translation off too: the guest's line discipline sends CR LF itself.</summary>
    /// <returns>Null when standard input is no terminal.</returns>
    public static RawTerminal? TryEnter()
    {
        byte[] saved = new byte[TermiosSize];
        if (OperatingSystem.IsWindows() || Tcgetattr(StandardInput, saved) != 0)
            return null;
        byte[] raw = (byte[])saved.Clone();
        Cfmakeraw(raw);
        var terminal = new RawTerminal(saved);
        if (Tcsetattr(StandardInput, TcsaDrain, raw) == 0)
            return terminal;
        terminal.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Restore();
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
    }

    private void OnExit(object? sender, EventArgs e) => Restore();

    private void Restore()
    {
        if (_restored)
            return;
        _restored = true;
        _ = Tcsetattr(StandardInput, TcsaDrain, _saved);
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int Tcgetattr(int descriptor, Span<byte> termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int Tcsetattr(int descriptor, int action, ReadOnlySpan<byte> termios);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void Cfmakeraw(Span<byte> termios);
}
