// counter: a program whose every part can be checked after its kernel died.
//
// Each tick of an interval timer it changes one page of its heap, verifies others, appends one line to a file on /data,
// and only after write() has returned acknowledges the same line on a second channel (a serial line), so that somebody
// outside can compare: every acknowledged line is in the file, once, in order. It never calls fsync.
//
//   counter [-d DIR] [-a ACKNOWLEDGE] [-p PERIOD_MS] [-n PAGES] [-t TICKS]
//
//   DIR/counter.log   a line "tick N sum S x X" per tick, by write(2)
//   DIR/counter.buf   the same lines through stdio: the end of the file is always still in this process's heap
//   SIGUSR1           verifies everything and writes "report tick N ..." on the acknowledgement channel
//   SIGTERM           flushes, writes "end tick N" and ends with status 0; any damage found ends it with status 1
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#define PAGE_WORDS 512
#define VERIFIED_PER_TICK 8
#define SPIN_ROUNDS 2000

struct page {
	uint64_t checksum;
	uint64_t index;
	uint64_t changes;
	uint64_t words[PAGE_WORDS - 3];
};

static struct page **pages;
static unsigned long page_count = 320;
static unsigned long tick;
static uint64_t sum; // over the checksums of all pages, kept up to date by each change
static double orbit = 0.4; // one step of a chaotic map per tick: a lost bit shows within a few steps
static int log_file, acknowledge_file;
static FILE *buffered;
static volatile sig_atomic_t alarms, reports, ending;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void write_all(int file, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t done = write(file, text, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			_exit(3);
		text += done;
		length -= done;
	}
}

static void say(const char *format, ...)
{
	char text[200];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	write_all(acknowledge_file, text, length);
}

static void damaged(const char *what, unsigned long where)
{
	say("damaged tick %lu: %s %lu\n", tick, what, where);
	_exit(1);
}

static uint64_t mix(uint64_t value)
{
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdull;
	value ^= value >> 29;
	value *= 0xc4ceb9fe1a85ec53ull;
	return value ^ value >> 32;
}

static uint64_t checksum(const struct page *page)
{
	uint64_t value = mix(page->index + 1) ^ page->changes;

	for (size_t i = 0; i < PAGE_WORDS - 3; i++)
		value = (value << 7 | value >> 57) ^ page->words[i];
	return mix(value);
}

static void fill(struct page *page)
{
	uint64_t seed = page->index << 32 ^ page->changes;

	for (size_t i = 0; i < PAGE_WORDS - 3; i++)
		page->words[i] = mix(seed + i * 0x9e3779b97f4a7c15ull);
	page->checksum = checksum(page);
}

static void verify(unsigned long index)
{
	const struct page *page = pages[index];

	// Page `index` was changed in the ticks congruent to it: how often follows from the tick alone.
	unsigned long changes = tick > index ? (tick - index - 1) / page_count + 1 : 0;

	if (page->index != index)
		damaged("index of page", index);
	if (page->changes != changes)
		damaged("changes of page", index);
	if (page->checksum != checksum(page))
		damaged("contents of page", index);
}

static void verify_all(void)
{
	uint64_t total = 0;
	double expected = 0.4;

	for (unsigned long i = 0; i < page_count; i++) {
		verify(i);
		total += pages[i]->checksum;
	}
	if (total != sum)
		damaged("sum over pages", page_count);
	for (unsigned long i = 0; i < tick; i++)
		expected = 3.9 * expected * (1.0 - expected);
	if (memcmp(&expected, &orbit, sizeof(orbit)) != 0)
		damaged("orbit", tick);
}

// Holds known values in general, SSE and x87 registers for a while, and looks whether they are still there.
static void hold_registers(void)
{
	uint64_t pattern = mix(tick), out[6];
	double one_third = 1.0 / 3.0, back;

	asm volatile("fldl %[third]\n\t"
		     "movq %[pattern], %%r12\n\t"
		     "lea 1(%%r12), %%r13\n\t"
		     "lea 2(%%r12), %%r14\n\t"
		     "movq %%r12, %%xmm7\n\t"
		     "movq %%r13, %%xmm9\n\t"
		     "movq %%r14, %%xmm15\n\t"
		     "mov %[rounds], %%rcx\n"
		     "1:\tdec %%rcx\n\t"
		     "jnz 1b\n\t"
		     "movq %%r12, 0(%[out])\n\t"
		     "movq %%r13, 8(%[out])\n\t"
		     "movq %%r14, 16(%[out])\n\t"
		     "movq %%xmm7, 24(%[out])\n\t"
		     "movq %%xmm9, 32(%[out])\n\t"
		     "movq %%xmm15, 40(%[out])\n\t"
		     "fstpl %[back]"
		     : [back] "=m"(back)
		     : [third] "m"(one_third), [pattern] "r"(pattern), [rounds] "i"(SPIN_ROUNDS), [out] "r"(out)
		     : "rcx", "r12", "r13", "r14", "xmm7", "xmm9", "xmm15", "memory", "cc");
	for (size_t i = 0; i < 6; i++)
		if (out[i] != pattern + i % 3)
			damaged("register", i);
	if (memcmp(&back, &one_third, sizeof(back)) != 0)
		damaged("x87 register", 0);
}

