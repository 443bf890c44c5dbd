// load: keeps the kernel busy in many of its parts, so that a fault finds locks held and work in progress.
//
//   load [-s SEED] [-r ROUNDS] [-d DIR] [-t TTY] [KIND...]     DIR is /data/load.SEED unless given
//
// Kinds: cpu file fork fault pipe tty; all of them when none is named. What is done follows from SEED alone. The round
// is bounded in memory (4 MiB), disk (1 MiB) and processes (one child at a time). ROUNDS 0 goes on until a signal.
// Ends with one line "load done rounds N bytes B faults F children C"; status 1 if anything read back was wrong.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 8
#define FILE_SIZE (64 * 1024)
#define FAULT_PAGES 256

static uint64_t state = 1;
static const char *directory, *tty_path = "/dev/tty";
static char self[256]; // by its own name: a child must be "load" in the list of processes, too
static unsigned long bytes, faults, children;
static volatile sig_atomic_t stopped;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void wrong(const char *what)
{
	fprintf(stderr, "load: %s is not what was written\n", what);
	exit(1);
}

static void fill(unsigned char *data, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < length; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		data[i] = seed >> 56;
	}
}

static void cpu(void)
{
	volatile double x = 0.3;

	for (unsigned long i = draw() % 20000; i > 0; i--)
		x = 3.7 * x * (1.0 - x);
}

// Create, write, rename, read back, unlink: the path through the file system an editor takes.
static void file(void)
{
	static unsigned char data[FILE_SIZE], back[FILE_SIZE];
	char path[256], renamed[260];
	size_t length = draw() % FILE_SIZE + 1;
	uint64_t seed = draw();
	int descriptor;

	snprintf(path, sizeof(path), "%s/f%d", directory, (int)(seed % FILES));
	snprintf(renamed, sizeof(renamed), "%s.new", path);
	fill(data, length, seed);
	descriptor = open(renamed, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (descriptor < 0)
		die(renamed);
	for (size_t at = 0; at < length;) {
		size_t part = draw() % 8192 + 1;
		ssize_t done = write(descriptor, data + at, part < length - at ? part : length - at);

		if (done < 0)
			die(renamed);
		at += done;
	}
	if (rename(renamed, path) < 0)
		die(path);
	if (seed % 16 == 0 && fsync(descriptor) < 0)
		die(path);
	if (pread(descriptor, back, length, 0) != (ssize_t)length || memcmp(data, back, length) != 0)
		wrong(path);
	close(descriptor);
	if (seed % 3 == 0 && unlink(path) < 0)
		die(path);
	bytes += length;
}

static void fork_exec(void)
{
	int status, mode = draw() % 2;
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child == 0) {
		if (mode == 0)
			_exit(7);
		execl(self, "load", "-x", NULL);
		_exit(9);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 7)
		wrong("the status of a child");
	children++;
}

static void fault(void)
{
	size_t size = FAULT_PAGES * 4096;
	unsigned char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		die("mmap");
	for (int i = 0; i < FAULT_PAGES; i++) {
		area[(draw() % FAULT_PAGES) * 4096]++;
		faults++;
	}
	if (mprotect(area, size / 2, PROT_READ) < 0 || munmap(area + size / 4, size / 4) < 0)
		die("mprotect");
	munmap(area, size);
}

// A child sends, the parent reads: sleeping and waking on a pipe.
static void pipes(void)
{
	static unsigned char data[4096];
	unsigned long total = 0, wanted = draw() % 65536 + 1;
	int ends[2], status;
	pid_t child;

	if (pipe(ends) < 0)
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		close(ends[0]);
		for (unsigned long left = wanted; left > 0;) {
			ssize_t done = write(ends[1], data, left < sizeof(data) ? left : sizeof(data));

			if (done <= 0)
				_exit(1);
			left -= done;
		}
		_exit(0);
	}
	close(ends[1]);
	for (ssize_t got; (got = read(ends[0], data, sizeof(data))) > 0;)
		total += got;
	close(ends[0]);
	if (waitpid(child, &status, 0) != child || status != 0 || total != wanted)
		wrong("what came through a pipe");
	children++;
	bytes += total;
}

static void tty(void)
{
	static const char text[] = "load: the quick brown fox jumps over the lazy dog\r\n";
	static int terminal = -1;

	if (terminal < 0)
		terminal = open(tty_path, O_WRONLY | O_NOCTTY);
	if (terminal >= 0 && write(terminal, text, draw() % (sizeof(text) - 1) + 1) < 0 && errno != EINTR)
		die(tty_path);
}

static const struct kind {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "cpu", cpu }, { "file", file }, { "fork", fork_exec }, { "fault", fault }, { "pipe", pipes }, { "tty", tty },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int usage(void)
{
	fprintf(stderr, "usage: load [-s SEED] [-r ROUNDS] [-d DIR] [-t TTY] [cpu|file|fork|fault|pipe|tty...]\n");
	return 2;
}

int main(int argc, char **argv)
{
	char own_directory[64];
	const struct kind *chosen[32];
	unsigned long rounds = 200, round, seed = 0;
	size_t count = 0;
	int option;

	while ((option = getopt(argc, argv, "s:r:d:t:x")) != -1) {
		switch (option) {
		case 's': seed = strtoul(optarg, NULL, 0); break;
		case 'r': rounds = strtoul(optarg, NULL, 0); break;
		case 'd': directory = optarg; break;
		case 't': tty_path = optarg; break;
		case 'x': return 7; // the program a child becomes
		default: return usage();
		}
	}
	for (; optind < argc && count < 32; optind++) {
		size_t i = 0;

		while (i < KINDS && strcmp(kinds[i].name, argv[optind]) != 0)
			i++;
		if (i == KINDS)
			return usage();
		chosen[count++] = &kinds[i];
	}
	if (count == 0)
		for (; count < KINDS; count++)
			chosen[count] = &kinds[count];
	state = seed * 2 + 1;
	if (!directory) { // one for each seed: two loads do not meet
		snprintf(own_directory, sizeof(own_directory), "/data/load.%lu", seed);
		directory = own_directory;
	}
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die("/proc/self/exe");
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		die(directory);
	for (round = 0; !stopped && (rounds == 0 || round < rounds); round++)
		chosen[draw() % count]->run();
	printf("load done rounds %lu bytes %lu faults %lu children %lu\n", round, bytes, faults, children);
	return 0;
}
