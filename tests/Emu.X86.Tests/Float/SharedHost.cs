using Emu.X86.Tests.HostExecution;

namespace Emu.X86.Tests.Float;

/// <summary>One <see cref="HostCode"/> for the tests of this folder, reset on each use; they do not run in parallel.</summary>
internal static class SharedHost
{
    private static readonly Lazy<HostCode> Instance = new(() => new HostCode());

    internal static HostCode Code
    {
        get
        {
            if (!HostCode.IsSupported)
                Assert.Ignore("The host is not x86-64 Linux: nothing to compare with.");
            Instance.Value.Reset();
            return Instance.Value;
        }
    }
}
