// witness: programs that know what they had, and say after the death of their kernel whether they still have it.
//
//   witness NAME...    runs the scenarios of these names, each as a process of its own, and reaps them
//   witness list       names all scenarios
//   witness in-place NAME   runs this one in the process itself
//
// Lines on the terminal, for whoever kills the kernel from outside:
//
//   = NAME ready       the kernel may die now
//   = NAME ok [VALUE]  everything was right afterwards (VALUE: how the call under test ended)
//   = NAME wrong WHAT  it was not
//   = NAME ended S     it ended without a verdict, with wait status S
//   = witness done
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "witness.h"

#define MAX_SCENARIOS 128

static const struct scenario *const tables[] = {
	memory_scenarios, register_scenarios, file_scenarios, identity_scenarios, signal_scenarios,
	family_scenarios, pipe_scenarios, watch_scenarios, unix_scenarios, tcp_scenarios, udp_scenarios, thread_scenarios, shared_scenarios, memory_tree_scenarios, sysv_scenarios, refused_scenarios, sleep_scenarios, call_scenarios, call_net_scenarios, disk_scenarios,
	pty_scenarios,
	notify_scenarios,
	confined_scenarios,
	queue_scenarios,
	six_scenarios,
	procedure_scenarios,
	leader_scenarios,
	swap_scenarios,
	aio_scenarios,
	race_scenarios,
};

static const char *scenario_name = "witness";
static int status_file; // /proc/otherworld/status, opened before anybody changes root or user
static int first_generation;
static char result_text[32];

void say(const char *format, ...)
{
	char text[240];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (int done = 0; done < length;) {
		ssize_t wrote = write(STDOUT_FILENO, text + done, length - done);

		if (wrote < 0 && errno != EINTR)
			_exit(3);
		done += wrote > 0 ? wrote : 0;
	}
}

void wrong(const char *format, ...)
{
	char text[160];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	say("= %s wrong %s\n", scenario_name, text);
	_exit(1);
}

void expect(long got, long wanted, const char *what)
{
	if (got != wanted)
		wrong("%s is %ld, was %ld", what, got, wanted);
}

long sure(long result, const char *what)
{
	if (result == -1)
		wrong("%s: %s", what, strerror(errno));
	return result;
}

static int generation(void)
{
	char text[64] = "";
	int number = 0;
	ssize_t got;

	do // what a process is told whose own call killed the kernel
		got = pread(status_file, text, sizeof(text) - 1, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0 || sscanf(text, "generation=%d", &number) != 1)
		wrong("status: %s", strerror(errno));
	return number;
}

int deaths(void) { return generation() - first_generation; }

bool died(void) { return deaths() != 0; }

void sleep_ms(long ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

void ready(void) { say("= %s ready\n", scenario_name); }

void wait_for_death(void)
{
	ready();
	while (!died())
		sleep_ms(20);
}

const char *in_directory(const char *name)
{
	static char path[4][96];
	static unsigned int next;
	char *text = path[next++ % 4];

	snprintf(text, sizeof(path[0]), "/data/%s%s%s", scenario_name, *name ? "/" : "", name);
	return text;
}

void make_directory(void) { sure(mkdir(in_directory(""), 0755), "mkdir"); }

void put_file(const char *path, const char *text)
{
	int file = sure(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644), path);

	expect(sure(write(file, text, strlen(text)), "write"), strlen(text), "count of write");
	close(file);
}

void expect_file(const char *path, const char *text)
{
	static char got[65536];
	int file = sure(open(path, O_RDONLY), path);
	ssize_t length = sure(read(file, got, sizeof(got)), "read");

	close(file);
	expect(length, strlen(text), path);
	if (memcmp(got, text, length))
		wrong("contents of %s", path);
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static uint64_t next_word(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed ^ *seed >> 29;
}

void fill(void *data, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < length / sizeof(uint64_t); i++)
		((uint64_t *)data)[i] = next_word(&seed);
}

bool filled(const void *data, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < length / sizeof(uint64_t); i++)
		if (((const uint64_t *)data)[i] != next_word(&seed))
			return false;
	return true;
}

void fill_pages(char *at, size_t first, size_t count, uint64_t seed)
{
	for (size_t i = first; i < first + count; i++)
		fill(at + i * PAGE, PAGE, seed + i);
}

void check_pages(const char *at, size_t first, size_t count, uint64_t seed, const char *what)
{
	for (size_t i = first; i < first + count; i++)
		if (!filled(at + i * PAGE, PAGE, seed + i))
			wrong("%s: page %zu", what, i);
}

void mark_call(void) { sched_get_priority_max(SCHED_IDLE); }

void note_result(long result)
{
	if (result < 0)
		snprintf(result_text, sizeof(result_text), " %s", strerrorname_np(-result));
	else
		snprintf(result_text, sizeof(result_text), " %ld", result);
}

static const struct scenario *find(const char *name)
{
	for (size_t table = 0; table < sizeof(tables) / sizeof(tables[0]); table++)
		for (const struct scenario *s = tables[table]; s->name; s++)
			if (!strcmp(s->name, name))
				return s;
	return NULL;
}

static int run_in_place(const char *name)
{
	const struct scenario *s = find(name);

	if (!s)
		return 2;
	scenario_name = name;
	s->run();
	say("= %s ok%s\n", name, result_text);
	return 0;
}

static void list(void)
{
	for (size_t table = 0; table < sizeof(tables) / sizeof(tables[0]); table++)
		for (const struct scenario *s = tables[table]; s->name; s++)
			puts(s->name);
}

static pid_t start(const char *name)
{
	pid_t child;

	if (!find(name)) {
		say("= %s wrong no such scenario\n", name);
		return -1;
	}
	child = fork();
	if (child == 0)
		_exit(run_in_place(name));
	return child;
}

int main(int argc, char **argv)
{
	pid_t children[MAX_SCENARIOS];
	pid_t child;
	int status;

	if (argc == 2 && !strcmp(argv[1], "list")) {
		list();
		return 0;
	}
	if (argc < 2 || argc > MAX_SCENARIOS) {
		fprintf(stderr, "usage: witness NAME... | witness list\n");
		return 2;
	}
	status_file = open("/proc/otherworld/status", O_RDONLY);
	if (status_file < 0) {
		perror("witness: /proc/otherworld/status");
		return 2;
	}
	first_generation = generation();
	if (argc == 3 && !strcmp(argv[1], "in-place"))
		return run_in_place(argv[2]);
	for (int i = 1; i < argc; i++)
		children[i] = start(argv[i]);
	while ((child = wait(&status)) > 0 || errno == EINTR)
		for (int i = 1; child > 0 && i < argc; i++)
			if (children[i] == child && status != 0 && status != 1 << 8)
				say("= %s ended %d\n", argv[i], status);
	say("= witness done\n");
	return 0;
}
