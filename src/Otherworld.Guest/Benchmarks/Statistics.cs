namespace Otherworld.Guest.Benchmarks;

/// <summary>Medians and geometric means.</summary>
internal static class Statistics
{
    /// <summary>The middle value; of an even number the mean of the two in the middle.</summary>
    internal static double Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The geometric mean; null of nothing.</summary>
    internal static double? GeometricMean(IEnumerable<double> values)
    {
        double product = 1;
        int count = 0;
        foreach (double value in values)
        {
            product *= value;
            count++;
        }

        return count == 0 ? null : double.RootN(product, count);
    }
}
