namespace Otherworld.Guest.Benchmarks;

/// <summary>How quickly experiments with one application go, one after the other on one machine.</summary>
/// <param name="App">The application.</param>
/// <param name="Experiments">How many were measured.</param>
/// <param name="MedianS">Seconds of one, the median.</param>
/// <param name="MedianInstructions">Instructions of the guest in one, the median.</param>
/// <param name="FirstTranslated">Blocks of code that were translated for the first, on a machine that had just become warm.</param>
/// <param name="LaterTranslated">Blocks that were translated for a later one, the median: code from before the snapshot stays translated over its restore.</param>
public sealed record CampaignFigure(string App, int Experiments, double MedianS, double MedianInstructions, double FirstTranslated, double LaterTranslated)
{
    /// <summary>Experiments that one core does in a minute.</summary>
    public double PerMinuteAndCore => 60 / MedianS;
}
