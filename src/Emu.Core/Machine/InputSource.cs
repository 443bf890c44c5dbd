namespace Emu.Core.Machine;

/// <summary>Where an input enters the machine.</summary>
public enum InputSource : byte
{
    /// <summary>The line of COM1 to COM4.</summary>
    Serial0,

    /// <inheritdoc cref="Serial0"/>
    Serial1,

    /// <inheritdoc cref="Serial0"/>
    Serial2,

    /// <inheritdoc cref="Serial0"/>
    Serial3,

    /// <summary>Scan codes of the keyboard.</summary>
    Keyboard,

    /// <summary>The NMI button; no bytes.</summary>
    Nmi,

    /// <summary>The power button; no bytes.</summary>
    PowerButton,

    /// <summary>RAM itself, past the processor: an injected fault. The bytes are a <see cref="MemoryPatch"/>.</summary>
    Memory,

    /// <summary>The cable of the first to fourth network card. The bytes are one Ethernet frame.</summary>
    Network0,

    /// <inheritdoc cref="Network0"/>
    Network1,

    /// <inheritdoc cref="Network0"/>
    Network2,

    /// <inheritdoc cref="Network0"/>
    Network3,

    /// <summary>The line of the virtio console (hvc0).</summary>
    VirtioConsole,

    /// <summary>A register of the processor: an injected fault, or what a debugger writes. The bytes are a <see cref="RegisterPatch"/>.</summary>
    Register,
}
