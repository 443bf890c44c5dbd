using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Otherworld.Guest.Benchmarks;

/// <summary>The report as a bar chart: for each item a bar for each contender, as a multiple of the suite's reference on a logarithmic axis.</summary>
public static class BenchChart
{
    private const double Width = 900;
    private const double BarHeight = 11;
    private const double Margins = 160;
    private const double LabelWidth = 150;

    /// <summary>Part of the height between two suites.</summary>
    private const double Gap = 0.02;

    private static readonly OxyColor[] Colours =
        [OxyColors.Gray, OxyColors.Firebrick, OxyColors.LightCoral, OxyColors.SteelBlue, OxyColors.LightSteelBlue, OxyColors.DarkKhaki]; // in the order of ContenderNames.All

    /// <summary>A whole SVG document.</summary>
    public static string Draw(BenchReport report)
    {
        PlotModel model = new()
        {
            Title = "Time as a multiple of the suite's reference: shorter is better",
            Subtitle = $"commit {report.Commit}, {report.Host}",
            TitleFontSize = 14,
            SubtitleFontSize = 10,
            DefaultFontSize = 10,
            Padding = new OxyThickness(10, 30, 40, 10),
            PlotMargins = new OxyThickness(LabelWidth, double.NaN, double.NaN, double.NaN),
        };
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.TopCenter, LegendPlacement = LegendPlacement.Outside, LegendOrientation = LegendOrientation.Horizontal });
        model.Axes.Add(Scale(report));
        BenchSuite[] suites = [.. BenchSuite.All.Where(suite => Rows(report, suite).Length > 0)];
        double rows = suites.Sum(suite => Rows(report, suite).Length);
        double bottom = 0;
        foreach (BenchSuite suite in suites.Reverse())
        {
            double top = bottom + ((1 - (Gap * (suites.Length - 1))) * Rows(report, suite).Length / rows);
            AddSuite(model, report, suite, bottom, top);
            bottom = top + Gap;
        }

        return new SvgExporter { Width = Width, Height = Margins + (rows * ContenderNames.All.Length * BarHeight) }.ExportToString(model).TrimEnd() + "\n";
    }

    /// <summary>From the shortest to the longest bar and the reference's 1, with room for the labels.</summary>
    private static LogarithmicAxis Scale(BenchReport report)
    {
        double[] ratios =
        [
            1,
            .. from suite in BenchSuite.All
               from name in report.Names(suite.Name)
               from contender in ContenderNames.All
               select report.Ratio(suite.Name, name, contender, suite.Reference) ?? 1,
        ];
        return new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = ratios.Min() / 1.5,
            Maximum = ratios.Max() * 2,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = OxyColors.LightGray,
            MinorTickSize = 0,
        };
    }

    private static string[] Rows(BenchReport report, BenchSuite suite) =>
        [.. report.Names(suite.Name).Where(name => ContenderNames.All.Any(contender => report.Ratio(suite.Name, name, contender, suite.Reference) is not null))];

    /// <summary>A suite has an axis of its own, on a part of the height; the axis runs upwards, so that its first item comes last.</summary>
    private static void AddSuite(PlotModel model, BenchReport report, BenchSuite suite, double bottom, double top)
    {
        string[] names = [.. Rows(report, suite).Reverse()];
        CategoryAxis axis = new() { Position = AxisPosition.Left, Key = suite.Name, Title = $"{suite.Name} / {suite.Reference}", StartPosition = bottom, EndPosition = top, GapWidth = 0.3, AxisTitleDistance = 30, TickStyle = TickStyle.None };
        axis.Labels.AddRange(names);
        model.Axes.Add(axis);
        for (int i = ContenderNames.All.Length - 1; i >= 0; i--)
        {
            string contender = ContenderNames.All[i];
            BarSeries bars = new()
            {
                Title = contender,
                RenderInLegend = !model.Series.Any(other => other.Title == contender),
                YAxisKey = suite.Name,
                FillColor = Colours[i],
                BaseValue = 1,
                LabelPlacement = LabelPlacement.Outside,
                LabelFormatString = contender == suite.Reference ? null : "{0:0.##}",
                FontSize = 8,
            };
            for (int row = 0; row < names.Length; row++)
            {
                if (report.Ratio(suite.Name, names[row], contender, suite.Reference) is { } ratio)
                    bars.Items.Add(new BarItem(ratio, row));
            }

            if (bars.Items.Count > 0)
                model.Series.Add(bars);
        }
    }
}
