using System.Diagnostics;
using k8s;
using k8s.Models;
using Otherworld.Guest.Campaigns;

namespace Otherworld.Guest.Tests.Campaigns;

/// <summary>What starts shards on clusters: the job by the API's own models (batch/v1, as the Kubernetes project's client has them), the commands by running them.</summary>
[TestFixture]
public sealed class ClusterScriptTests
{
    private const int Shards = 8;

    [Test]
    public void The_Kubernetes_job_has_only_fields_that_the_API_knows_and_all_that_it_requires()
    {
        V1JobSpec spec = Job(ClusterScripts.Kubernetes("c1", Shards, 4, "registry/otherworld:1", "shared")).Spec;
        V1PodSpec pod = spec.Template.Spec;
        V1Container container = pod.Containers.Single();
        Assert.Multiple(() =>
        {
            Assert.That((spec.CompletionMode, spec.Completions, spec.Parallelism), Is.EqualTo(("Indexed", (int?)Shards, (int?)Shards)));
            Assert.That(spec.BackoffLimit, Is.GreaterThanOrEqualTo(Shards), "a shard that was evicted is started again");
            Assert.That(pod.RestartPolicy, Is.EqualTo("Never").Or.EqualTo("OnFailure"), "a job's pods have no other");
            Assert.That((container.Name, container.Image), Is.EqualTo(("shard", "registry/otherworld:1")));
            Assert.That(container.Resources.Requests["cpu"].ToDecimal(), Is.EqualTo(4));
            Assert.That(container.Resources.Requests["memory"].ToDecimal(), Is.EqualTo(((5 * 512) + 1024) * 1048576m), "(n + 1) guests and 1 GiB");
            Assert.That(container.VolumeMounts.Select(mount => mount.Name), Is.EqualTo(pod.Volumes.Select(volume => volume.Name)));
            Assert.That(pod.Volumes.Single().PersistentVolumeClaim.ClaimName, Is.EqualTo("shared"));
        });
    }

    [TestCase("  backoffLimit:", "  backOffLimit:")]
    [TestCase("  completions: 8", "  completions: many")]
    [TestCase("      restartPolicy: Never", "      restartpolicy: Never")]
    public void A_field_that_is_none_is_found(string right, string wrong)
    {
        string text = ClusterScripts.Kubernetes("c1", Shards, 4, "image", "claim");
        Assert.That(text, Does.Contain(right));
        Assert.That(() => Job(text.Replace(right, wrong, StringComparison.Ordinal)), Throws.Exception);
    }

    [TestCase(0), TestCase(Shards - 1)]
    public void Each_pod_runs_the_shard_of_its_index(int index)
    {
        V1Container container = Job(ClusterScripts.Kubernetes("c1", Shards, 4, "image", "claim")).Spec.Template.Spec.Containers.Single();
        string script = container.Command[2].Replace("exec /otherworld/otherworld", "echo", StringComparison.Ordinal);
        Assert.That(Shell(container.Command[0], ["-c", script], "JOB_COMPLETION_INDEX", index), Is.EqualTo($"campaign run /campaign/c1 --shard {index + 1}/{Shards} --workers 4"));
    }

    [Test]
    public void Each_task_of_the_Slurm_array_runs_its_shard()
    {
        string script = ClusterScripts.Slurm("/data/c 1", Shards, 4, "/opt/other world/otherworld");
        Assert.That(script, Does.StartWith("#!/bin/bash\n#SBATCH ").And.Contain("\n#SBATCH --array=1-8\n").And.Contain("\n#SBATCH --mem=3584M\n"));
        Assert.That(Shell("/bin/bash", ["-c", script.Replace("exec ", "echo ", StringComparison.Ordinal)], "SLURM_ARRAY_TASK_ID", 3), Is.EqualTo("/opt/other world/otherworld campaign run /data/c 1 --shard 3/8 --workers 4"));
    }

    private static V1Job Job(string text)
    {
        V1Job job = KubernetesYaml.Deserialize<V1Job>(text, strict: true);
        Assert.That((job.ApiVersion, job.Kind), Is.EqualTo(($"{V1Job.KubeGroup}/{V1Job.KubeApiVersion}", V1Job.KubeKind)));
        return job;
    }

    private static string Shell(string shell, string[] arguments, string variable, int value)
    {
        ProcessStartInfo start = new(shell, arguments) { RedirectStandardOutput = true };
        start.Environment[variable] = value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return said;
    }
}
