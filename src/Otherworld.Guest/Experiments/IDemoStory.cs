using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>What a demo gives its guest to do, and how it is checked from outside what a death left of it.</summary>
public interface IDemoStory
{
    /// <summary>Results that were acknowledged before a death and are not there any more, over all deaths; null for a story that does not count them.</summary>
    int? LostOperations { get; }

    /// <summary>When the application first answered after the last death; null if it did not, or the story does not ask.</summary>
    Moment? Answered { get; }

    /// <summary>Starts what lives through all deaths. Both shells wait at their prompts.</summary>
    /// <param name="enter">Notes a moment under a name.</param>
    /// <returns>What is wrong, or null.</returns>
    string? Prepare(Action<string, Moment> enter);

    /// <summary>Starts work for one death; when this returns, the guest is busy in its kernel.</summary>
    /// <param name="crash">Number of the death, from 0.</param>
    /// <returns>What is wrong, or null.</returns>
    string? StartWork(int crash);

    /// <summary>Looks at what came back.</summary>
    /// <param name="crash">Number of the death, from 0.</param>
    /// <param name="last">No death follows.</param>
    /// <param name="processes">As the kernel reported them.</param>
    /// <param name="judged">The same with what was seen of them.</param>
    /// <returns>The first thing wrong, or null.</returns>
    string? Verify(int crash, bool last, IReadOnlyList<ResurrectedProcess> processes, out IReadOnlyList<ResurrectedProcess> judged);
}
