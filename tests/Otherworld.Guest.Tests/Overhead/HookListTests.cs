using Otherworld.Guest.Overhead;

namespace Otherworld.Guest.Tests.Overhead;

/// <summary>The table of patches names the functions that may differ.</summary>
[TestFixture]
public sealed class HookListTests
{
    [Test]
    public void Functions_in_the_column_of_hooks_count_and_nothing_else()
    {
        const string text = """
            The hooks are not in `do_fork()`.

            | patch | hook | why there |
            |---|---|---|
            | 0003 crash-path | first statement of `panic()`, `die()` | ahead of `printk()` |
            | 0006 tty-input | none: two functions at the end of `n_tty.c` | private |
            """;
        Assert.That(HookList.Read(text), Is.EqualTo(["die", "panic"]));
    }
}
