namespace Otherworld.Cli;

/// <summary>The executable.</summary>
internal static class Program
{
    private static int Main(string[] arguments) => CommandLine.Run(arguments);
}
