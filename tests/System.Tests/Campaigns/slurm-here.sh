#!/bin/bash
# slurm-here.sh DIR CMD...: runs CMD beside a Slurm cluster of this host alone, whose parts live in DIR and end with it.
# Debian's packages: apt-get install slurmctld slurmd slurm-client munge. Status 77 when they are not there.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch scontrol; do
	command -v "$program" >/dev/null || { echo "$program is not installed: apt-get install slurmctld slurmd slurm-client munge" >&2; exit 77; }
done
dir=$(realpath "$1")
shift
user=$(id -un) host=$(hostname -s) started=()
mkdir -p "$dir"/{munge,state,spool}
chmod 0711 "$dir" "$dir/munge" # munged refuses a socket that others cannot reach

stop() {
	for ((i = ${#started[@]} - 1; i >= 0; i--)); do
		kill "${started[i]}" 2>/dev/null || true
		wait "${started[i]}" 2>/dev/null || true
	done
}
trap stop EXIT

head -c 1024 /dev/urandom >"$dir/munge/key"
chmod 0400 "$dir/munge/key"
munged --foreground --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" --pid-file="$dir/munge/pid" \
	--log-file="$dir/munge/log" --seed-file="$dir/munge/seed" >"$dir/munged.out" 2>&1 &
started+=($!)

# Two ports nobody listens at.
free_port() { local port; while port=$((20000 + RANDOM % 20000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done; echo "$port"; }
cat >"$dir/slurm.conf" <<EOF
ClusterName=here
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=65536 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
EOF
export SLURM_CONF=$dir/slurm.conf
for ((i = 0; i < 100; i++)); do
	[[ -S $dir/munge/socket ]] && break
	sleep 0.1
done
slurmctld -D -f "$SLURM_CONF" >"$dir/slurmctld.out" 2>&1 &
started+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" >"$dir/slurmd.out" 2>&1 &
started+=($!)
for ((i = 0; ; i++)); do
	state=$(sinfo -h -o %t 2>/dev/null || true)
	[[ $state == idle || $state == mix ]] && break
	if ((i == 300)); then
		echo "the cluster does not start: node is '$state'" >&2
		tail -n 5 "$dir"/*.out >&2
		exit 1
	fi
	sleep 0.2
done
"$@"
