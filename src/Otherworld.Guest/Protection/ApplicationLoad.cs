using Emu.Core;
using Emu.X86;
using Emu.X86.Paging;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Protection;

/// <summary>The same work for one application under any kernel, and what it costs.</summary>
/// <remarks>
/// A server answers requests of a client that is a new process for each, as in the demo; an editor is started, takes a text, saves it and ends. One round
/// before warms up. The interpreter runs all of it.
/// </remarks>
internal sealed class ApplicationLoad : IDisposable
{
    /// <summary>Requests of a round, and texts of one.</summary>
    internal const int Requests = 10;
    internal const int Texts = 3;

    private const ulong Patience = 4_000_000_000;
    private const string Text = "All work and no play makes a kernel a dull process, says the one that outlives it: a text of some length for an editor, with an end!";

    private readonly DemoRun _run;
    private readonly DemoApp _app;
    private readonly GuestShell _shell;

    /// <param name="image">Its kernel, and the application.</param>
    /// <param name="app">Which.</param>
    internal ApplicationLoad(GuestImage image, DemoApp app)
    {
        _app = app;
        _run = new DemoRun(new DemoOptions { Image = image, App = app, Engine = EngineKind.Interpreter });
        _shell = new GuestShell(_run.Console, 0);
    }

    /// <summary>Boots, warms up, and counts one round.</summary>
    /// <exception cref="OtherworldException">The guest does not do its work (exit 1).</exception>
    internal LoadCount Measure()
    {
        if ((_run.Boot() ?? _run.StartPrograms()) is { } problem)
            throw Failed(problem);
        Round(0);
        TlbModel model = new();
        Mmu mmu = _run.Console.Guest.Processor.Mmu;
        mmu.Model = model;
        ulong start = _run.Console.Now.Icount;
        ulong end = Round(1);
        mmu.Model = null;
        return new LoadCount(end - start, model.Counts);
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    /// <summary>One round.</summary>
    /// <returns>The instruction count at its end.</returns>
    private ulong Round(int round) => DemoApps.IsServer(_app) ? Serve(round) : Edit(round);

    private ulong Serve(int round)
    {
        string list = string.Join(' ', Enumerable.Range(1, Requests));
        return Wait($"for i in {list}; do {DemoApps.ServerOf(_app).Request}; done >/work/answers-{round}; wc -l </work/answers-{round} | sed s/^/answered-/\n", $"answered-{Requests}");
    }

    private ulong Edit(int round)
    {
        Editor editor = DemoApps.EditorOf(_app);
        ulong end = 0;
        for (int text = 0; text < Texts; text++)
        {
            Wait($"{editor.Command} /work/text-{round}-{text}\n", editor.Ready);
            Wait(editor.Begin + Text, Text[^1..]);
            end = Wait(editor.Save, GuestShell.Prompt);
        }

        return end;
    }

    private ulong Wait(string keys, string text)
    {
        int said = _shell.Said.Length;
        if (!_run.Console.Type(0, keys) || _run.Console.WaitFor(_shell.Said, said, text, Patience) is not { } moment)
            throw Failed($"it does not come to '{text}'");
        return moment.Icount;
    }

    private OtherworldException Failed(string problem) => new($"{DemoApps.Name(_app)} does not do its work: {problem}", 1);
}
