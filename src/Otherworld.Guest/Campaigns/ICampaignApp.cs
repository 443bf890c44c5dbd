using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Campaigns;

/// <summary>An application whose survival a campaign measures: what makes it busy, and how it is seen from outside whether it came back with all its data.</summary>
public interface ICampaignApp
{
    /// <summary>Its name on the command line and in all results.</summary>
    string Name { get; }

    /// <summary>The story that boots it and puts it under load; null for the small programs of the image <c>otherworld</c>.</summary>
    DemoApp? Story { get; }

    /// <summary>How another machine uses it and keeps a log of what was acknowledged; null for an application that is used at a terminal.</summary>
    ObserverSettings? Observer => null;

    /// <summary>Command name of the processes that are it.</summary>
    string Comm { get; }

    /// <summary>Keys typed on ttyS0 from the warm state on, one every <see cref="Workload.KeyInterval"/> ns, until the fault.</summary>
    string Keys { get; }

    /// <summary>Instructions behind the warm state in which faults are injected.</summary>
    ulong Window { get; }

    /// <summary>Looks at what is left of it; the guest may be told anything from here on.</summary>
    /// <param name="console">The guest, running.</param>
    /// <param name="workload">What was typed until the fault, and what was seen of it.</param>
    /// <param name="processes">What became of the dead kernel's processes; empty when none died.</param>
    AppCheck Check(GuestConsole console, Workload workload, IReadOnlyList<ResurrectedProcess> processes);
}
