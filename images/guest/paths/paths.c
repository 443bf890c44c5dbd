// paths: how many instructions the ways through the kernel cost.
//
//   paths [-r ROUNDS] [NAME...]
//
// Each way is gone ROUNDS times. On this machine the time stamp counter counts retired instructions, and nothing here
// waits for a device, so what it advances by is what was executed. A timer's interrupt, a page that had to be fetched, a
// list that was longer make some rounds dearer. One line each, with all values that are not rare:
//
//   path NAME ROUNDS INSTRUCTIONS:COUNT...       COUNT of ROUNDS had this value
//
// and "paths done" at the end. The first one, "nothing", is what measuring itself costs; it is part of all others.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define MOST_ROUNDS 20000
#define PAGE 4096
#define FILE_PAGES 16
#define RARE 1000

static const char file_path[] = "/data/work/paths.file";
static char self[256], page[PAGE];
static uint64_t counts[MOST_ROUNDS];
static char *area;
static size_t area_size;
static int file, ends[2], back[2], sender, receiver, stream[2], pair[2], echo_process;

static void need(int good, const char *what)
{
	if (good)
		return;
	printf("paths: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void nothing(int round)
{
	(void)round;
}

static void system_call(int round)
{
	(void)round;
	syscall(SYS_getppid);
}

static void on_signal(int number)
{
	(void)number;
}

static void signal_self(int round)
{
	(void)round;
	syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
}

// The first touch of an anonymous page; the area is new for each way of this kind.
static void fault(int round)
{
	*(volatile char *)(area + (size_t)round * PAGE) = 1;
}

static void open_area(int rounds, int protection)
{
	area_size = (size_t)rounds * PAGE;
	area = mmap(NULL, area_size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(area != MAP_FAILED, "mmap");
}

static void prepare_fault(int rounds)
{
	open_area(rounds, PROT_READ | PROT_WRITE);
}

// The zero page first: the write that follows copies it.
static void prepare_copy(int rounds)
{
	open_area(rounds, PROT_READ | PROT_WRITE);
	for (int i = 0; i < rounds; i++)
		need(*(volatile char *)(area + (size_t)i * PAGE) == 0, "a page that was never written");
}

static void close_area(void)
{
	munmap(area, area_size);
}

// A page of a file that is in memory, mapped for the first time.
static void map_file(int round)
{
	char *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, (round % FILE_PAGES) * PAGE);

	(void)*(volatile char *)at;
	munmap(at, PAGE);
}

static void wait_for(pid_t child)
{
	int status;

	need(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7, "child");
}

static void fork_exit(int round)
{
	pid_t child = fork();

	(void)round;
	if (child == 0)
		_exit(7);
	wait_for(child);
}

static void fork_exec(int round)
{
	static char *const arguments[] = { "paths", "-x", NULL }, *const environment[] = { NULL };
	pid_t child = vfork();

	(void)round;
	if (child == 0) {
		execve(self, arguments, environment);
		_exit(9);
	}
	wait_for(child);
}

// A byte to a process that sends it back: two switches.
static void switch_task(int round)
{
	char byte = round;

	need(write(ends[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1, "echo");
}

static void prepare_switch(int rounds)
{
	char byte;

	(void)rounds;
	need(pipe(ends) == 0 && pipe(back) == 0, "pipe");
	echo_process = fork();
	need(echo_process >= 0, "fork");
	if (echo_process == 0) {
		close(ends[1]);
		while (read(ends[0], &byte, 1) == 1)
			if (write(back[1], &byte, 1) != 1)
				break;
		_exit(7);
	}
	close(ends[0]);
}

static void finish_switch(void)
{
	close(ends[1]);
	wait_for(echo_process);
	close(back[0]);
	close(back[1]);
}

static void prepare_pipe(int rounds)
{
	(void)rounds;
	need(pipe(ends) == 0, "pipe");
}

static void pipe_through(int round)
{
	(void)round;
	need(write(ends[1], page, 512) == 512 && read(ends[0], page, 512) == 512, "pipe");
}

static void finish_pipe(void)
{
	close(ends[0]);
	close(ends[1]);
}

static void open_close(int round)
{
	int opened = open(file_path, O_RDONLY);

	(void)round;
	need(opened >= 0 && close(opened) == 0, "open");
}

static void status_of_file(int round)
{
	struct stat status;

	(void)round;
	need(stat(file_path, &status) == 0, "stat");
}

static void write_file(int round)
{
	need(pwrite(file, page, PAGE, (round % FILE_PAGES) * PAGE) == PAGE, "write");
}

static void read_file(int round)
{
	need(pread(file, page, PAGE, (round % FILE_PAGES) * PAGE) == PAGE, "read");
}

// The first read in a later tick of the file system's clock than the last write notes the time of access; no other one does.
static void prepare_read(int rounds)
{
	(void)rounds;
	usleep(30000);
	read_file(0);
}

static void create_unlink(int round)
{
	int made = open("/data/work/paths.new", O_WRONLY | O_CREAT | O_EXCL, 0600);

	(void)round;
	need(made >= 0 && close(made) == 0 && unlink("/data/work/paths.new") == 0, "create and unlink");
}

static void map_unmap(int round)
{
	void *at = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)round;
	need(at != MAP_FAILED && munmap(at, 16 * PAGE) == 0, "mmap");
}

static void unix_socket(int round)
{
	(void)round;
	need(send(pair[0], page, 512, 0) == 512 && recv(pair[1], page, 512, 0) == 512, "unix socket");
}

static void prepare_unix(int rounds)
{
	(void)rounds;
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
}

static void start_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int any = socket(AF_INET, SOCK_DGRAM, 0);

	need(any >= 0 && ioctl(any, SIOCSIFFLAGS, &request) == 0, "lo");
	close(any);
}

static void bind_local(int made, struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);

	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(bind(made, (struct sockaddr *)address, length) == 0, "bind");
	need(getsockname(made, (struct sockaddr *)address, &length) == 0, "getsockname");
}

static void prepare_udp(int rounds)
{
	struct sockaddr_in address;

	(void)rounds;
	receiver = socket(AF_INET, SOCK_DGRAM, 0);
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	need(receiver >= 0 && sender >= 0, "socket");
	bind_local(receiver, &address);
	need(connect(sender, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
}

static void udp(int round)
{
	(void)round;
	need(send(sender, page, 512, 0) == 512 && recv(receiver, page, 512, 0) == 512, "udp");
}

static void prepare_tcp(int rounds)
{
	struct sockaddr_in address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	(void)rounds;
	need(listener >= 0, "socket");
	bind_local(listener, &address);
	stream[0] = socket(AF_INET, SOCK_STREAM, 0);
	need(listen(listener, 1) == 0 && connect(stream[0], (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	stream[1] = accept(listener, NULL, NULL);
	need(stream[1] >= 0, "accept");
	close(listener);
}

static void tcp(int round)
{
	(void)round;
	need(send(stream[0], page, 512, 0) == 512 && recv(stream[1], page, 512, 0) == 512, "tcp");
}

// A way, what it needs before and after, and how many rounds of it are as good as ROUNDS of the others.
static const struct way {
	const char *name;
	void (*go)(int round);
	void (*prepare)(int rounds);
	void (*finish)(void);
	int divisor;
} ways[] = {
	{ "nothing", nothing, NULL, NULL, 1 },
	{ "system-call", system_call, NULL, NULL, 1 },
	{ "signal", signal_self, NULL, NULL, 1 },
	{ "page-fault", fault, prepare_fault, close_area, 1 },
	{ "page-fault-copy", fault, prepare_copy, close_area, 1 },
	{ "page-fault-file", map_file, NULL, NULL, 1 },
	{ "map-unmap", map_unmap, NULL, NULL, 1 },
	{ "fork-exit-wait", fork_exit, NULL, NULL, 2 },
	{ "exec", fork_exec, NULL, NULL, 2 },
	{ "context-switch", switch_task, prepare_switch, finish_switch, 1 },
	{ "file-open-close", open_close, NULL, NULL, 1 },
	{ "file-stat", status_of_file, NULL, NULL, 1 },
	{ "file-write", write_file, NULL, NULL, 1 },
	{ "file-read", read_file, prepare_read, NULL, 1 },
	{ "file-create-unlink", create_unlink, NULL, NULL, 4 },
	{ "pipe", pipe_through, prepare_pipe, finish_pipe, 1 },
	{ "unix-socket", unix_socket, prepare_unix, NULL, 1 },
	{ "udp", udp, prepare_udp, NULL, 1 },
	{ "tcp", tcp, prepare_tcp, NULL, 1 },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static int compare(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return (a > b) - (a < b);
}

static void report(const char *name, int rounds)
{
	qsort(counts, rounds, sizeof(counts[0]), compare);
	printf("path %s %d", name, rounds);
	for (int i = 1, first = 0; i <= rounds; i++) {
		if (i < rounds && counts[i] == counts[first])
			continue;
		if (i - first >= rounds / RARE)
			printf(" %llu:%d", (unsigned long long)counts[first], i - first);
		first = i;
	}
	printf("\n");
	fflush(stdout);
}

static void measure(const struct way *way, int rounds)
{
	void (*go)(int) = way->go;

	rounds /= way->divisor;
	if (way->prepare)
		way->prepare(rounds);
	for (int i = 0; i < rounds; i++) {
		uint64_t start = __rdtsc();

		go(i);
		counts[i] = __rdtsc() - start;
	}
	if (way->finish)
		way->finish();
	report(way->name, rounds);
}

// Addresses drawn at random would make each exec another one.
static void without_randomness(char **arguments)
{
	if (personality(0xffffffff) & ADDR_NO_RANDOMIZE)
		return;
	need(personality(ADDR_NO_RANDOMIZE) >= 0, "personality");
	execv(self, arguments);
	need(0, self);
}

static void prepare(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	need(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction");
	start_loopback();
	file = open(file_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	need(file >= 0, file_path);
	for (int i = 0; i < FILE_PAGES; i++)
		write_file(i);
	need(fsync(file) == 0, "fsync");
	prepare_read(0);
	memset(counts, 0, sizeof(counts));
}

static int is_wanted(const char *name, int count, char **names)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(name, names[i]))
			return 1;
	return count == 0;
}

int main(int count, char **arguments)
{
	int option, rounds = 8000;

	while ((option = getopt(count, arguments, "xr:")) != -1) {
		if (option == 'x')
			_exit(7);
		if (option == 'r')
			rounds = atoi(optarg);
	}
	need(rounds >= 4 && rounds <= MOST_ROUNDS, "ROUNDS is 4 to 20000");
	need(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0, "/proc/self/exe");
	without_randomness(arguments);
	prepare();
	for (size_t i = 0; i < WAYS; i++)
		if (is_wanted(ways[i].name, count - optind, arguments + optind))
			measure(&ways[i], rounds);
	unlink(file_path);
	printf("paths done\n");
	return 0;
}
