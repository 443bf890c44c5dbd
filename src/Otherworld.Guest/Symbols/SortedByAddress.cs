namespace Otherworld.Guest.Symbols;

/// <summary>Search in what is sorted by address.</summary>
internal static class SortedByAddress
{
    /// <summary>The index of the last item at or below an address; -1 below the first.</summary>
    internal static int LastAtOrBelow<T>(ReadOnlySpan<T> items, ulong address, Func<T, ulong> addressOf)
    {
        int low = 0, high = items.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (addressOf(items[middle]) <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }
}
