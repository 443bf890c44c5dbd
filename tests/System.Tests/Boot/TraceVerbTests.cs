using System.Text.Json;
using Emu.X86;
using Otherworld.Guest.Images;

namespace System.Tests.Boot;

/// <summary><c>trace --blocks</c> shows guest and host code of real blocks, and the same ones each time.</summary>
public sealed class TraceVerbTests
{
    private static readonly string[] Limit = ["--limit", "40_000_000i"];

    [Test]
    public void The_hottest_blocks_of_a_boot_stand_first_with_their_code()
    {
        if (!EngineSupport.CanTranslate)
            Assert.Ignore($"{EngineSupport.WhyNoTranslator}: nothing to show.");
        CliResult first = Trace(["--json", .. Limit]), second = Trace(["--json", .. Limit]);
        Assert.That(first.Status, Is.Zero, first.Error);
        using var report = JsonDocument.Parse(first.Output);
        using var again = JsonDocument.Parse(second.Output);
        JsonElement[] blocks = [.. report.RootElement.GetProperty("blocks").EnumerateArray()];
        int[] samples = [.. blocks.Select(block => block.GetProperty("samples").GetInt32())];
        Assert.Multiple(() =>
        {
            Assert.That(report.RootElement.GetProperty("icount").GetUInt64(), Is.EqualTo(40_000_000));
            Assert.That(blocks, Has.Length.EqualTo(10));
            Assert.That(samples, Is.Ordered.Descending.And.All.Positive);
            Assert.That(blocks.Select(Rip), Is.EqualTo(again.RootElement.GetProperty("blocks").EnumerateArray().Select(Rip)));
            foreach (JsonElement block in blocks)
            {
                JsonElement[] instructions = [.. block.GetProperty("instructions").EnumerateArray()];
                Assert.That(instructions[0].GetProperty("guest").GetString(), Is.EqualTo("(ticks)"));
                Assert.That(instructions, Has.Length.GreaterThan(1));
                // A hint such as PAUSE has no host code; a block of hints only does not exist.
                Assert.That(instructions.Skip(1).Sum(one => one.GetProperty("host").GetArrayLength()), Is.Positive, Rip(block));
            }
        });
    }

    [Test]
    public void Wrong_uses_are_explained()
    {
        CliResult interpreter = Trace(["--engine", "interpreter", "--blocks", "--limit", "1000"]);
        Assert.Multiple(() =>
        {
            Assert.That(interpreter.Status, Is.EqualTo(2));
            Assert.That(interpreter.Error, Does.Contain("there is no host code to show"));
            Assert.That(Cli.Run("trace", "--kernel", Images.Otherworld.Path(ImageRoles.Vmlinux), "--limit", "1000").Error, Does.Contain("--blocks"));
            Assert.That(Cli.Run("trace", "--kernel", Images.Otherworld.Path(ImageRoles.Vmlinux), "--blocks").Error, Does.Contain("--limit"));
        });
    }

    private static string Rip(JsonElement block) => block.GetProperty("rip").GetString()!;

    private static CliResult Trace(string[] more) =>
        Cli.Run(["trace", "--blocks", "--kernel", Images.Otherworld.Path(ImageRoles.Vmlinux), "--append", "console=ttyS0", .. more]);
}
