namespace Otherworld.Guest.Consoles;

/// <summary>How one server is used: each request makes the next number and answers it.</summary>
/// <param name="Name">As the guest's <c>services</c> knows it.</param>
/// <param name="Comm">Its name in the list of processes.</param>
/// <param name="Request">A command of a shell that makes one request and prints the number alone.</param>
public sealed record Server(string Name, string Comm, string Request)
{
    private const ulong StartLimit = 2_000_000_000;

    /// <summary>A shell command that makes requests for ever, in the background, and sends the answers to the outside.</summary>
    public string ClientCommand => $"while :; do {Request}; done >/dev/ttyS2 2>/dev/null &\n";

    /// <summary>A counter in a data base in memory, with a file of everything that was acknowledged.</summary>
    public static Server Redis { get; } = new("redis", "redis-server", "redis-cli --raw incr visits");

    /// <summary>A row of an InnoDB table.</summary>
    public static Server MariaDb { get; } = new("mariadb", "mariadbd", "mariadb -BN work -e \"insert into ledger (note) values ('x'); select max(id) from ledger\"");

    /// <summary>A row of a table that is nowhere but in the server's memory.</summary>
    public static Server MariaDbInMemory { get; } = MariaDb with
    {
        Request = "mariadb -BN work -e \"insert into scratch select coalesce(max(id), 0) + 1, 'x' from scratch; select max(id) from scratch\"",
    };

    /// <summary>A PHP session. The client names it itself: a file of cookies would be one more thing that dies with its kernel.</summary>
    public static Server Apache { get; } = new("apache", "apache2", "curl -s -b PHPSESSID=otherworld http://127.0.0.1/count.php | cut -d' ' -f2");

    /// <summary>The same session in memory that all processes of the server share.</summary>
    public static Server ApacheInMemory { get; } = Apache with { Request = "curl -s -b PHPSESSID=otherworld http://127.0.0.1/shared.php | cut -d' ' -f2" };

    /// <summary>Waits until the guest's <c>services</c> says that the server answers.</summary>
    /// <param name="console">The server's machine.</param>
    /// <param name="enter">Gets the phase <c>server</c>, and when it began.</param>
    /// <returns>What is wrong, or null.</returns>
    internal string? WaitForStart(GuestConsole console, Action<string, Moment> enter)
    {
        if (console.WaitFor(console.Debug, 0, $"services: {Name} ", StartLimit) is not { } started)
            return $"{Name} does not start";
        if (!console.Debug.From(0).Contains($"services: {Name} answers", StringComparison.Ordinal))
            return $"{Name} does not answer";
        enter("server", started);
        return null;
    }
}
