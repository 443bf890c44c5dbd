using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>The plots of a report, as SVG.</summary>
internal static class CampaignChart
{
    private const double Width = 900;
    private const double Margins = 130;
    private const double RowHeight = 36;

    private static readonly (Verdict Verdict, string Name, OxyColor Colour)[] Colours =
    [
        (Verdict.Correct, "correct", OxyColors.SeaGreen),
        (Verdict.Degraded, "degraded", OxyColors.YellowGreen),
        (Verdict.NotResurrected, "not resurrected", OxyColors.SandyBrown),
        (Verdict.NoCrashKernel, "no crash kernel", OxyColors.Gray),
        (Verdict.WrongData, "wrong data", OxyColors.Firebrick),
    ];

    /// <summary>What became of each application's deaths, in per cent.</summary>
    public static string Outcomes(IReadOnlyList<Tally> apps)
    {
        PlotModel model = Model(apps, "What became of the application at each death of its kernel, per cent");
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.BottomCenter, LegendPlacement = LegendPlacement.Outside, LegendOrientation = LegendOrientation.Horizontal });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, Maximum = 100, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        foreach ((Verdict verdict, string name, OxyColor colour) in Colours)
        {
            BarSeries bars = new() { Title = name, FillColor = colour, IsStacked = true };
            for (int row = 0; row < apps.Count; row++)
                bars.Items.Add(new BarItem(100.0 * apps[row].Of(verdict) / Math.Max(1, apps[row].Deaths), row));
            model.Series.Add(bars);
        }

        return Draw(model, apps);
    }

    /// <summary>How long each application was silent: least, quartiles, most.</summary>
    public static string Interruptions(IReadOnlyList<Tally> apps)
    {
        PlotModel model = Model(apps, "Millions of instructions from a death to the next answer: least, median, 95 %, most");
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        IntervalBarSeries whole = new() { FillColor = OxyColors.LightSteelBlue, BarWidth = 0.5 };
        IntervalBarSeries half = new() { FillColor = OxyColors.SteelBlue, BarWidth = 0.5 };
        for (int row = 0; row < apps.Count; row++)
        {
            whole.Items.Add(new IntervalBarItem(apps[row].Interruption(0) / 1e6, apps[row].Interruption(1) / 1e6) { CategoryIndex = row });
            half.Items.Add(new IntervalBarItem(apps[row].Interruption(0.5) / 1e6, apps[row].Interruption(0.95) / 1e6) { CategoryIndex = row });
        }

        model.Series.Add(whole);
        model.Series.Add(half);
        return Draw(model, apps);
    }

    /// <summary>Applications from top to bottom.</summary>
    private static PlotModel Model(IReadOnlyList<Tally> apps, string title)
    {
        PlotModel model = new() { Title = title, TitleFontSize = 14, DefaultFontSize = 11, Padding = new OxyThickness(10, 20, 30, 10) };
        CategoryAxis axis = new() { Position = AxisPosition.Left, StartPosition = 1, EndPosition = 0, GapWidth = 0.4, TickStyle = TickStyle.None };
        axis.Labels.AddRange(apps.Select(app => app.Name));
        model.Axes.Add(axis);
        return model;
    }

    private static string Draw(PlotModel model, IReadOnlyList<Tally> apps) =>
        new SvgExporter { Width = Width, Height = Margins + (apps.Count * RowHeight), IsDocument = false }.ExportToString(model).TrimEnd() + "\n";
}
