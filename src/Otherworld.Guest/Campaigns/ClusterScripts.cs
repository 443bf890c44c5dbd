using System.Globalization;

namespace Otherworld.Guest.Campaigns;

/// <summary>What starts the shards of a campaign on many machines. A shard is idempotent: whatever is started again goes on where it was.</summary>
public static class ClusterScripts
{
    /// <summary>A batch script for Slurm: an array with one task a shard (sbatch(1)).</summary>
    /// <param name="folder">The campaign's folder, as all nodes see it.</param>
    /// <param name="shards">How many.</param>
    /// <param name="processors">Of each task.</param>
    /// <param name="launcher">The launcher, as all nodes see it.</param>
    public static string Slurm(string folder, int shards, int processors, string launcher) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        #!/bin/bash
        #SBATCH --job-name=otherworld
        #SBATCH --array=1-{shards}
        #SBATCH --cpus-per-task={processors}
        #SBATCH --mem={((processors + 1) * 512) + 1024}M
        #SBATCH --requeue
        #SBATCH --signal=TERM@60
        #SBATCH --output={folder}/slurm-%a.log
        # ./otherworld campaign merge {folder} puts the results together afterwards.
        exec '{launcher}' campaign run '{folder}' --shard "$SLURM_ARRAY_TASK_ID/{shards}" --workers {processors}

        """);

    /// <summary>An Indexed Job for Kubernetes (batch/v1), one pod a shard.</summary>
    /// <param name="folder">The campaign's folder on the claim, which is mounted at /campaign.</param>
    /// <param name="shards">How many.</param>
    /// <param name="processors">Of each pod.</param>
    /// <param name="image">Container image with this program and its guest images.</param>
    /// <param name="claim">Name of the PersistentVolumeClaim that all pods share.</param>
    public static string Kubernetes(string folder, int shards, int processors, string image, string claim) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: otherworld-campaign
        spec:
          completionMode: Indexed
          completions: {shards}
          parallelism: {shards}
          backoffLimit: {shards * 3}
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: shard
                  image: {image}
                  command: ["/bin/sh", "-c", "exec /otherworld/otherworld campaign run /campaign/{folder} --shard $((JOB_COMPLETION_INDEX + 1))/{shards} --workers {processors}"]
                  resources:
                    requests:
                      cpu: "{processors}"
                      memory: {((processors + 1) * 512) + 1024}Mi
                  volumeMounts:
                    - name: campaign
                      mountPath: /campaign
              volumes:
                - name: campaign
                  persistentVolumeClaim:
                    claimName: {claim}

        """);
}
