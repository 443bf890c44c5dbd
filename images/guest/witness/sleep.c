// witness: processes asleep in a system call when their kernel dies. What the call does afterwards is in
// docs/resurrection-syscalls.md.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "witness.h"

// Long enough that the kernel dies first, however many scenarios get ready before.
#define SLEEP_NS 1500000000ull

static const struct timespec sleep_time = { SLEEP_NS / 1000000000, SLEEP_NS % 1000000000 };
static uint64_t start;

static void begin(void)
{
	ready();
	start = now_ns();
}

// The sleep ended at the moment it was to end, not earlier and not started anew.
static void check_time(void)
{
	long late = (long)(now_ns() - start - SLEEP_NS) / 1000;

	if (!died())
		wrong("the kernel did not die meanwhile");
	if (late < 0 || late > 60000)
		wrong("it slept %ld us too long", late);
}

static void sleeps(void)
{
	begin();
	expect(nanosleep(&sleep_time, NULL), 0, "nanosleep");
	check_time();
}

static void sleeps_by_clock(void)
{
	begin();
	expect(clock_nanosleep(CLOCK_MONOTONIC, 0, &sleep_time, NULL), 0, "clock_nanosleep");
	check_time();
}

static void sleeps_until(void)
{
	struct timespec end;

	begin();
	end = (struct timespec){ (start + SLEEP_NS) / 1000000000, (start + SLEEP_NS) % 1000000000 };
	expect(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL), 0, "clock_nanosleep");
	check_time();
}

static void polls(void)
{
	begin();
	expect(poll(NULL, 0, SLEEP_NS / 1000000), 0, "poll");
	check_time();
}

static void ppolls(void)
{
	begin();
	expect(ppoll(NULL, 0, &sleep_time, NULL), 0, "ppoll");
	check_time();
}

static void selects(void)
{
	struct timeval time = { SLEEP_NS / 1000000000, SLEEP_NS / 1000 % 1000000 };

	begin();
	expect(select(0, NULL, NULL, NULL, &time), 0, "select");
	check_time();
	expect(time.tv_sec * 1000000 + time.tv_usec, 0, "rest of the time");
}

static void pselects(void)
{
	begin();
	expect(pselect(0, NULL, NULL, NULL, &sleep_time, NULL), 0, "pselect");
	check_time();
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

static void alarm_after(uint64_t ns)
{
	struct itimerval shot = { .it_value = { ns / 1000000000, ns / 1000 % 1000000 } };

	signal(SIGALRM, on_alarm);
	begin();
	setitimer(ITIMER_REAL, &shot, NULL);
}

static void pauses(void)
{
	alarm_after(SLEEP_NS);
	expect(pause(), -1, "pause");
	expect(errno, EINTR, "errno");
	expect(alarms, 1, "alarms");
	check_time();
}

static void suspends(void)
{
	sigset_t blocked, waiting, now;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	sigemptyset(&waiting);
	alarm_after(SLEEP_NS);
	expect(sigsuspend(&waiting), -1, "sigsuspend");
	expect(alarms, 1, "alarms");
	check_time();
	sigprocmask(SIG_BLOCK, NULL, &now);
	if (!sigismember(&now, SIGALRM) || !sigismember(&now, SIGHUP))
		wrong("mask behind sigsuspend");
}

static void waits_for_signal(void)
{
	sigset_t awaited;

	sigemptyset(&awaited);
	sigaddset(&awaited, SIGALRM);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
	alarm_after(SLEEP_NS);
	expect(sigwaitinfo(&awaited, NULL), SIGALRM, "sigwaitinfo");
	check_time();
}

static pid_t sleeper(int status)
{
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		while (!died())
			sleep_ms(20);
		_exit(status);
	}
	return child;
}

static void waits_for_child(void)
{
	pid_t child = sleeper(21);
	int status;

	ready();
	expect(waitpid(child, &status, 0), child, "waitpid");
	expect(status, 21 << 8, "status");
	expect(died(), 1, "the death");
}

static void waits_by_id(void)
{
	pid_t child = sleeper(22);
	siginfo_t info = { 0 };

	ready();
	sure(waitid(P_PID, child, &info, WEXITED), "waitid");
	expect(info.si_status, 22, "status");
	expect(info.si_pid, child, "pid");
}

// Outside, somebody types on this line after the death.
static void reads_terminal(void)
{
	struct termios settings;
	char text[32] = "";
	int line = sure(open("/dev/ttyS2", O_RDWR | O_NOCTTY), "ttyS2");

	sure(tcgetattr(line, &settings), "tcgetattr");
	settings.c_lflag &= ~ECHO;
	sure(tcsetattr(line, TCSANOW, &settings), "tcsetattr");
	ready();
	expect(read(line, text, sizeof(text) - 1), 14, "count");
	if (strcmp(text, "before, after\n"))
		wrong("it read '%s'", text);
}

static void waits_on_futex(void)
{
	static uint32_t word = 5;

	begin();
	expect(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 5, &sleep_time, NULL, 0), -1, "futex");
	expect(errno, ETIMEDOUT, "errno");
	expect(died(), 1, "the death");
}

// A sleep that was interrupted by a stop goes on in restart_syscall.
static void sleeps_on(void)
{
	pid_t child = sure(fork(), "fork");
	int status;

	if (child == 0) {
		start = now_ns();
		expect(nanosleep(&sleep_time, NULL), 0, "nanosleep");
		check_time();
		_exit(0);
	}
	sleep_ms(20);
	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGCONT);
	sleep_ms(20);
	ready();
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 0, "status of the sleeper");
}

// Waits for a lock that its parent gives up after the death.
static void waits_for_lock(void)
{
	int file, status;
	pid_t child;

	make_directory();
	file = sure(open(in_directory("f"), O_RDWR | O_CREAT, 0600), "open");
	sure(flock(file, LOCK_EX), "flock");
	child = sure(fork(), "fork");
	if (child == 0) {
		file = sure(open(in_directory("f"), O_RDWR), "open");
		sure(flock(file, LOCK_EX), "second flock");
		_exit(died() ? 0 : 1);
	}
	sleep_ms(20);
	wait_for_death();
	sleep_ms(50);
	expect(waitpid(child, &status, WNOHANG), 0, "the child has the lock already: waitpid");
	sure(flock(file, LOCK_UN), "unlock");
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 0, "status of the child");
}

const struct scenario sleep_scenarios[] = {
	{ "sleeps", sleeps },
	{ "sleeps-by-clock", sleeps_by_clock },
	{ "sleeps-until", sleeps_until },
	{ "sleeps-on", sleeps_on },
	{ "polls", polls },
	{ "ppolls", ppolls },
	{ "selects", selects },
	{ "pselects", pselects },
	{ "pauses", pauses },
	{ "suspends", suspends },
	{ "waits-for-signal", waits_for_signal },
	{ "waits-for-child", waits_for_child },
	{ "waits-by-id", waits_by_id },
	{ "waits-on-futex", waits_on_futex },
	{ "waits-for-lock", waits_for_lock },
	{ "reads-terminal", reads_terminal },
	{ NULL, NULL },
};
