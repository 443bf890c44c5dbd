namespace System.Tests.Demo;

/// <summary><c>--protected</c> on the command line: whose kernel dies, and what is refused.</summary>
[TestFixture]
public sealed class ProtectedTests
{
    [Test]
    public void It_is_refused_without_an_application()
    {
        CliResult result = Cli.Run("demo", "--protected");
        Assert.That((result.Status, result.Output), Is.EqualTo((2, "")));
        Assert.That(result.Error, Does.Contain("--app"));
    }

    [Test]
    public void It_is_refused_with_an_image_of_ones_own()
    {
        CliResult result = Cli.Run("demo", "--protected", "--app", "vi", "--image", "somewhere");
        Assert.That((result.Status, result.Output), Is.EqualTo((2, "")));
        Assert.That(result.Error, Does.Contain("--image"));
    }

    /// <summary>Needs an image that no other fast test does.</summary>
    [Test, Category("Slow")]
    public void The_kernel_that_dies_is_that_of_protected_mode()
    {
        string folder = Directory.CreateTempSubdirectory("otherworld-demo-").FullName;
        try
        {
            CliResult result = Cli.Run("demo", "--app", "vi", "--protected", "--seed", "2", "--out", folder, "--json");
            Assert.That((result.Status, result.Json("verdict"), result.Json("image")), Is.EqualTo((0, "resurrected", Images.Protected.Identity)), result.Error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