static void step(void)
{
	struct page *page = pages[tick % page_count];
	char line[120];
	int length;

	sum -= page->checksum;
	page->changes++;
	fill(page);
	sum += page->checksum;
	tick++;
	orbit = 3.9 * orbit * (1.0 - orbit);
	for (unsigned long i = 0; i < VERIFIED_PER_TICK; i++)
		verify((tick * VERIFIED_PER_TICK + i) % page_count);
	hold_registers();

	length = snprintf(line, sizeof(line), "tick %lu sum %016llx x %a\n", tick, (unsigned long long)sum, orbit);
	fwrite(line, 1, length, buffered);
	write_all(log_file, line, length);
	write_all(acknowledge_file, line, length);
}

static void count_alarm(int signal)
{
	(void)signal;
	alarms++;
}

static void note(int signal)
{
	if (signal == SIGUSR1)
		reports = 1;
	else
		ending = 1;
}

static int open_or_die(const char *path, int flags)
{
	int file = open(path, flags, 0644);

	if (file < 0) {
		fprintf(stderr, "counter: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	return file;
}

static void open_files(const char *directory, const char *acknowledge)
{
	char path[256];
	struct termios line;

	snprintf(path, sizeof(path), "%s/counter.log", directory);
	log_file = open_or_die(path, O_WRONLY | O_CREAT | O_TRUNC);
	snprintf(path, sizeof(path), "%s/counter.buf", directory);
	buffered = fdopen(open_or_die(path, O_WRONLY | O_CREAT | O_TRUNC), "w");
	if (!buffered)
		exit(2);
	setvbuf(buffered, malloc(3000), _IOFBF, 3000);
	acknowledge_file = open_or_die(acknowledge, O_WRONLY | O_CREAT | O_NOCTTY);
	if (tcgetattr(acknowledge_file, &line) == 0) { // plain bytes: no CR added
		cfmakeraw(&line);
		tcsetattr(acknowledge_file, TCSANOW, &line);
	}
}

static void make_pages(void)
{
	pages = calloc(page_count, sizeof(*pages));
	if (!pages)
		exit(2);
	for (unsigned long i = 0; i < page_count; i++) {
		pages[i] = malloc(sizeof(struct page)); // brk, one by one: not one mapping
		if (!pages[i])
			exit(2);
		pages[i]->index = i;
		pages[i]->changes = 0;
		fill(pages[i]);
		sum += pages[i]->checksum;
	}
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value == 0) {
		fprintf(stderr, "counter: '%s' is not a positive number\n", text);
		exit(2);
	}
	return value;
}

static void start_timer(unsigned long period_ms)
{
	struct itimerval period = {
		.it_interval = { period_ms / 1000, period_ms % 1000 * 1000 },
		.it_value = { period_ms / 1000, period_ms % 1000 * 1000 },
	};
	struct sigaction action = { .sa_handler = count_alarm };

	sigaction(SIGALRM, &action, NULL);
	action.sa_handler = note;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	setitimer(ITIMER_REAL, &period, NULL);
}

int main(int argc, char **argv)
{
	const char *directory = "/data", *acknowledge = "/dev/ttyS2";
	unsigned long period_ms = 100, last_tick = 0;
	sigset_t blocked, waiting;
	int option;

	while ((option = getopt(argc, argv, "d:a:p:n:t:")) != -1) {
		switch (option) {
		case 'd': directory = optarg; break;
		case 'a': acknowledge = optarg; break;
		case 'p': period_ms = number(optarg); break;
		case 'n': page_count = number(optarg); break;
		case 't': last_tick = number(optarg); break;
		default:
			fprintf(stderr, "usage: counter [-d DIR] [-a ACKNOWLEDGE] [-p PERIOD_MS] [-n PAGES] [-t TICKS]\n");
			return 2;
		}
	}
	open_files(directory, acknowledge);
	make_pages();

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &waiting);
	start_timer(period_ms);
	say("start pages %lu period %lu\n", page_count, period_ms);

	while (!ending && (last_tick == 0 || tick < last_tick)) {
		while (!alarms && !reports && !ending)
			sigsuspend(&waiting);
		if (alarms) {
			alarms = 0; // alarms that came together are one tick
			step();
		}
		if (reports) {
			reports = 0;
			verify_all();
			say("report tick %lu pages %lu sum %016llx x %a ok\n", tick, page_count, (unsigned long long)sum, orbit);
		}
	}
	verify_all();
	if (fclose(buffered) != 0 || close(log_file) != 0)
		damaged("closing", 0);
	say("end tick %lu\n", tick);
	return 0;
}
