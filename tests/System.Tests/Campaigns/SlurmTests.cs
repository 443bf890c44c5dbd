using System.Diagnostics;
using System.Runtime.Versioning;
using Otherworld.Guest.Campaigns;

namespace System.Tests.Campaigns;

/// <summary>The script that <c>campaign slurm</c> writes, given to a real Slurm: an array on this host gives the rows that one run gives.</summary>
public sealed class SlurmTests
{
    private const int Missing = 77; // of slurm-here.sh

    private string _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("otherworld-slurm-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    [Category("Slow")]
    [UnsupportedOSPlatform("windows")]
    public void An_array_of_shards_gives_the_rows_of_one_run()
    {
        string alone = Path.Combine(_folder, "alone"), array = Path.Combine(_folder, "array"), launcher = Path.Combine(_folder, "launcher");
        foreach (string folder in new[] { alone, array })
            Assert.That(Cli.Run("campaign", "plan", "--app", "counter", "--points", "10", "--out", folder).Status, Is.Zero);
        File.WriteAllText(launcher, $"#!/bin/sh\nexec {string.Join(' ', Cli.Program.Select(word => $"'{word}'"))} \"$@\"\n");
        File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        CliResult script = Cli.Run("campaign", "slurm", array, "--shards", "3", "--workers", "1", "--launcher", launcher);
        Assert.That(script.Status, Is.Zero, script.Error);

        (int status, string said) = Submit(script.Output);
        if (status == Missing)
            Assert.Ignore(said);
        string logs = string.Join('\n', Directory.GetFiles(array, "slurm-*.log").Select(File.ReadAllText));
        Assert.That(status, Is.Zero, said + logs);
        CliResult merged = Cli.Run("campaign", "merge", array);
        Assert.That(merged.Status, Is.Zero, merged.Error + logs);
        Assert.That(new CampaignFolder(array).RowFiles().Count(), Is.EqualTo(3), "each shard has written a file of its own");
        Assert.That(Cli.Run("campaign", "run", alone).Status, Is.Zero);
        Assert.That(Cli.Run("campaign", "merge", alone).Status, Is.Zero);
        Assert.That(File.ReadAllLines(new CampaignFolder(array).MergedFile), Is.EqualTo(File.ReadAllLines(new CampaignFolder(alone).MergedFile)));
    }

    /// <summary>Gives a batch script to a cluster of this host, and waits until all of the array has ended.</summary>
    private (int Status, string Said) Submit(string script)
    {
        ProcessStartInfo start = new("bash", [Path.Combine(AppContext.BaseDirectory, "Campaigns", "slurm-here.sh"), Path.Combine(_folder, "cluster"), "sbatch", "--wait"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
