// witness: processes that hold what cannot be brought back. Each is reported with its reason, and nobody else suffers.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "witness.h"

// The name of the process is what the report of the kernel is found by.
static void wait_as(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
	wait_for_death();
}

static char thread_stack[16384] __attribute__((aligned(16)));

static _Noreturn int sleep_forever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

static void with_thread(void)
{
	sure(clone(sleep_forever, thread_stack + sizeof(thread_stack),
		   CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL), // with files of its own
	     "clone");
	wait_as("r-thread");
}

static void with_socket(void)
{
	sure(socket(AF_PACKET, SOCK_RAW, 0), "socket");
	wait_as("r-socket");
}

static void with_tracer(void)
{
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		prctl(PR_SET_NAME, "r-traced", 0, 0, 0);
		sure(ptrace(PTRACE_TRACEME, 0, 0, 0), "ptrace");
		raise(SIGSTOP);
		_exit(0);
	}
	wait_for_death();
	kill(child, SIGKILL);
}

// Another process may decide over its calls.
static void with_listener(void)
{
	struct sock_filter text[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(text) / sizeof(text[0]), text };

	sure(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program), "seccomp");
	wait_as("r-seccomp");
}

static void with_namespace(void)
{
	sure(unshare(CLONE_NEWUTS), "unshare");
	wait_as("r-namespace");
}

static void with_process(void)
{
	sure(syscall(SYS_pidfd_open, getppid(), 0), "pidfd_open");
	wait_as("r-pidfd");
}

static void with_disk(void)
{
	sure(open("/dev/vda", O_RDONLY), "/dev/vda");
	wait_as("r-disk");
}

static void with_vfork(void)
{
	pid_t child = vfork();

	if (child == 0) {
		prctl(PR_SET_NAME, "r-vfork", 0, 0, 0);
		ready();
		for (;;)
			pause();
	}
	_exit(0);
}

static void with_shared_files(void)
{
	if (sure(syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, 0, 0, 0, 0), "clone") == 0) {
		prctl(PR_SET_NAME, "r-files", 0, 0, 0);
		for (;;)
			pause();
	}
	wait_for_death();
}

const struct scenario refused_scenarios[] = {
	{ "with-thread", with_thread },
	{ "with-socket", with_socket },
	{ "with-tracer", with_tracer },
	{ "with-listener", with_listener },
	{ "with-namespace", with_namespace },
	{ "with-process", with_process },
	{ "with-disk", with_disk },
	{ "with-vfork", with_vfork },
	{ "with-shared-files", with_shared_files },
	{ NULL, NULL },
};
