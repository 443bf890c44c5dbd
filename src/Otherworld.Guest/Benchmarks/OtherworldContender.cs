using System.Diagnostics;
using Emu.X86;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Benchmarks;

/// <summary>This program, as a person starts it: the verb <c>boot</c> in a process of its own.</summary>
/// <param name="name">The contender's name.</param>
/// <param name="self">The words that start this program.</param>
/// <param name="commit">The commit it was built from.</param>
/// <param name="memory">RAM of the guest.</param>
/// <param name="engine">The engine to ask for; null for the default.</param>
internal sealed class OtherworldContender(string name, IReadOnlyList<string> self, string commit, string memory, EngineKind? engine) : IContender
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Version => $"commit {commit}, engine {EngineChoice.Format(engine)}";

    /// <inheritdoc/>
    public bool TakesPartIn(BenchSuite suite, string item) => true;

    /// <inheritdoc/>
    public bool TellsTime => false;

    /// <inheritdoc/>
    public ProcessStartInfo Command(BenchLaunch launch)
    {
        List<string> words = [.. self.Skip(1), "boot", "--pace", "max", "--memory", memory, "--kernel", launch.Kernel, "--append", launch.CommandLine, "--engine", EngineChoice.Format(engine)];
        if (launch.Initramfs is { } root)
            words.AddRange(["--initrd", root]);
        if (launch.Disk is { } disk)
            words.AddRange(["--disk", $"{disk},ro"]);
        return new ProcessStartInfo(self[0], words);
    }
}
