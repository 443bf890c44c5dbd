using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Emu.Core;

/// <summary>Assertions that stay on in Release: a crash beats a wrong result.</summary>
public static class Check
{
    /// <summary>Stops the run when <paramref name="condition"/> does not hold.</summary>
    /// <exception cref="InternalErrorException">The condition is false: a bug of ours.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void That([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
            Fail(what);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fail(string what) => throw new InternalErrorException(what);
}
