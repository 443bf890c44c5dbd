using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Otherworld.Cli.Explore;

/// <summary>The files of the page. They are part of the program; nothing is fetched from elsewhere.</summary>
internal static class WebAssets
{
    private const string Prefix = "web/";

    /// <summary>The build could get xterm.js.</summary>
    public static bool HasTerminal => Assembly.GetExecutingAssembly().GetManifestResourceInfo(Prefix + "xterm.mjs") is not null;

    /// <summary>Sends one by its name.</summary>
    public static async Task Send(HttpContext context, string name)
    {
        Stream? file = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name);
        if (file is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await using (file)
        {
            context.Response.ContentType = TypeOf(name);
            context.Response.ContentLength = file.Length;
            context.Response.Headers.CacheControl = "no-cache";
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";
            await file.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
