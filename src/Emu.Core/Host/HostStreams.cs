using Microsoft.Win32.SafeHandles;

namespace Emu.Core.Host;

/// <summary>The process's standard input as it is: no line editing, no echo.</summary>
public static class HostStreams
{
    private const int StandardInput = 0;

    /// <summary>
    /// Standard input byte by byte. <c>Console.OpenStandardInput</c> would not do: on a terminal it collects whole lines, echoes them itself and
    /// changes the terminal's mode back.
    /// </summary>
    public static Stream OpenStandardInput() => OperatingSystem.IsWindows()
        ? Console.OpenStandardInput()
        : new FileStream(new SafeFileHandle(StandardInput, ownsHandle: false), FileAccess.Read, bufferSize: 0);
}
