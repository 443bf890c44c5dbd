using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Emu.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Otherworld.Guest.Crashes;

namespace Otherworld.Cli.Explore;

/// <summary>What the page can ask for. Addresses are hexadecimal text, since a browser's numbers have 53 bits.</summary>
internal static class ExploreApi
{
    private const int LongestKeys = 4096;

    /// <summary>Adds all of it.</summary>
    public static void Map(WebApplication app, Exploration exploration)
    {
        app.MapGet("/", context => WebAssets.Send(context, "index.html"));
        app.MapGet("/web/{name}", context => WebAssets.Send(context, (string)context.Request.RouteValues["name"]!));
        app.MapGet("/api/run/{run}", context => Answer(context, exploration, (run, explorer) => ExploreViews.Run(run, explorer)));
        app.MapGet("/api/run/{run}/console/{line}", context => Answer(context, exploration, (_, explorer) => ExploreViews.Console(explorer, Number(context, "line"))));
        app.MapGet("/api/run/{run}/at/{icount}", context => Answer(context, exploration, (_, explorer) => ExploreViews.Moment(explorer.At(Icount(context)))));
        app.MapGet("/api/run/{run}/death/{death}", context => Answer(context, exploration, (_, explorer) => ExploreViews.Death(explorer, Number(context, "death"))));
        app.MapGet("/api/run/{run}/death/{death}/memory/{pid}", context => Answer(context, exploration, (_, explorer) => ExploreViews.Memory(explorer, Number(context, "death"), Number(context, "pid"))));
        app.MapPost("/api/run/{run}/fork/{icount}", context => Fork(context, exploration));
        app.MapGet("/api/fork/{fork}/tty", context => Terminal(context, exploration));
        app.MapPost("/api/fork/{fork}/end", context => End(context, exploration));
    }

    private static async Task Answer(HttpContext context, Exploration exploration, Func<ExploredRun, Otherworld.Guest.Exploring.RunExplorer, JsonNode> view)
    {
        ExploredRun run = exploration.Run(Number(context, "run"));
        byte[] answer = await run.Ask(explorer => Json(view(run, explorer))).ConfigureAwait(false); // while it is our turn: a view is not a copy
        await Send(context, answer).ConfigureAwait(false);
    }

    private static async Task Fork(HttpContext context, Exploration exploration)
    {
        PanicKind? fault = context.Request.Query["fault"].ToString() is { Length: > 0 } name ? PanicKinds.Parse(name) : null;
        int fork = await exploration.Start(Number(context, "run"), Icount(context), fault).ConfigureAwait(false);
        await Send(context, Json(new JsonObject { ["fork"] = fork, ["path"] = exploration.Fork(fork).Path })).ConfigureAwait(false);
    }

    /// <summary>Ends a fork and puts its recording on show.</summary>
    private static async Task End(HttpContext context, Exploration exploration)
    {
        LiveFork fork = exploration.Fork(Number(context, "fork"));
        await fork.End().ConfigureAwait(false);
        await Send(context, Json(new JsonObject { ["run"] = exploration.Open(fork.Path), ["outcome"] = fork.Outcome })).ConfigureAwait(false);
    }

    /// <summary>A fork's console, both ways.</summary>
    private static async Task Terminal(HttpContext context, Exploration exploration)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            throw new OtherworldException("a console is a WebSocket.");
        LiveFork fork = exploration.Fork(Number(context, "fork"));
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Task typing = Type(socket, fork, gone);
        try
        {
            await Show(socket, fork, gone.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The browser has left; the fork goes on.
        }

        await gone.CancelAsync().ConfigureAwait(false);
        await typing.ConfigureAwait(false);
    }

    private static async Task Show(WebSocket socket, LiveFork fork, CancellationToken gone)
    {
        int shown = 0;
        while (await fork.Console.After(shown, gone).ConfigureAwait(false) is { Length: > 0 } bytes)
        {
            await socket.SendAsync(bytes, WebSocketMessageType.Binary, true, gone).ConfigureAwait(false);
            shown += bytes.Length;
        }

        await socket.SendAsync(Encoding.UTF8.GetBytes(fork.Outcome ?? ""), WebSocketMessageType.Text, true, gone).ConfigureAwait(false);
    }

    private static async Task Type(WebSocket socket, LiveFork fork, CancellationTokenSource gone)
    {
        byte[] keys = new byte[LongestKeys];
        try
        {
            while (await socket.ReceiveAsync(keys.AsMemory(), gone.Token).ConfigureAwait(false) is { MessageType: not WebSocketMessageType.Close } received)
                await fork.Type(keys.AsMemory(0, received.Count), gone.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The browser has left without a word.
        }

        await gone.CancelAsync().ConfigureAwait(false);
    }

    private static byte[] Json(JsonNode answer) => Encoding.UTF8.GetBytes(answer.ToJsonString(ExploreJson.Page.Options));

    private static async Task Send(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
    }

    private static int Number(HttpContext context, string name) =>
        int.TryParse((string?)context.Request.RouteValues[name], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new OtherworldException($"'{context.Request.RouteValues[name]}' is no number.");

    private static ulong Icount(HttpContext context) =>
        ulong.TryParse((string?)context.Request.RouteValues["icount"], NumberStyles.None, CultureInfo.InvariantCulture, out ulong icount) ? icount : throw new OtherworldException($"'{context.Request.RouteValues["icount"]}' is no number of instructions.");
}
