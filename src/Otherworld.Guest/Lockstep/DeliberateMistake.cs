using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Lockstep;

/// <summary>Stands for an instruction that one engine gets wrong: it is made again whenever that part of the run is repeated by that engine.</summary>
/// <param name="Tick">Of the instruction.</param>
/// <param name="Make">What goes wrong.</param>
public sealed record DeliberateMistake(ulong Tick, Action<GuestMachine> Make);
