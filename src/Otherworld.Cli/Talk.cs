namespace Otherworld.Cli;

/// <summary>What is said to people: one line each on standard error.</summary>
internal static class Talk
{
    public static void Line(string text) => Console.Error.WriteLine($"otherworld: {text}");
}
