using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Tracing;

/// <summary>Something of a task's that has begun. Those of a task end in the opposite order.</summary>
/// <param name="Category">What it is.</param>
/// <param name="Task">Whose.</param>
/// <param name="Name">As the kernel calls it.</param>
/// <param name="Detail">Arguments; may be empty.</param>
/// <param name="Start">When.</param>
public sealed record TraceSlice(TraceCategory Category, TaskName Task, string Name, string Detail, Moment Start);
