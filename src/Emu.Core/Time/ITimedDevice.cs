namespace Emu.Core.Time;

/// <summary>A device that asks to be called at a tick.</summary>
public interface ITimedDevice
{
    /// <summary>Called when the tick that was scheduled has come. <see cref="MachineClock.Now"/> is exactly that tick.</summary>
    /// <param name="timer">Which of the device's timers, as given to <see cref="EventQueue.Schedule"/>.</param>
    void OnTimer(int timer);
}
