namespace Otherworld.Guest.Experiments;

/// <summary>How one server is used: each request makes the next number and answers it.</summary>
/// <param name="Name">As the guest's <c>services</c> knows it.</param>
/// <param name="Comm">Its name in the list of processes.</param>
/// <param name="Request">A command of a shell that makes one request and prints the number alone.</param>
public sealed record Server(string Name, string Comm, string Request)
{
    /// <summary>A counter in a data base in memory, with a file of everything that was acknowledged.</summary>
    public static Server Redis { get; } = new("redis", "redis-server", "redis-cli --raw incr visits");

    /// <summary>A row of an InnoDB table.</summary>
    public static Server MariaDb { get; } = new("mariadb", "mariadbd", "mariadb -BN work -e \"insert into ledger (note) values ('x'); select max(id) from ledger\"");

    /// <summary>A PHP session.</summary>
    public static Server Apache { get; } = new("apache", "apache2", "curl -s -c /work/jar -b /work/jar http://127.0.0.1/count.php | cut -d' ' -f2");
}
