using Otherworld.Guest.Overhead;

namespace Otherworld.Guest.Tests.Overhead;

/// <summary>Functions of two kernels that are not as they should be.</summary>
[TestFixture]
public sealed class OverheadReportTests
{
    /// <param name="changed">Differs in the kernel with the patches.</param>
    /// <param name="missing">Is not in it.</param>
    /// <param name="problem">What is said; null for nothing.</param>
    [TestCase("panic", null, null)]
    [TestCase("vfs_read", null, "vfs_read differs")]
    [TestCase("panic", "panic.cold", null, TestName = "a hook and its rare part are one now")]
    [TestCase("panic", "vfs_read", "vfs_read is missing")]
    [TestCase("panic", "vfs_read.cold", "vfs_read.cold is missing")]
    [TestCase(null, "panic", "panic is missing")]
    [TestCase(null, "panic.cold", "panic does not differ")]
    public void Only_hooks_may_differ(string? changed, string? missing, string? problem)
    {
        KernelComparison comparison = new(20_000, Keys(changed), Keys(missing), []);
        IReadOnlyList<string> problems = new OverheadReport("patched", "unpatched", ["panic"], comparison, []).Problems;
        Assert.That(problems, problem is null ? Is.Empty : Has.Some.StartsWith(problem));
    }

    private static FunctionKey[] Keys(string? name) => name is null ? [] : [new FunctionKey("", name, 0)];
}
