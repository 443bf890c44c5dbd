using Emu.Core.Machine;

namespace Otherworld.Guest.Worlds;

/// <summary>A file that is typed on the first serial line of a machine, as fast as the line takes it.</summary>
/// <param name="machine">The machine.</param>
/// <param name="text">The file.</param>
internal sealed class TypedInput(PcMachine machine, ReadOnlyMemory<byte> text)
{
    private readonly PcMachine _machine = machine;
    private ReadOnlyMemory<byte> _left = text;

    /// <summary>Types what there is room for, at the present tick.</summary>
    public void Type()
    {
        if (_machine.PendingInputs > 0)
            return; // somebody else is typing: the room is theirs
        int count = Math.Min(_left.Length, _machine.LineRoom(InputSource.Serial0));
        if (count == 0)
            return;
        _machine.Inject(InputSource.Serial0, _left[..count]);
        _left = _left[count..];
    }
}
