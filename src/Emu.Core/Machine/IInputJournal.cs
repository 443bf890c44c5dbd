namespace Emu.Core.Machine;

/// <summary>Is told each input before the machine sees it; snapshot and journal together replay a run.</summary>
public interface IInputJournal
{
    /// <summary>Notes an input that is about to be applied at its tick.</summary>
    /// <param name="input">The input.</param>
    /// <param name="settled">It came when the events due at its tick had fired already; otherwise it comes before them.</param>
    void Record(in InputEvent input, bool settled);
}
