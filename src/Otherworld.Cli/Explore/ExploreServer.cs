using System.Net;
using Emu.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Otherworld.Cli.Explore;

/// <summary>Serves the page and what it asks for, to this machine only, until it is told to end.</summary>
/// <param name="options">What is shown.</param>
internal sealed class ExploreServer(ExploreOptions options) : IAsyncDisposable
{
    /// <summary>How long open consoles may take to notice the end.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly ExploreOptions _options = options;
    private readonly Exploration _exploration = new(options);

    /// <summary>Opens the run, says where the page is, and serves.</summary>
    /// <exception cref="OtherworldException">The run cannot be replayed, or the port is in use.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        _exploration.Open(_options.Run);
        await using WebApplication app = Build();
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new OtherworldException($"port {_options.Port} cannot be had: {e.Message} Choose another: --port 0 takes any that is free.", ExitCode.Environment);
        }

        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Talk.Line($"exploring '{_options.Run}': open {address} in a browser (Ctrl-C ends)");
        if (!WebAssets.HasTerminal)
            Talk.Line("consoles are shown as plain text: this program was built without xterm.js, which the build gets with npm. Install npm, and build again with the network there");
        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _exploration.DisposeAsync();

    private WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, _options.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Farewell);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        WebApplication app = builder.Build();
        app.Use(RefuseStrangers);
        app.Use(Explain);
        app.UseWebSockets();
        app.UseRouting();
        ExploreApi.Map(app, _exploration);
        return app;
    }

    /// <summary>Pages of other sites, and names of other sites that lead here, have no business with it.</summary>
    private static async Task RefuseStrangers(HttpContext context, RequestDelegate next)
    {
        string? origin = context.Request.Headers.Origin;
        bool isOurs = context.Request.Host.Host is "127.0.0.1" or "localhost" && (string.IsNullOrEmpty(origin) || origin == $"http://{context.Request.Host}");
        if (isOurs)
            await next(context).ConfigureAwait(false);
        else
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
    }

    /// <summary>Advice goes to the page as one line.</summary>
    private static async Task Explain(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (OtherworldException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(e.Message).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && !context.Response.HasStarted)
        {
            Talk.Line($"internal error at {context.Request.Path}: {e.Message}");
            Console.Error.WriteLine(e.StackTrace);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync($"a bug of ours: {e.Message}").ConfigureAwait(false);
        }
    }
}
