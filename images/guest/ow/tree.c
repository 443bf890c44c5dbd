// ow: the process tree. Each process is cloned with its old number by its old parent; when the tree is complete every
// clone becomes its process at once. What cannot come back dies when the gate opens, so that a parent that came back
// reaps it like any child that was killed.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "kernel.h"
#include "tree.h"

#define MAX_PROCESSES 4096

// One line of /proc/otherworld/tasks.
struct process {
	pid_t pid, ppid;
	unsigned int exit_state;
	int exit_code;
	char comm[32];
	bool revive;   // selected and alive
	bool stand_in; // dead, but its parent comes back and may want to reap it
};

static struct process processes[MAX_PROCESSES];
static size_t process_count;

// Shared by the whole tree while it grows.
struct growth {
	unsigned int cloned; // processes made so far
	unsigned int revive; // those of them that will become somebody
};
static struct growth *growth;
static int ready[2]; // a byte for each clone that has all its children
static int go[2];    // closed by us when the tree is complete

static void read_processes(const struct config *config)
{
	char line[256];
	FILE *file = fopen("/proc/otherworld/tasks", "re");

	while (file && process_count < MAX_PROCESSES && fgets(line, sizeof(line), file)) {
		struct process *p = &processes[process_count];

		if (sscanf(line, "%d %d %*d %*d %*x %x %d %*d %31s", &p->pid, &p->ppid, &p->exit_state, &p->exit_code,
			   p->comm) != 5 || p->pid == 1)
			continue;
		p->revive = !p->exit_state && selected(config, p->comm);
		if (!p->revive && !p->exit_state)
			mark("ow: not-resurrected pid=%d comm=%s reason=left\n", p->pid, p->comm);
		process_count++;
	}
	if (file)
		fclose(file);
}

static struct process *find(pid_t pid)
{
	for (size_t i = 0; i < process_count; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	return NULL;
}

static bool parent_revives(const struct process *p)
{
	const struct process *parent = find(p->ppid);

	return parent && parent->revive;
}

static _Noreturn void die(int code)
{
	struct rlimit none = { 0, 0 };
	int signal_number = code & 0x7f;

	if (!signal_number)
		_exit(code >> 8 & 0xff);
	setrlimit(RLIMIT_CORE, &none);
	signal(signal_number, SIG_DFL);
	kill(getpid(), signal_number);
	_exit(128 + signal_number);
}

static void grow(pid_t parent);

static _Noreturn void live(const struct process *p)
{
	char byte;

	close(go[1]);
	close(ready[0]);
	grow(p->pid);
	if (write(ready[1], "", 1) != 1)
		_exit(1);
	close(ready[1]);
	if (read(go[0], &byte, 1) < 0)
		_exit(1);
	if (p->revive)
		control("become %d", p->pid);
	// Only what is not resurrected comes here.
	control("gate-wait");
	die(p->exit_state ? p->exit_code : SIGKILL);
}

// Whose parent does not come back belongs to process 1 from the start, as it did before or as its parent's death makes it.
static pid_t clone_as(pid_t pid, bool of_init)
{
	struct clone_args arguments = {
		.flags = of_init ? CLONE_PARENT : 0,
		.exit_signal = of_init ? 0 : SIGCHLD, // with CLONE_PARENT it is ours, SIGCHLD
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};

	return syscall(SYS_clone3, &arguments, sizeof(arguments));
}

// Whether the caller is the one who makes p: its parent, or else the root of the tree (parent 0).
static bool mine(const struct process *p, pid_t parent)
{
	if (!p->revive && !p->stand_in)
		return false;
	return parent_revives(p) ? p->ppid == parent : parent == 0;
}

static void grow(pid_t parent)
{
	for (size_t i = 0; i < process_count; i++) {
		const struct process *p = &processes[i];
		pid_t made;

		if (!mine(p, parent))
			continue;
		growth->cloned++;
		growth->revive += p->revive;
		made = clone_as(p->pid, parent == 0);
		if (made == 0)
			live(p);
		if (made > 0)
			continue;
		growth->cloned--;
		growth->revive -= p->revive;
		mark("ow: not-resurrected pid=%d comm=%s reason=pid-taken err=%d\n", p->pid, p->comm, errno);
	}
}

void resurrect(const struct config *config)
{
	char byte;
	int error;

	read_processes(config);
	for (size_t i = 0; i < process_count; i++)
		processes[i].stand_in = !processes[i].revive && parent_revives(&processes[i]);
	growth = mmap(NULL, sizeof(*growth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (growth == MAP_FAILED || pipe(ready) < 0 || pipe(go) < 0) {
		mark("ow: resurrect-failed err=%d\n", errno);
		return;
	}
	grow(0);
	for (unsigned int seen = 0; seen < __atomic_load_n(&growth->cloned, __ATOMIC_SEQ_CST); seen++)
		if (read(ready[0], &byte, 1) != 1)
			break;
	error = control("expect %u", growth->revive);
	close(go[1]);
	if (!error)
		error = control("settle");
	if (error)
		mark("ow: settle-failed err=%d\n", error);
}
