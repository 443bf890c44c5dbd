namespace Emu.Core.Host;

/// <summary>A way out of a machine that can be shut, so that a run that is repeated says nothing twice.</summary>
public interface ISwitch
{
    /// <summary>Whether what the machine says is passed on, or dropped.</summary>
    bool IsOn { get; set; }
}
