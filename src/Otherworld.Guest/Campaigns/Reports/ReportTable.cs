namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>A table of a report.</summary>
/// <param name="Heads">Heads of the columns; the first column is text, the others are numbers unless <paramref name="IsText"/>.</param>
/// <param name="Rows">Cells, as many as heads.</param>
/// <param name="IsText">No column is numbers.</param>
public sealed record ReportTable(IReadOnlyList<string> Heads, IReadOnlyList<IReadOnlyList<string>> Rows, bool IsText = false);
