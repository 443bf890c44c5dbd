using System.Net;
using System.Text;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>A report as one HTML file that needs no other: its plots are in it.</summary>
public static class HtmlPage
{
    private const string Style =
        """
        body { font: 16px/1.5 sans-serif; max-width: 960px; margin: 2em auto; padding: 0 1em; color: #222 }
        table { border-collapse: collapse; margin: 1em 0; font-size: 14px }
        th, td { border-bottom: 1px solid #ddd; padding: .3em .7em; text-align: left; vertical-align: top }
        .numbers td + td, .numbers th + th { text-align: right }
        svg { max-width: 100%; height: auto }
        """;

    /// <summary>The whole page.</summary>
    public static string Of(IEnumerable<ReportSection> sections)
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Campaign</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n<h1>Campaign</h1>\n");
        foreach (ReportSection section in sections)
        {
            page.Append("<h2>").Append(WebUtility.HtmlEncode(section.Title)).Append("</h2>\n");
            foreach (string text in section.Text)
                page.Append("<p>").Append(WebUtility.HtmlEncode(text)).Append("</p>\n");
            if (section.Table is { } table)
                Table(page, table);
            page.Append(section.Svg);
        }

        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Table(StringBuilder page, ReportTable table)
    {
        page.Append(table.IsText ? "<table>\n" : "<table class=\"numbers\">\n");
        page.Append("<tr>");
        foreach (string head in table.Heads)
            page.Append("<th>").Append(WebUtility.HtmlEncode(head)).Append("</th>");
        page.Append("</tr>\n");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            page.Append(table.Targets is { } name ? $"<tr id=\"{WebUtility.HtmlEncode(row[name])}\">" : "<tr>");
            for (int column = 0; column < row.Count; column++)
                page.Append("<td>").Append(column == table.Links ? Links(row[column]) : WebUtility.HtmlEncode(row[column])).Append("</td>");
            page.Append("</tr>\n");
        }

        page.Append("</table>\n");
    }

    private static string Links(string names) =>
        string.Join(ReportTable.Separator, names.Split(ReportTable.Separator).Select(WebUtility.HtmlEncode).Select(name => $"<a href=\"#{name}\">{name}</a>"));
}
