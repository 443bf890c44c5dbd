// SPDX-License-Identifier: MIT
// The bench program: process 1 of a guest, or a plain process of the host. Its arguments: `run`, and the items to run, in this order. (A kernel
// also hands on what it does not know of its command line; all before `run` is that.)
//
// It talks in lines on the serial port (as a plain process: on standard output), and the host reads its own clock when a line arrives:
//
//	bench: ready			the first user instruction was a moment ago
//	bench: > NAME			the item starts, prepared
//	bench: < NAME RESULT TICKS	it is done; TICKS of the time stamp counter, which in Otherworld counts instructions;
//					as a plain process nanoseconds, since there the host's clock can be read without a detour
//	bench: ! WHAT			it went wrong
//	bench: done
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"

#define KERNEL(number, name, rounds) static u64 run_##name(u64 n) { return entry(number, n); }
#define KERNELS \
	KERNEL(0, sieve, 60) \
	KERNEL(1, crc32, 60) \
	KERNEL(2, quicksort, 20) \
	KERNEL(3, sha256, 50) \
	KERNEL(4, records, 100) \
	KERNEL(5, hash_walk, 30) \
	KERNEL(6, bytecode, 30) \
	KERNEL(7, fib, 60) \
	KERNEL(8, heapsort, 20)
KERNELS
#undef KERNEL
#define KERNEL(number, name, rounds) { #name, rounds, NULL, run_##name },
static const struct item kernel_items[] = { KERNELS { 0 } };

static const struct item *const tables[] = { kernel_items, float_items, guest_items };
static int line = STDOUT_FILENO;

static void say(const char *format, ...)
{
	char text[128];
	va_list values;

	va_start(values, format);
	int length = vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	if (write(line, text, length) != length)
		_exit(1);
}

void give_up(const char *what)
{
	say("bench: ! %s: %s\n", what, strerror(errno));
	_exit(1);
}

// A kernel gives process 1 nothing, not even device files.
static void become_init(void)
{
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	line = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
	if (line < 0)
		line = STDOUT_FILENO;
}

static u64 ticks(int first)
{
	struct timespec now;

	if (first)
		return __rdtsc();
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ul + now.tv_nsec;
}

static const struct item *find(const char *name)
{
	for (u32 t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct item *item = tables[t]; item->name; item++)
			if (!strcmp(item->name, name))
				return item;
	return NULL;
}

static void measure(const char *name, u64 divisor, int first)
{
	const struct item *item = find(name);

	if (!item) {
		say("bench: ! there is no item %s\n", name);
		return;
	}
	u64 rounds = item->rounds / divisor ? item->rounds / divisor : 1;

	if (item->prepare)
		item->prepare();
	say("bench: > %s\n", name);
	tcdrain(line); // a queued line would reach the host in the middle of the item
	u64 start = ticks(first);
	u64 result = item->run(rounds);
	u64 taken = ticks(first) - start;

	say("bench: < %s %lx %lu\n", name, result, taken);
}

int main(int count, char **words)
{
	int first = getpid() == 1;
	u64 divisor = 1;

	if (count == 2 && !strcmp(words[1], "exit"))
		return 0; // what fork_exec starts
	if (first)
		become_init();
	say("bench: ready\n");
	int i = 1;

	while (i < count && strcmp(words[i], "run"))
		i++;
	while (++i < count) {
		if (!strncmp(words[i], "1/", 2)) // a fraction of the rounds, for a first look
			sscanf(words[i], "1/%lu", &divisor);
		else
			measure(words[i], divisor ? divisor : 1, first);
	}
	say("bench: done\n");
	while (first)
		pause(); // the host ends the machine
	return 0;
}
