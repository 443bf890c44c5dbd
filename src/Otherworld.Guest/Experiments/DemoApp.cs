namespace Otherworld.Guest.Experiments;

/// <summary>The applications of Debian that a demo can be about.</summary>
public enum DemoApp
{
    /// <summary>Vim, as <c>vi</c>.</summary>
    Vi,

    /// <summary>Joe's own editor.</summary>
    Joe,

    /// <summary>redis-server.</summary>
    Redis,

    /// <summary>mariadbd.</summary>
    MariaDb,

    /// <summary>apache2 with PHP.</summary>
    Apache,
}
