// witness: what confines a process: seccomp, and what the kernel does at its calls and instructions.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"
#include "witness.h"

// From here on the call @number answers with the error @code.
static long refuse_call(unsigned int number, int code, unsigned int flags)
{
	struct sock_filter text[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(text) / sizeof(text[0]), text };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void expect_refused(unsigned int number, int code)
{
	expect(syscall(number), -1, "a call that is refused");
	expect(errno, code, "its error");
}

static int filters_of_status(void)
{
	char text[4096] = "";
	int file = sure(open("/proc/self/status", O_RDONLY), "status"), count = -1;
	const char *line;

	sure(read(file, text, sizeof(text) - 1), "status");
	close(file);
	line = strstr(text, "Seccomp_filters:");
	if (line)
		sscanf(line, "Seccomp_filters: %d", &count);
	return count;
}

static volatile int stop;

static void *wait_to_stop(void *more)
{
	if (more)
		sure(refuse_call(SYS_getegid, 103, 0), "filter of a thread");
	while (!stop)
		sleep_ms(5);
	if (more)
		expect_refused(SYS_getegid, 103);
	expect_refused(SYS_getppid, 101);
	expect_refused(SYS_getuid, 102);
	return (void *)(long)(syscall(SYS_getpgid, 0) == -1 ? errno : 0);
}

// Two filters, in their order; threads that share them, one with a further one.
static void seccomp_filters(void)
{
	pthread_t same, more;
	void *answer;

	sure(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	sure(refuse_call(SYS_getppid, 99, 0), "first filter");
	sure(refuse_call(SYS_getppid, 101, SECCOMP_FILTER_FLAG_LOG), "second filter"); // the newest wins
	sure(refuse_call(SYS_getuid, 102, 0), "third filter");
	expect(pthread_create(&same, NULL, wait_to_stop, NULL), 0, "pthread_create");
	wait_for_death();
	expect(filters_of_status(), 3, "filters");
	sure(refuse_call(SYS_getpgid, 104, SECCOMP_FILTER_FLAG_TSYNC), "filter for all threads"); // only where they are of one descent
	stop = 1;
	pthread_join(same, &answer);
	expect((long)answer, 104, "error in the thread");
	stop = 0;
	expect(pthread_create(&more, NULL, wait_to_stop, (void *)1), 0, "pthread_create");
	stop = 1;
	pthread_join(more, &answer);
	expect((long)answer, 104, "error in the new thread");
}

// A thread has attached one more.
static void seccomp_thread(void)
{
	pthread_t more;
	void *answer;

	sure(refuse_call(SYS_getppid, 101, 0), "first filter");
	sure(refuse_call(SYS_getuid, 102, 0), "second filter");
	expect(pthread_create(&more, NULL, wait_to_stop, (void *)1), 0, "pthread_create");
	sleep_ms(20);
	wait_for_death();
	expect(filters_of_status(), 2, "filters");
	if (syscall(SYS_getegid) != 0)
		wrong("a filter of the thread's own is the leader's too");
	stop = 1;
	pthread_join(more, &answer);
	expect((long)answer, 0, "error of a call that nobody refuses");
}

static void seccomp_strict(void)
{
	int there[2], back[2], status;
	char byte = 0;
	pid_t child;

	sure(pipe(there) | pipe(back), "pipe");
	child = sure(fork(), "fork");
	if (child == 0) {
		sure(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0), "strict");
		syscall(SYS_read, there[0], &byte, 1);
		syscall(SYS_write, back[1], &byte, 1);
		syscall(SYS_getpid);
		syscall(SYS_exit, 0);
	}
	sleep_ms(20);
	wait_for_death();
	put(there[1], 0, 1);
	take(back[0], 0, 1);
	expect(sure(waitpid(child, &status, 0), "waitpid"), child, "waitpid");
	expect(status, SIGKILL, "status of the child");
}

// --- other things ---

static sigjmp_buf behind;

static void on_fault(int number)
{
	(void)number;
	siglongjmp(behind, 1);
}

static volatile char selector;
static volatile sig_atomic_t dispatched;

static void on_dispatch(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	dispatched = info->si_syscall;
}

// RDTSC faults; calls are handed to a signal's handler.
static void controls(void)
{
	struct sigaction action = { .sa_sigaction = on_dispatch, .sa_flags = SA_SIGINFO };

	signal(SIGSEGV, on_fault);
	sigaction(SIGSYS, &action, NULL);
	sure(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0), "PR_SET_TSC");
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	sure(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector), "dispatch");
	ready();
	while (!died())
		syscall(SYS_nanosleep, &(struct timespec){ 0, 20000000 }, NULL);
	selector = SYSCALL_DISPATCH_FILTER_BLOCK;
	syscall(SYS_getppid);
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	expect(dispatched, SYS_getppid, "the call that was handed over");
	if (!sigsetjmp(behind, 1)) {
		__builtin_ia32_rdtsc();
		wrong("RDTSC does not fault");
	}
	sure(prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0), "PR_SET_TSC");
}

// The area that glibc has registered is still the kernel's.
static void restartable(void)
{
	struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (!__rseq_size)
		wrong("glibc has registered nothing");
	wait_for_death();
	*(volatile uint32_t *)&area->cpu_id_start = 77;
	sleep_ms(20);
	expect(*(volatile uint32_t *)&area->cpu_id_start, 0, "number of the processor");
	expect(syscall(SYS_rseq, area, sizeof(*area), 0, RSEQ_SIG), -1, "a second registration");
	expect(errno, EBUSY, "its error");
}

const struct scenario confined_scenarios[] = {
	{ "seccomp-filters", seccomp_filters },
	{ "seccomp-thread", seccomp_thread },
	{ "seccomp-strict", seccomp_strict },
	{ "controls", controls },
	{ "restartable", restartable },
	{ NULL, NULL },
};
