namespace Emu.Core.Machine;

/// <summary>Is told each input before the machine sees it; snapshot and journal together replay a run.</summary>
public interface IInputJournal
{
    /// <summary>Notes an input that is about to be applied at its tick.</summary>
    void Record(in InputEvent input);
}
