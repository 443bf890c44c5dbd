// witness: signals, timers, the stopped state.
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

static int order[8];
static int values[8];
static volatile sig_atomic_t caught;

static void on_queued(int number, siginfo_t *info, void *context)
{
	(void)context;
	order[caught % 8] = number;
	values[caught % 8] = info->si_value.sival_int;
	caught++;
}

static void handlers(void)
{
	struct sigaction action = { .sa_sigaction = on_queued, .sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER }, now;
	stack_t stack = { .ss_sp = malloc(16384), .ss_size = 16384 }, stack_now;
	sigset_t blocked;

	sigaddset(&action.sa_mask, SIGHUP);
	sure(sigaction(SIGUSR2, &action, NULL), "sigaction");
	signal(SIGTERM, SIG_IGN);
	sure(sigaltstack(&stack, NULL), "sigaltstack");
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGQUIT);
	sigaddset(&blocked, SIGRTMIN + 3);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	wait_for_death();
	sigaction(SIGUSR2, NULL, &now);
	if (now.sa_sigaction != on_queued || !sigismember(&now.sa_mask, SIGHUP) || sigismember(&now.sa_mask, SIGINT))
		wrong("handler or its mask");
	expect(now.sa_flags & (SA_SIGINFO | SA_RESTART | SA_NODEFER), SA_SIGINFO | SA_RESTART | SA_NODEFER, "flags of the handler");
	sigaction(SIGTERM, NULL, &now);
	if (now.sa_handler != SIG_IGN)
		wrong("SIGTERM is no longer ignored");
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	if (!sigismember(&blocked, SIGQUIT) || !sigismember(&blocked, SIGRTMIN + 3) || sigismember(&blocked, SIGINT))
		wrong("blocked signals");
	sigaltstack(NULL, &stack_now);
	if (stack_now.ss_sp != stack.ss_sp || stack_now.ss_size != stack.ss_size)
		wrong("alternate stack");
	kill(getpid(), SIGTERM);
	kill(getpid(), SIGUSR2);
	expect(caught, 1, "signals caught");
}

static void pending(void)
{
	struct sigaction action = { .sa_sigaction = on_queued, .sa_flags = SA_SIGINFO };
	static const int queued[] = { 5, 6, 7 };
	sigset_t blocked, got;

	sigfillset(&action.sa_mask);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGRTMIN);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGRTMIN, &action, NULL);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1); // merges with the first
	for (int i = 0; i < 3; i++)
		sure(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = queued[i] }), "sigqueue");
	wait_for_death();
	sigpending(&got);
	if (!sigismember(&got, SIGUSR1) || !sigismember(&got, SIGRTMIN) || sigismember(&got, SIGUSR2))
		wrong("pending signals");
	expect(caught, 0, "signals caught though blocked");
	sigemptyset(&blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	expect(caught, 4, "signals caught");
	expect(order[0], SIGUSR1, "first signal");
	for (int i = 0; i < 3; i++) {
		expect(order[1 + i], SIGRTMIN, "queued signal");
		expect(values[1 + i], queued[i], "value of a queued signal");
	}
}

static volatile uint64_t on_stack_seed;

static void on_stack(int number)
{
	uint64_t local[64];

	(void)number;
	fill(local, sizeof(local), on_stack_seed);
	wait_for_death();
	if (!filled(local, sizeof(local), on_stack_seed))
		wrong("frame on the alternate stack");
	on_stack_seed = 0;
}

// Dies inside a handler on the alternate stack, and returns from it in the next kernel.
static void inside_handler(void)
{
	struct sigaction action = { .sa_handler = on_stack, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_sp = malloc(32768), .ss_size = 32768 };
	sigset_t blocked;

	sure(sigaltstack(&stack, NULL), "sigaltstack");
	sigaction(SIGUSR1, &action, NULL);
	on_stack_seed = 31;
	kill(getpid(), SIGUSR1);
	expect(on_stack_seed, 0, "handler's work");
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	if (sigismember(&blocked, SIGUSR1))
		wrong("SIGUSR1 is still blocked behind the handler");
}

static char state_of(pid_t pid)
{
	char path[32], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%*d %*s %c", &state) != 1)
		wrong("%s", path);
	fclose(file);
	return state;
}

static void stopped(void)
{
	pid_t child = sure(fork(), "fork");
	int status;

	if (child == 0) {
		raise(SIGSTOP);
		_exit(died() ? 11 : 12);
	}
	sure(waitpid(child, &status, WUNTRACED), "waitpid");
	expect(WIFSTOPPED(status), 1, "stopped");
	wait_for_death();
	sleep_ms(50);
	expect(state_of(child), 'T', "state");
	expect(waitpid(child, &status, WUNTRACED | WNOHANG), 0, "a second report of the stop");
	kill(child, SIGCONT);
	sure(waitpid(child, &status, WCONTINUED), "waitpid");
	expect(WIFCONTINUED(status), 1, "continued");
	sure(waitpid(child, &status, 0), "waitpid");
	expect(WEXITSTATUS(status), 11, "exit status");
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

static void interval_timer(void)
{
	struct itimerval period = { { 0, 30000 }, { 0, 30000 } }, now;
	int before;

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &period, NULL);
	wait_for_death();
	before = alarms;
	for (int i = 0; i < 10; i++)
		sleep_ms(31);
	if (alarms - before < 5)
		wrong("%d alarms in 310 ms", alarms - before);
	getitimer(ITIMER_REAL, &now);
	expect(now.it_interval.tv_usec, 30000, "interval");
}

// A single shot lies beyond the death; it comes at its time, not before and not much later.
static void single_timer(void)
{
	struct itimerval shot = { .it_value = { 1, 500000 } };
	uint64_t start = now_ns();
	long late;

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &shot, NULL);
	wait_for_death();
	while (!alarms)
		sleep_ms(5);
	late = (now_ns() - start) / 1000 - 1500000;
	if (late < 0 || late > 30000)
		wrong("the timer came %ld us late", late);
}

static void processor_timers(void)
{
	struct itimerval profile = { { 0, 500000 }, { 100, 0 } }, virtual = { { 0, 250000 }, { 200, 0 } }, now;

	setitimer(ITIMER_PROF, &profile, NULL);
	setitimer(ITIMER_VIRTUAL, &virtual, NULL);
	wait_for_death();
	getitimer(ITIMER_PROF, &now);
	expect(now.it_interval.tv_usec, 500000, "interval of ITIMER_PROF");
	if (now.it_value.tv_sec < 98 || now.it_value.tv_sec > 100)
		wrong("ITIMER_PROF has %ld s left", now.it_value.tv_sec);
	getitimer(ITIMER_VIRTUAL, &now);
	expect(now.it_interval.tv_usec, 250000, "interval of ITIMER_VIRTUAL");
	if (now.it_value.tv_sec < 198 || now.it_value.tv_sec > 200)
		wrong("ITIMER_VIRTUAL has %ld s left", now.it_value.tv_sec);
}

const struct scenario signal_scenarios[] = {
	{ "handlers", handlers },
	{ "pending", pending },
	{ "inside-handler", inside_handler },
	{ "stopped", stopped },
	{ "interval-timer", interval_timer },
	{ "single-timer", single_timer },
	{ "processor-timers", processor_timers },
	{ NULL, NULL },
};
