using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Protection;

/// <summary>One application's load under both kernels.</summary>
/// <param name="App">The application.</param>
/// <param name="Default">Under the kernel of the image <c>debian</c>.</param>
/// <param name="Protected">Under that of the image <c>protected</c>.</param>
public sealed record ProtectionCost(DemoApp App, LoadCount Default, LoadCount Protected)
{
    /// <summary>Instructions more, as a part of those by default.</summary>
    public double InstructionShare => More(Default.Instructions, Protected.Instructions);

    /// <summary>Estimated cycles more, as a part of those by default.</summary>
    public double Share => More(Default.Cycles, Protected.Cycles);

    private static double More(double before, double after) => (after - before) / before;
}
