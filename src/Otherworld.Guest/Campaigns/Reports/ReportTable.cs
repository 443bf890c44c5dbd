namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>A table of a report.</summary>
/// <param name="Heads">Heads of the columns; the first column is text, the others are numbers unless <paramref name="IsText"/>.</param>
/// <param name="Rows">Cells, as many as heads.</param>
/// <param name="IsText">No column is numbers.</param>
/// <param name="Links">The column whose cells name rows of another table, separated by <see cref="Separator"/>; null for none.</param>
/// <param name="Targets">The column by whose cells rows are named; null for none.</param>
public sealed record ReportTable(IReadOnlyList<string> Heads, IReadOnlyList<IReadOnlyList<string>> Rows, bool IsText = false, int? Links = null, int? Targets = null)
{
    /// <summary>Between names in a cell.</summary>
    public const string Separator = ", ";
}
