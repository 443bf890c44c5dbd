using System.Text;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>A report in Markdown, without its plots.</summary>
public static class MarkdownPage
{
    /// <summary>The whole page.</summary>
    public static string Of(IEnumerable<ReportSection> sections)
    {
        StringBuilder page = new("# Campaign\n");
        foreach (ReportSection section in sections)
        {
            page.Append("\n## ").Append(section.Title).Append('\n');
            foreach (string text in section.Text)
                page.Append('\n').Append(text).Append('\n');
            if (section.Table is { } table)
                Table(page.Append('\n'), table);
        }

        return page.ToString();
    }

    private static void Table(StringBuilder page, ReportTable table)
    {
        Row(page, table.Heads);
        Row(page, table.Heads.Select((_, column) => column == 0 || table.IsText ? "---" : "--:"));
        foreach (IReadOnlyList<string> row in table.Rows)
            Row(page, row.Select(Cell));
    }

    /// <summary>What a screen showed has lines; a cell is one.</summary>
    private static string Cell(string text) => text.ReplaceLineEndings("\u23CE").Replace("|", "\\|", StringComparison.Ordinal);

    private static void Row(StringBuilder page, IEnumerable<string> cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
