using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Lockstep;

/// <summary>The two machines, and how each is brought to a tick.</summary>
internal sealed class LockstepPair
{
    private readonly EngineKind _engine;
    private readonly DeliberateMistake? _mistake;

    public LockstepPair(GuestMachine reference, GuestMachine subject, DeliberateMistake? mistake)
    {
        Reference = reference;
        Subject = subject;
        _engine = subject.Processor.Engine;
        _mistake = mistake;
    }

    /// <summary>Tells the truth.</summary>
    public GuestMachine Reference { get; }

    /// <summary>Should tell the same.</summary>
    public GuestMachine Subject { get; }

    public RunResult RunReference(ulong tick) => Reference.Machine.Run(tick);

    /// <summary>Runs the second machine as its engine does, mistakes included.</summary>
    public RunResult RunSubject(ulong tick)
    {
        if (_mistake is { } mistake && Subject.Machine.Clock.Now <= mistake.Tick && mistake.Tick < tick)
        {
            RunResult early = Subject.Machine.Run(mistake.Tick);
            if (early.Reason != StopReason.Limit)
                return early;
            mistake.Make(Subject);
        }

        return Subject.Machine.Run(tick);
    }

    /// <summary>Runs the second machine as the first one runs.</summary>
    public RunResult RunSubjectFaithfully(ulong tick)
    {
        Subject.Processor.Engine = EngineKind.Interpreter;
        RunResult result = Subject.Machine.Run(tick);
        Subject.Processor.Engine = _engine;
        return result;
    }

    /// <summary>Runs the second machine with everything translated that can be, hot or not.</summary>
    public RunResult RunSubjectEagerly(ulong tick)
    {
        int usual = Subject.Processor.TranslateAfter;
        Subject.Processor.TranslateAfter = 1;
        RunResult result = RunSubject(tick);
        Subject.Processor.TranslateAfter = usual;
        return result;
    }

    /// <summary>Registers, devices and every frame written since either machine last forgot which ones were.</summary>
    public bool IsEqual =>
        MachineComparison.SameParts(Reference.Machine, Subject.Machine)
        && MachineComparison.SameFrames(Reference.Machine, Subject.Machine, Reference.Machine.Memory.DirtyFrames)
        && MachineComparison.SameFrames(Reference.Machine, Subject.Machine, Subject.Machine.Memory.DirtyFrames)
        && MachineComparison.SameStores(Reference.Machine, Subject.Machine);
}
