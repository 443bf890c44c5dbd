using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Tracing;

/// <summary>
/// A trace for Perfetto (ui.perfetto.dev), in its own format: a sequence of TracePackets with TrackEvents. Field numbers are those of Perfetto's published
/// trace_packet.proto, track_event.proto, track_descriptor.proto and interned_data.proto. Times are ns of guest time.
/// </summary>
/// <param name="output">Where to.</param>
public sealed class PerfettoTrace(Stream output) : ITraceWriter
{
    private const ulong Sequence = 1;
    private const ulong ProcessorTrack = 1;
    private const ulong PhaseTrack = 2;
    private const ulong MarkTrack = 3;
    private const ulong IdleTrack = 4;
    private const ulong FirstTaskTrack = 1UL << 32;
    private const ulong SliceBegin = 1;
    private const ulong SliceEnd = 2;
    private const ulong Instant = 3;

    private readonly Stream _output = output;
    private readonly ProtoWriter _packet = new();
    private readonly Dictionary<string, ulong> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<int, TaskName> _tracks = [];
    private bool _started;
    private bool _isRunning;

    /// <inheritdoc/>
    public void Switch(TaskName from, TaskName to, Moment when)
    {
        if (_isRunning)
            Event(SliceEnd, ProcessorTrack, null, null, "", when);
        _isRunning = to.Pid != 0;
        if (_isRunning)
            Event(SliceBegin, ProcessorTrack, "sched", to.ToString(), "", when);
    }

    /// <inheritdoc/>
    public void Begin(TraceSlice slice) => Event(SliceBegin, TrackOf(slice), TextTrace.Word(slice.Category), slice.Name, slice.Detail, slice.Start);

    /// <inheritdoc/>
    public void End(TraceSlice slice, string detail, Moment when) => Event(SliceEnd, slice.Category == TraceCategory.Phase ? PhaseTrack : TrackOf(slice.Task.Pid), null, null, detail, when);

    /// <inheritdoc/>
    public void Point(TraceCategory category, TaskName task, string name, string detail, Moment when) =>
        Event(Instant, category == TraceCategory.Mark ? MarkTrack : TrackOf(task), TextTrace.Word(category), name, detail, when);

    /// <inheritdoc/>
    public void Span(TraceSlice slice, Moment end)
    {
        Begin(slice);
        End(slice, "", end);
    }

    /// <inheritdoc/>
    public void Finish(Moment when)
    {
        if (_isRunning)
            Event(SliceEnd, ProcessorTrack, null, null, "", when);
        _output.Flush();
    }

    private ulong TrackOf(TraceSlice slice) => slice.Category == TraceCategory.Phase ? PhaseTrack : TrackOf(slice.Task);

    private static ulong TrackOf(int pid) => pid == 0 ? IdleTrack : FirstTaskTrack + (ulong)pid;

    /// <summary>The track of a task, which is described when it is new or has another name.</summary>
    private ulong TrackOf(TaskName task)
    {
        ulong track = TrackOf(task.Pid);
        if (track == IdleTrack)
            return track;
        if (_tracks.TryGetValue(task.Pid, out TaskName known) && known == task)
            return track;
        _tracks[task.Pid] = task;
        int packet = OpenPacket();
        int descriptor = _packet.Open(60); // TracePacket.track_descriptor
        _packet.Number(1, track);
        int thread = _packet.Open(4); // TrackDescriptor.thread
        _packet.Number(1, (ulong)task.Tgid);
        _packet.Number(2, (ulong)task.Pid);
        _packet.Text(5, task.Comm);
        _packet.Close(thread);
        _packet.Close(descriptor);
        ClosePacket(packet);
        if (task.Tgid != task.Pid)
            return track;
        packet = OpenPacket();
        descriptor = _packet.Open(60);
        _packet.Number(1, track + FirstTaskTrack);
        int process = _packet.Open(3); // TrackDescriptor.process
        _packet.Number(1, (ulong)task.Tgid);
        _packet.Text(6, task.Comm);
        _packet.Close(process);
        _packet.Close(descriptor);
        ClosePacket(packet);
        return track;
    }

    private void Event(ulong type, ulong track, string? category, string? name, string detail, Moment when)
    {
        Start();
        int packet = OpenPacket();
        _packet.Number(8, when.VtimeNs); // TracePacket.timestamp
        _packet.Number(13, 2); // TracePacket.sequence_flags: SEQ_NEEDS_INCREMENTAL_STATE
        ulong id = name is null ? 0 : Intern(name);
        int body = _packet.Open(11); // TracePacket.track_event
        _packet.Number(9, type);
        _packet.Number(11, track);
        if (name is not null)
            _packet.Number(10, id);
        if (category is not null)
            _packet.Text(22, category);
        if (detail.Length != 0)
            Annotate(type == SliceEnd ? "result" : "detail", detail);
        if (type != SliceEnd)
            Annotate("icount", when.Icount);
        _packet.Close(body);
        ClosePacket(packet);
    }

    /// <summary>The number that stands for a name; said once.</summary>
    private ulong Intern(string name)
    {
        if (_names.TryGetValue(name, out ulong id))
            return id;
        id = (ulong)_names.Count + 1;
        _names[name] = id;
        int data = _packet.Open(12); // TracePacket.interned_data
        int entry = _packet.Open(2); // InternedData.event_names
        _packet.Number(1, id);
        _packet.Text(2, name);
        _packet.Close(entry);
        _packet.Close(data);
        return id;
    }

    private void Annotate(string name, string value)
    {
        int annotation = _packet.Open(4); // TrackEvent.debug_annotations
        _packet.Text(10, name);
        _packet.Text(6, value);
        _packet.Close(annotation);
    }

    private void Annotate(string name, ulong value)
    {
        int annotation = _packet.Open(4);
        _packet.Text(10, name);
        _packet.Number(3, value);
        _packet.Close(annotation);
    }

    private void Start()
    {
        if (_started)
            return;
        _started = true;
        foreach ((ulong track, string name) in ((ulong, string)[])[(ProcessorTrack, "CPU 0"), (PhaseTrack, "death and resurrection"), (MarkTrack, "marks"), (IdleTrack, "idle task")])
        {
            int packet = OpenPacket();
            if (track == ProcessorTrack)
                _packet.Number(13, 1); // SEQ_INCREMENTAL_STATE_CLEARED
            int descriptor = _packet.Open(60);
            _packet.Number(1, track);
            _packet.Text(2, name);
            _packet.Close(descriptor);
            ClosePacket(packet);
        }
    }

    private int OpenPacket()
    {
        _packet.Clear();
        int packet = _packet.Open(1); // Trace.packet
        _packet.Number(10, Sequence); // TracePacket.trusted_packet_sequence_id
        return packet;
    }

    private void ClosePacket(int packet)
    {
        _packet.Close(packet);
        _output.Write(_packet.Written);
    }
}
