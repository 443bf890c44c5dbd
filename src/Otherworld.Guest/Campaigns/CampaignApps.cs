using Emu.Core;
using Otherworld.Guest.Campaigns.Apps;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Campaigns;

/// <summary>The applications a campaign can be about.</summary>
public static class CampaignApps
{
    /// <summary>All of them. A new one is a class in <c>Apps</c> and an element here.</summary>
    public static IReadOnlyList<ICampaignApp> All { get; } =
    [
        new CounterApp(),
        EditorApp.Vi,
        EditorApp.Joe,
        new ServerApp(DemoApp.Redis, Server.Redis),
        new ServerApp(DemoApp.MariaDb, Server.MariaDb),
        new ServerApp(DemoApp.Apache, Server.Apache),
    ];

    /// <summary>Finds one by its name.</summary>
    /// <exception cref="OtherworldException">There is no such application.</exception>
    public static ICampaignApp Find(string name) => All.FirstOrDefault(app => app.Name == name)
        ?? throw new OtherworldException($"'{name}' is no application of campaigns. Known: {string.Join(", ", All.Select(app => app.Name))}.");
}
