using Emu.Core;
using Otherworld.Guest.Worlds;

namespace Otherworld.Cli;

/// <summary><c>replay</c> of a recorded world: all its machines, one after the other.</summary>
/// <param name="options">What was asked for; the run is the world's folder.</param>
internal sealed class WorldReplay(ReplayOptions options)
{
    private readonly ReplayOptions _options = options;

    /// <returns>Success when every machine's replay is identical.</returns>
    public int Run()
    {
        string[] names = [.. WorldManifest.Read(_options.Run).Machines.Select(machine => machine.Name)];
        bool forOne = _options is { Target: not null } or { Fork: true } or { Save: not null } or { Debug: not null } or { Disks.Count: > 0 } or { Record: not null } or { Limit: not null };
        if (forOne)
            throw new OtherworldException($"'{_options.Run}' is a recording of several machines, and this is for one. Name it: {string.Join(" or ", names.Select(name => Path.Combine(_options.Run, name)))}.");
        int status = ExitCode.Success;
        foreach (string name in names)
        {
            Talk.Line($"{name}:");
            status = Math.Max(status, new ReplayRun(_options with { Run = Path.Combine(_options.Run, name), Verify = true }).Run());
        }

        return status;
    }
}
