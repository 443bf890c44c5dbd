using CsCheck;
using Emu.Core;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Tests.Boot;

public sealed class QuantityTests
{
    [TestCase("512M", 512UL << 20)]
    [TestCase("1g", 1UL << 30)]
    [TestCase("2GiB", 2UL << 30)]
    [TestCase("4096", 4096UL)]
    [TestCase("1_024K", 1UL << 20)]
    public void Sizes_are_powers_of_1024(string text, ulong wanted) => Assert.That(Quantity.ParseSize(text), Is.EqualTo(wanted));

    [TestCase("12_000_000", 12_000_000UL, false)]
    [TestCase("12_000_000i", 12_000_000UL, false)]
    [TestCase("250ms", 250_000_000UL, true)]
    [TestCase("3s", 3_000_000_000UL, true)]
    [TestCase("1ns", 1UL, true)]
    public void A_bare_limit_counts_instructions_and_a_suffix_means_guest_time(string text, ulong value, bool isTime) =>
        Assert.That(Quantity.ParseLimit(text), Is.EqualTo(new RunLimit(value, isTime)));

    [TestCase("")]
    [TestCase("M")]
    [TestCase("-1M")]
    [TestCase("1.5G")]
    [TestCase("12 M")]
    [TestCase("512X")]
    [TestCase("99999999999G")]
    [TestCase("99999999999999999999")]
    public void Anything_else_is_refused(string text) => Assert.Throws<OtherworldException>(() => Quantity.ParseSize(text));

    [Test]
    public void What_is_written_is_read_back() => Gen.ULong.Sample(value =>
        Quantity.ParseSize(Quantity.FormatSize(value)) == value && Quantity.ParseTime(Quantity.FormatTime(value)) == value);

    [Test]
    public void Any_text_is_read_or_refused_with_advice() => Gen.String.Sample(text =>
    {
        foreach (Action<string> parse in new Action<string>[] { t => Quantity.ParseSize(t), t => Quantity.ParseTime(t), t => Quantity.ParseLimit(t) })
        {
            try
            {
                parse(text);
            }
            catch (OtherworldException)
            {
            }
        }
    });
}
