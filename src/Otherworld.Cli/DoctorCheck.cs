namespace Otherworld.Cli;

/// <summary>One line of <c>doctor</c>.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Ok">It is as wanted.</param>
/// <param name="Needed">Without it something described in the README does not work.</param>
/// <param name="Found">What is there.</param>
/// <param name="Fix">What to do about it; empty when nothing is to be done.</param>
internal sealed record DoctorCheck(string Name, bool Ok, bool Needed, string Found, string Fix);
