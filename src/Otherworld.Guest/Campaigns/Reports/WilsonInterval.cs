namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>What a share that was counted tells about the share there is, with 95 % confidence (E. B. Wilson, 1927).</summary>
/// <param name="Low">Lower bound.</param>
/// <param name="High">Upper bound.</param>
public readonly record struct WilsonInterval(double Low, double High)
{
    private const double Z = 1.959963984540054; // the normal distribution's 97.5 % quantile

    /// <summary>Of so many out of so many.</summary>
    /// <param name="hits">How many had it.</param>
    /// <param name="trials">How many were looked at; of none, everything is possible.</param>
    public static WilsonInterval Of(int hits, int trials)
    {
        if (trials == 0)
            return new WilsonInterval(0, 1);
        double share = (double)hits / trials;
        double spread = Z * Z / trials;
        double centre = share + (spread / 2);
        double half = Math.Sqrt((share * (1 - share) * spread) + (spread * spread / 4));
        return new WilsonInterval(Math.Max(0, (centre - half) / (1 + spread)), Math.Min(1, (centre + half) / (1 + spread)));
    }
}
