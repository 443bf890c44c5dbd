using Emu.Core;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>Names of the applications, the image they are in, and the story told about each.</summary>
public static class DemoApps
{
    private static readonly string[] Names = ["vi", "joe", "redis", "mariadb", "apache"];

    /// <summary>The name a person uses.</summary>
    public static string Name(DemoApp app) => Names[(int)app];

    /// <summary>Reads a name.</summary>
    /// <exception cref="OtherworldException">There is no such application.</exception>
    public static DemoApp Parse(string name)
    {
        int index = Array.IndexOf(Names, name);
        return index >= 0 ? (DemoApp)index : throw new OtherworldException($"'{name}' is no application of the demo; it knows {string.Join(", ", Names)}.");
    }

    /// <summary>It is used over the network, and not at a terminal.</summary>
    public static bool IsServer(DemoApp app) => app is DemoApp.Redis or DemoApp.MariaDb or DemoApp.Apache;

    /// <summary>It takes more memory for itself the longer it is used: MariaDB with every row that it is told.</summary>
    internal static bool Grows(DemoApp? app) => app is DemoApp.MariaDb;

    /// <summary>The image a demo needs.</summary>
    /// <param name="app">The application; null for the programs of the image <c>otherworld</c>.</param>
    /// <param name="isProtected">Under a kernel that cannot write to memory of processes by mistake.</param>
    /// <exception cref="OtherworldException">There is no such kernel for the programs of the image <c>otherworld</c>.</exception>
    public static string ImageOf(DemoApp? app, bool isProtected) => (app, isProtected) switch
    {
        (null, false) => "otherworld",
        (null, true) => throw new OtherworldException($"protected mode has an image with real applications only: name one of {string.Join(", ", Names)} with --app."),
        (_, false) => "debian",
        (_, true) => "protected",
    };

    /// <summary>There is a crash procedure for it in the image (docs/crash-procedures.md).</summary>
    public static bool HasProcedure(DemoApp? app) => app is DemoApp.MariaDb or DemoApp.Apache;

    /// <summary>What is added to the kernel's command line: the service to start at boot, and that it loads its crash procedure.</summary>
    internal static string ParametersOf(DemoApp? app, bool procedure) =>
        app is { } some && IsServer(some) ? $"services={Name(app.Value)}{(procedure ? " procedures" : "")}" : "";

    internal static IDemoStory StoryOf(DemoApp? app, GuestConsole console, bool procedure) => app switch
    {
        null => new CounterStory(console),
        DemoApp.MariaDb when procedure => new ServerStory(console, Server.MariaDbInMemory, restarts: true),
        DemoApp.Apache when procedure => new ServerStory(console, Server.ApacheInMemory, restarts: true),
        { } editor when !IsServer(editor) => new EditorStory(console, EditorOf(editor)),
        _ => console.World is null ? new ServerStory(console, ServerOf(app.Value)) : new ObservedStory(console, ServerOf(app.Value)),
    };

    /// <summary>The name of its processes.</summary>
    public static string CommOf(DemoApp app) => IsServer(app) ? ServerOf(app).Comm : EditorOf(app).Comm;

    /// <summary>How a server is used.</summary>
    internal static Server ServerOf(DemoApp app) => app switch
    {
        DemoApp.Redis => Server.Redis,
        DemoApp.MariaDb => Server.MariaDb,
        _ => Server.Apache,
    };

    /// <summary>How an editor is used.</summary>
    internal static Editor EditorOf(DemoApp app) => app == DemoApp.Vi ? Editor.Vi : Editor.Joe;
}
