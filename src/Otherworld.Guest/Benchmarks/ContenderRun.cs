using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Otherworld.Guest.Benchmarks;

/// <summary>One process of a contender: started, listened to, ended. Time is read when a line arrives, so start and end of an item are late by the same little.</summary>
internal sealed class ContenderRun
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(120);
    private const int WordsKept = 12;

    private readonly ProcessStartInfo _command;
    private readonly TimeProvider _time;
    private readonly bool _tellsTime;
    private readonly List<BenchSample> _samples = [];
    private readonly Queue<string> _lastWords = new();
    private string? _failure;

    /// <param name="command">The process to start.</param>
    /// <param name="time">The host's clock.</param>
    /// <param name="tellsTime">Its ticks are nanoseconds, and are believed.</param>
    internal ContenderRun(ProcessStartInfo command, TimeProvider time, bool tellsTime)
    {
        _command = command;
        _time = time;
        _tellsTime = tellsTime;
        command.RedirectStandardInput = true;
        command.RedirectStandardOutput = true;
        command.RedirectStandardError = true;
    }

    /// <summary>Every item that was finished, in order.</summary>
    internal IReadOnlyList<BenchSample> Samples => _samples;

    /// <summary>From the start of the process to the bench program's first word; null if it never spoke.</summary>
    internal double? ReadySeconds { get; private set; }

    /// <summary>Why it ended before it was done; null when it was done.</summary>
    internal string? Failure => _failure;

    /// <summary>Bytes of host memory the process held at the end, apart from the guest's RAM.</summary>
    internal long? OwnMemory { get; private set; }

    /// <summary>Runs it to its end.</summary>
    /// <param name="guestMemory">Bytes of the guest's RAM.</param>
    internal void Run(ulong guestMemory)
    {
        long start = _time.GetTimestamp();
        try
        {
            using Process process = Process.Start(_command)!;
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => End(process));
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, line) => Keep(line.Data);
            process.BeginErrorReadLine();
            Listen(process, start);
            OwnMemory = ProcessMemory.WithoutGuest(process.Id, guestMemory);
            End(process);
            process.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            _failure = $"'{_command.FileName}' does not start: {problem.Message}";
        }

        if (_failure is { } reason && LastWords() is { Length: > 0 } words)
            _failure = $"{reason}; it said: {words}";
    }

    private void Listen(Process process, long start)
    {
        // A contender that hangs is killed; the end of its output then ends the loop.
        using ITimer guard = _time.CreateTimer(_ => End(process), null, LongestSilence, Timeout.InfiniteTimeSpan);
        long itemStart = start;
        while (process.StandardOutput.ReadLine() is { } text)
        {
            long now = _time.GetTimestamp();
            BenchLine line = BenchLine.Parse(text);
            if (line.Kind == BenchLineKind.Other)
            {
                Keep(text);
                continue;
            }

            guard.Change(LongestSilence, Timeout.InfiniteTimeSpan);
            switch (line.Kind)
            {
                case BenchLineKind.Ready:
                    ReadySeconds = _time.GetElapsedTime(start, now).TotalSeconds;
                    break;
                case BenchLineKind.Started:
                    itemStart = now;
                    break;
                case BenchLineKind.Finished:
                    double seconds = _tellsTime ? line.Ticks / 1e9 : _time.GetElapsedTime(itemStart, now).TotalSeconds;
                    _samples.Add(new BenchSample(line.Name, seconds, line.Result, _tellsTime ? 0 : line.Ticks));
                    break;
                case BenchLineKind.Failed:
                    _failure = line.Name;
                    return;
                default:
                    return;
            }
        }

        bool silent = _time.GetElapsedTime(itemStart) >= LongestSilence;
        _failure = silent ? $"silent for {LongestSilence.TotalSeconds:F0} s" : "it ended by itself";
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself in the meantime.
        }
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_lastWords)
        {
            _lastWords.Enqueue(line.Trim());
            if (_lastWords.Count > WordsKept)
                _lastWords.Dequeue();
        }
    }

    /// <summary>The line of a kernel's panic if there is one, otherwise the last line.</summary>
    private string LastWords()
    {
        lock (_lastWords)
            return _lastWords.FirstOrDefault(line => line.Contains("panic", StringComparison.OrdinalIgnoreCase)) ?? _lastWords.LastOrDefault() ?? "";
    }
}
