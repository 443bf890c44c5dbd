using System.Globalization;
using System.Text;

namespace Otherworld.Guest.Benchmarks;

/// <summary>The report as a bar chart: for each item a bar for each contender, as a multiple of the suite's reference on a logarithmic axis.</summary>
public static class SvgChart
{
    private const int NameWidth = 150;
    private const int PlotWidth = 640;
    private const int Width = NameWidth + PlotWidth + 90;
    private const int BarHeight = 9;
    private const int Gap = 7;

    private static readonly string[] Colours = ["#7f7f7f", "#d62728", "#ff9896", "#1f77b4", "#aec7e8"]; // in the order of ContenderNames.All

    /// <summary>A whole SVG document.</summary>
    public static string Draw(BenchReport report)
    {
        StringBuilder body = new();
        int y = Legend(body);
        foreach (BenchSuite suite in BenchSuite.All)
            y = Suite(body, report, suite, y);
        return string.Create(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{y}\" font-family=\"sans-serif\" font-size=\"11\">\n")
            + $"<title>Otherworld bench, commit {Escape(report.Commit)}, {Escape(report.Host)}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{body}</svg>\n";
    }

    private static int Legend(StringBuilder body)
    {
        for (int i = 0; i < ContenderNames.All.Length; i++)
        {
            int x = NameWidth + (i * 125);
            Rectangle(body, x, 10, 12, 12, Colours[i], ContenderNames.All[i]);
            Text(body, x + 17, 20, ContenderNames.All[i]);
        }

        return 40;
    }

    private static int Suite(StringBuilder body, BenchReport report, BenchSuite suite, int y)
    {
        (string Name, string Contender, double Ratio)[] bars =
        [
            .. from item in report.Items
               where item.Suite == suite.Name
               let ratio = report.Ratio(suite.Name, item.Name, item.Contender, suite.Reference)
               where ratio is not null
               select (item.Name, item.Contender, ratio.Value),
        ];
        if (bars.Length == 0)
            return y;

        // The axis runs over whole decades around all bars and the reference's 1.
        int low = (int)Math.Floor(Math.Log10(Math.Min(0.99, bars.Min(bar => bar.Ratio))));
        int high = (int)Math.Ceiling(Math.Log10(Math.Max(1.01, bars.Max(bar => bar.Ratio))));
        int top = y + 22;
        Text(body, 8, y + 10, $"{suite.Name}: time as a multiple of {suite.Reference}, shorter is better", "bold");
        int bottom = top + bars.GroupBy(bar => bar.Name).Sum(group => (group.Count() * BarHeight) + Gap);
        for (int decade = low; decade <= high; decade++)
            Gridline(body, Position(decade), top, bottom, decade);
        y = top;
        foreach (IGrouping<string, (string Name, string Contender, double Ratio)> group in bars.GroupBy(bar => bar.Name))
        {
            Text(body, 8, y + (group.Count() * BarHeight / 2) + 4, group.Key);
            foreach ((_, string contender, double ratio) in group)
            {
                double end = Position(Math.Log10(ratio));
                Rectangle(body, NameWidth, y, end - NameWidth, BarHeight - 1, Colours[ContenderNames.All.IndexOf(contender)], string.Create(CultureInfo.InvariantCulture, $"{group.Key}, {contender}: {ratio:F2}"));
                Text(body, end + 4, y + BarHeight - 1, ratio.ToString("F2", CultureInfo.InvariantCulture));
                y += BarHeight;
            }

            y += Gap;
        }

        return y + 28;

        double Position(double logarithm) => NameWidth + (PlotWidth * (logarithm - low) / (high - low));
    }

    private static void Gridline(StringBuilder body, double x, int top, int bottom, int decade)
    {
        body.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x:F1}\" y1=\"{top}\" x2=\"{x:F1}\" y2=\"{bottom}\" stroke=\"{(decade == 0 ? "#333" : "#ccc")}\"/>\n");
        Text(body, x - 6, bottom + 12, double.Exp10(decade).ToString(CultureInfo.InvariantCulture));
    }

    private static void Rectangle(StringBuilder body, double x, double y, double width, double height, string colour, string title) =>
        body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:F1}\" y=\"{y:F1}\" width=\"{Math.Max(width, 1):F1}\" height=\"{height:F1}\" fill=\"{colour}\"><title>{Escape(title)}</title></rect>\n");

    private static void Text(StringBuilder body, double x, double y, string text, string weight = "normal") =>
        body.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:F1}\" y=\"{y:F1}\" font-weight=\"{weight}\">{Escape(text)}</text>\n");

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}
