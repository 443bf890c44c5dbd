// witness: who a process is and what it may do.
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "witness.h"

struct identity {
	uid_t uid[3];
	gid_t gid[3];
	gid_t groups[8];
	int group_count;
	struct __user_cap_data_struct caps[2];
	int bounding, ambient, securebits, no_new_privs, dumpable;
};

static void read_identity(struct identity *i)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	memset(i, 0, sizeof(*i));
	getresuid(&i->uid[0], &i->uid[1], &i->uid[2]);
	getresgid(&i->gid[0], &i->gid[1], &i->gid[2]);
	i->group_count = sure(getgroups(8, i->groups), "getgroups");
	sure(syscall(SYS_capget, &header, i->caps), "capget");
	for (int cap = 0; cap < 32; cap++) {
		i->bounding |= prctl(PR_CAPBSET_READ, cap, 0, 0, 0) << cap;
		i->ambient |= prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) << cap;
	}
	i->securebits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
	i->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	i->dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

static void credentials(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { { 0 } };
	gid_t groups[] = { 7, 2000, 3000 };
	struct identity before, after;

	sure(setgroups(3, groups), "setgroups");
	sure(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS, 0, 0, 0), "securebits");
	sure(prctl(PR_CAPBSET_DROP, CAP_SYS_MODULE, 0, 0, 0), "bounding set");
	sure(setresgid(101, 102, 103), "setresgid");
	sure(setresuid(1001, 1002, 1003), "setresuid");
	caps[0].effective = 1 << CAP_CHOWN;
	caps[0].permitted = 1 << CAP_CHOWN | 1 << CAP_KILL;
	caps[0].inheritable = 1 << CAP_KILL;
	sure(syscall(SYS_capset, &header, caps), "capset");
	sure(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), "ambient");
	sure(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	read_identity(&before);
	wait_for_death();
	read_identity(&after);
	for (int i = 0; i < 3; i++) {
		expect(after.uid[i], before.uid[i], "a user id");
		expect(after.gid[i], before.gid[i], "a group id");
	}
	if (memcmp(after.groups, before.groups, sizeof(after.groups)) || after.group_count != 3)
		wrong("supplementary groups");
	if (memcmp(after.caps, before.caps, sizeof(after.caps)))
		wrong("capabilities");
	expect(after.bounding, before.bounding, "bounding set");
	expect(after.ambient, 1 << CAP_KILL, "ambient set");
	expect(after.securebits, before.securebits, "securebits");
	expect(after.no_new_privs, 1, "no_new_privs");
	expect(after.dumpable, before.dumpable, "dumpable");
	if (setuid(0) == 0 || errno != EPERM)
		wrong("it can become root");
	if (access("/proc/otherworld/control", W_OK) == 0)
		wrong("it can write what only root can");
}

static void limits(void)
{
	static const int resources[] = { RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_STACK, RLIMIT_NPROC, RLIMIT_AS };
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		limit = (struct rlimit){ (200 + i) << 20, (300 + i) << 20 };
		if (resources[i] == RLIMIT_NOFILE)
			limit = (struct rlimit){ 333, 444 };
		sure(setrlimit(resources[i], &limit), "setrlimit");
	}
	wait_for_death();
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		sure(getrlimit(resources[i], &limit), "getrlimit");
		expect(limit.rlim_cur, resources[i] == RLIMIT_NOFILE ? 333 : (long)(200 + i) << 20, "soft limit");
		expect(limit.rlim_max, resources[i] == RLIMIT_NOFILE ? 444 : (long)(300 + i) << 20, "hard limit");
	}
}

static void names_and_priorities(void)
{
	struct sched_param none = { 0 };
	char name[16];
	int parent_signal;

	sure(prctl(PR_SET_NAME, "(odd) name", 0, 0, 0), "PR_SET_NAME");
	sure(sched_setscheduler(0, SCHED_BATCH, &none), "sched_setscheduler");
	sure(setpriority(PRIO_PROCESS, 0, 7), "setpriority");
	sure(prctl(PR_SET_TIMERSLACK, 77777, 0, 0, 0), "timer slack");
	sure(prctl(PR_SET_PDEATHSIG, 10, 0, 0, 0), "parent death signal");
	sure(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper");
	sure(personality(ADDR_NO_RANDOMIZE), "personality");
	put_file("/proc/self/oom_score_adj", "123");
	wait_for_death();
	prctl(PR_GET_NAME, name, 0, 0, 0);
	if (strcmp(name, "(odd) name"))
		wrong("name is %s", name);
	expect(sched_getscheduler(0), SCHED_BATCH, "policy");
	expect(getpriority(PRIO_PROCESS, 0), 7, "nice value");
	expect(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 77777, "timer slack");
	prctl(PR_GET_PDEATHSIG, &parent_signal, 0, 0, 0);
	expect(parent_signal, 10, "parent death signal");
	prctl(PR_GET_CHILD_SUBREAPER, &parent_signal, 0, 0, 0);
	expect(parent_signal, 1, "subreaper");
	expect(personality(0xffffffff), ADDR_NO_RANDOMIZE, "personality");
	expect_file("/proc/self/oom_score_adj", "123\n");
}

static void schedule_by_deadline(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} wanted = { .size = 48, .policy = SCHED_DEADLINE, .runtime = 1000000, .deadline = 20000000, .period = 40000000 }, got;

	sure(syscall(SYS_sched_setattr, 0, &wanted, 0), "sched_setattr");
	wait_for_death();
	sure(syscall(SYS_sched_getattr, 0, &got, sizeof(got), 0), "sched_getattr");
	expect(memcmp(&got, &wanted, sizeof(got)), 0, "difference of what it is scheduled by");
}

static void schedule_in_order(void)
{
	struct sched_param first = { .sched_priority = 3 };
	const int io = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6);

	sure(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, io), "ioprio_set");
	sure(sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first), "sched_setscheduler");
	wait_for_death();
	expect(sched_getscheduler(0), SCHED_RR | SCHED_RESET_ON_FORK, "policy");
	sure(sched_getparam(0, &first), "sched_getparam");
	expect(first.sched_priority, 3, "priority");
	expect(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0), io, "priority of input and output");
}

const struct scenario identity_scenarios[] = {
	{ "credentials", credentials },
	{ "limits", limits },
	{ "names-and-priorities", names_and_priorities },
	{ "schedule-by-deadline", schedule_by_deadline },
	{ "schedule-in-order", schedule_in_order },
	{ NULL, NULL },
};
