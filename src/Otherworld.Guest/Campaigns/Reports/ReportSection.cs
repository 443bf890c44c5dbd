namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>A part of a report, in no form yet.</summary>
/// <param name="Title">Its head.</param>
/// <param name="Text">Paragraphs.</param>
/// <param name="Table">A table behind them, if there is one.</param>
/// <param name="Svg">A plot behind that, for pages that can show one.</param>
public sealed record ReportSection(string Title, IReadOnlyList<string> Text, ReportTable? Table = null, string? Svg = null);
