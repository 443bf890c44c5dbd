// witness: parents and children, sessions and process groups.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

static pid_t child_that(void (*run)(long), long argument)
{
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		run(argument);
		_exit(0);
	}
	return child;
}

static void leave(long status) { _exit(status); }

static void leave_after_death(long status)
{
	while (!died())
		sleep_ms(20);
	_exit(status);
}

static void idle(long unused)
{
	(void)unused;
	for (;;)
		pause();
}

// Children that had ended and were not reaped yet: one by itself, one by a signal. And one that ends later.
static void zombies(void)
{
	pid_t left = child_that(leave, 7), killed = child_that(idle, 0), later = child_that(leave_after_death, 9);
	int status;

	kill(killed, SIGTERM);
	sleep_ms(20);
	wait_for_death();
	expect(waitpid(left, &status, 0), left, "pid of the first child");
	expect(status, 7 << 8, "status of the child that had ended");
	expect(waitpid(killed, &status, 0), killed, "pid of the second child");
	expect(status, SIGTERM, "status of the child that was killed");
	expect(waitpid(later, &status, 0), later, "pid of the third child");
	expect(status, 9 << 8, "status of the child that ended later");
	if (wait(&status) != -1 || errno != ECHILD)
		wrong("there is one more child");
}

static void make_orphan(long report)
{
	if (sure(fork(), "fork") == 0) {
		while (!died())
			sleep_ms(20);
		if (getppid() == 1)
			put_file(in_directory("orphan"), "1");
		else
			put_file(in_directory("orphan"), "not the child of process 1");
		_exit(0);
	}
	_exit(report);
}

static void orphan(void)
{
	int status;

	make_directory();
	waitpid(child_that(make_orphan, 3), &status, 0);
	expect(status, 3 << 8, "status of the parent");
	wait_for_death();
	for (int i = 0; i < 100 && access(in_directory("orphan"), F_OK) < 0; i++)
		sleep_ms(20);
	sleep_ms(20);
	expect_file(in_directory("orphan"), "1");
}

static void lead_session(long unused)
{
	char text[64];
	pid_t first, second;

	(void)unused;
	sure(setsid(), "setsid");
	first = child_that(idle, 0);
	second = child_that(idle, 0);
	sure(setpgid(second, second), "setpgid");
	snprintf(text, sizeof(text), "%d %d %d\n", getpid(), first, second);
	put_file(in_directory("new"), text);
	sure(rename(in_directory("new"), in_directory("members")), "rename");
	idle(0);
}

static void read_members(pid_t *seen)
{
	FILE *file = fopen(in_directory("members"), "r");

	if (!file || fscanf(file, "%d %d %d", &seen[0], &seen[1], &seen[2]) != 3)
		wrong("list of members");
	fclose(file);
}

static void sessions(void)
{
	pid_t seen[3], leader;
	int status;

	make_directory();
	leader = child_that(lead_session, 0);
	while (access(in_directory("members"), F_OK) < 0)
		sleep_ms(5);
	read_members(seen);
	wait_for_death();
	for (int i = 0; i < 3; i++)
		expect(getsid(seen[i]), leader, "session");
	expect(getpgid(seen[0]), leader, "group of the leader");
	expect(getpgid(seen[1]), leader, "group of the first child");
	expect(getpgid(seen[2]), seen[2], "group of the second child");
	if (getsid(0) == leader)
		wrong("the parent is in its child's session");
	sure(kill(-leader, SIGTERM), "kill of the group");
	expect(waitpid(leader, &status, 0), leader, "waitpid");
	expect(status, SIGTERM, "status of the leader");
	/* It is there until whoever has adopted it has waited for it. */
	for (int i = 0; i < 100 && kill(seen[1], 0) == 0; i++)
		sleep_ms(20);
	if (kill(seen[1], 0) == 0)
		wrong("a member of the group was not reached");
	sure(kill(seen[2], SIGKILL), "kill of the other group");
}

const struct scenario family_scenarios[] = {
	{ "zombies", zombies },
	{ "orphan", orphan },
	{ "sessions", sessions },
	{ NULL, NULL },
};
