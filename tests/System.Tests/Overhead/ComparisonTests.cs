using Otherworld.Guest.Elf;
using Otherworld.Guest.Images;
using Otherworld.Guest.Overhead;

namespace System.Tests.Overhead;

/// <summary>The comparison of two kernels sees what is different, and only that.</summary>
[TestFixture]
public sealed class ComparisonTests
{
    private static readonly string Kernel = Images.Otherworld.Path(ImageRoles.VmlinuxDebug);
    private static readonly FunctionTable Functions = new(new ElfFile(FileBytes.Load(Kernel, "kernel")));

    [Test]
    public void A_kernel_is_the_same_as_itself()
    {
        KernelComparison comparison = KernelComparison.Of(Kernel, Kernel);
        Assert.That(comparison.Same, Is.EqualTo(Functions.Functions.Count).And.GreaterThan(10_000));
        Assert.That(comparison.Changed, Is.Empty);
        Assert.That(comparison.Missing, Is.Empty);
        Assert.That(comparison.Added, Is.Empty);
    }

    /// <summary>The first call of <c>do_syscall_64</c> goes one byte further: only where it leads to is another place.</summary>
    [Test]
    public void A_call_of_something_else_is_seen()
    {
        Assert.That(ChangedBy("do_syscall_64", code => Array.IndexOf(code, (byte)0xe8) + 1), Is.EqualTo(["do_syscall_64"]));
    }

    [Test]
    public void Another_instruction_is_seen()
    {
        Assert.That(ChangedBy("vfs_read", _ => 0), Is.EqualTo(["vfs_read"]));
    }

    [Test]
    public void The_document_of_the_patches_names_its_hooks()
    {
        IReadOnlyList<string> hooks = HookList.Read(ImageService.OfThisUser().ReadSource("kernel/README.md"));
        Assert.That(hooks, Does.Contain("panic").And.Contain("page_fault_oops").And.Contain("setup_arch"));
        Assert.That(hooks, Does.Not.Contain("read").And.Not.Contain("write"), "these stand in the column that says why");
    }

    /// <summary>Both kernels, as code and as they run: nothing that a living kernel does for its processes costs an instruction more.</summary>
    [Test, Category("Slow")]
    public void The_patches_cost_nothing()
    {
        OverheadReport report = OverheadRun.Run(ImageService.OfThisUser(), TestContext.Progress.WriteLine);
        Assert.That(report.Problems, Is.Empty);
        Assert.That(report.Paths, Has.Count.GreaterThan(15));
    }

    /// <summary>Adds 1 to a byte of a function in a copy of the kernel, and names the functions that differ.</summary>
    private static string[] ChangedBy(string function, Func<byte[], int> place)
    {
        Assert.That(Functions.TryFind(new FunctionKey("", function, 0), out KernelFunction victim), Is.True);
        byte[] bytes = File.ReadAllBytes(Kernel);
        int at = bytes.AsSpan().IndexOf(victim.Code.Span);
        Assert.That(bytes.AsSpan(at + 1).IndexOf(victim.Code.Span), Is.Negative, "there are two like it");
        bytes[at + place(victim.Code.ToArray())]++;
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            return [.. KernelComparison.Of(Kernel, path).Changed.Select(key => key.Name)];
        }
        finally
        {
            File.Delete(path);
        }
    }
}
