using Emu.Core.Machine;

namespace Otherworld.Guest.Lockstep;

/// <summary>Keeps what the first machine was given, so that the second can be given the same at the same ticks.</summary>
/// <param name="next">See <see cref="Next"/>.</param>
internal sealed class InputTap(IInputJournal? next) : IInputJournal
{
    /// <summary>The journal that was there before.</summary>
    public IInputJournal? Next { get; } = next;

    /// <summary>In the order in which they were applied.</summary>
    public List<InputEvent> Inputs { get; } = [];

    /// <inheritdoc/>
    public void Record(in InputEvent input, bool settled)
    {
        Next?.Record(input, settled);
        Inputs.Add(input);
    }
}
