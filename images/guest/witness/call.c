// witness: one system call each, marked, so that the kernel can be killed at any instruction of it. Whatever it returns
// in the next kernel must be true: done once, in part by so much, or not at all.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "witness.h"

#define MESSAGE 9000 // more than two pages, no multiple of one

static char message[MESSAGE + 1];

static void make_message(void)
{
	for (size_t i = 0; i < MESSAGE; i++)
		message[i] = 'a' + (i * 7 + i / 100) % 26;
}

static bool exists(const char *name)
{
	struct stat status;

	return lstat(in_directory(name), &status) == 0;
}

static void expect_exists(const char *name, bool wanted)
{
	if (exists(name) != wanted)
		wrong("%s %s", name, wanted ? "is missing" : "is there");
}

static long contents(const char *name, char *text, size_t size)
{
	int file = sure(open(in_directory(name), O_RDONLY), "open");
	long length = sure(read(file, text, size), "read");

	close(file);
	return length;
}

static void call_append(void)
{
	static char got[2 * MESSAGE];
	long result, length;
	int file;

	make_message();
	make_directory();
	put_file(in_directory("f"), "base\n");
	file = sure(open(in_directory("f"), O_WRONLY | O_APPEND), "open");
	result = UNDER_TEST(write(file, message, MESSAGE));
	if (!succeeded(result, EINTR))
		result = 0;
	length = contents("f", got, sizeof(got));
	expect(length, 5 + result, "size of the file");
	if (memcmp(got, "base\n", 5) || memcmp(got + 5, message, result))
		wrong("contents");
	expect(write(file, message + result, MESSAGE - result), MESSAGE - result, "the rest");
	expect(contents("f", got, sizeof(got)), 5 + MESSAGE, "size of the whole");
	if (memcmp(got + 5, message, MESSAGE))
		wrong("contents of the whole");
}

static void call_write(void)
{
	static char got[2 * MESSAGE];
	long result;
	int file;

	make_message();
	make_directory();
	put_file(in_directory("f"), "base\n");
	file = sure(open(in_directory("f"), O_WRONLY), "open");
	lseek(file, 5, SEEK_SET);
	result = UNDER_TEST(write(file, message, MESSAGE));
	if (!succeeded(result, EINTR))
		result = 0;
	expect(lseek(file, 0, SEEK_CUR), 5 + result, "position");
	if (contents("f", got, sizeof(got)) < 5 + result || memcmp(got, "base\n", 5) || memcmp(got + 5, message, result))
		wrong("contents");
	expect(write(file, message + result, MESSAGE - result), MESSAGE - result, "the rest");
	expect(contents("f", got, sizeof(got)), 5 + MESSAGE, "size of the whole");
	if (memcmp(got + 5, message, MESSAGE))
		wrong("contents of the whole");
}

static void call_read(void)
{
	static char got[2 * MESSAGE];
	long result;
	int file;

	make_message();
	make_directory();
	put_file(in_directory("f"), message);
	file = sure(open(in_directory("f"), O_RDONLY), "open");
	result = UNDER_TEST(read(file, got, sizeof(got)));
	if (!succeeded(result, EINTR))
		result = 0;
	if (result != 0)
		expect(result, MESSAGE, "count");
	expect(lseek(file, 0, SEEK_CUR), result, "position");
	if (memcmp(got, message, result))
		wrong("what was read");
}

// More than the pipe holds besides, so that a byte taken twice or never shows.
static void pipe_read_to(char *got)
{
	long result, rest;
	int ends[2];

	make_message();
	sure(pipe(ends), "pipe");
	expect(write(ends[1], message, MESSAGE), MESSAGE, "write");
	result = UNDER_TEST(read(ends[0], got, 5000));
	if (!succeeded(result, EINTR))
		result = 0;
	rest = sure(read(ends[0], got + result, MESSAGE), "read of the rest");
	expect(result + rest, MESSAGE, "count");
	if (memcmp(got, message, MESSAGE))
		wrong("what was read");
}

static void call_pipe_read(void)
{
	static char got[2 * MESSAGE];

	pipe_read_to(got);
}

// Each piece of the pipe goes to a page that is not there yet.
static void call_pipe_read_fresh(void)
{
	char *got = mmap(NULL, 2 * MESSAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (got == MAP_FAILED)
		wrong("mmap");
	pipe_read_to(got);
}

static void call_pipe_write(void)
{
	static char got[2 * MESSAGE];
	long result;
	int ends[2];

	make_message();
	sure(pipe(ends), "pipe");
	expect(write(ends[1], message, 100), 100, "write");
	result = UNDER_TEST(write(ends[1], message + 100, MESSAGE - 100));
	if (!succeeded(result, EINTR))
		result = 0;
	close(ends[1]);
	expect(sure(read(ends[0], got, sizeof(got)), "read"), 100 + result, "count");
	if (memcmp(got, message, 100 + result))
		wrong("what was written");
}

static void call_rename(void)
{
	make_directory();
	put_file(in_directory("old"), "text");
	if (succeeded(UNDER_TEST(rename(in_directory("old"), in_directory("new"))), EIO)) {
		expect_exists("old", false);
		expect_file(in_directory("new"), "text");
	} else if (!exists("old")) { // half done it may be, with both names; but one of them must be there
		expect_file(in_directory("new"), "text");
	}
}

static void call_rename_over(void)
{
	make_directory();
	put_file(in_directory("old"), "text");
	put_file(in_directory("new"), "what was there");
	if (succeeded(UNDER_TEST(rename(in_directory("old"), in_directory("new"))), EIO)) {
		expect_exists("old", false);
		expect_file(in_directory("new"), "text");
	} else {
		expect_exists("new", true);
	}
}

static void call_unlink(void)
{
	make_directory();
	make_message();
	put_file(in_directory("f"), message);
	if (succeeded(UNDER_TEST(unlink(in_directory("f"))), EIO))
		expect_exists("f", false);
}

static void call_mkdir(void)
{
	make_directory();
	if (succeeded(UNDER_TEST(mkdir(in_directory("d"), 0750)), EIO))
		sure(rmdir(in_directory("d")), "rmdir");
}

static void call_rmdir(void)
{
	make_directory();
	sure(mkdir(in_directory("d"), 0755), "mkdir");
	if (succeeded(UNDER_TEST(rmdir(in_directory("d"))), EIO))
		expect_exists("d", false);
}

static void call_link(void)
{
	struct stat status;

	make_directory();
	put_file(in_directory("f"), "text");
	if (!succeeded(UNDER_TEST(link(in_directory("f"), in_directory("g"))), EIO))
		return;
	sure(stat(in_directory("g"), &status), "stat");
	expect(status.st_nlink, 2, "number of links");
}

static void call_symlink(void)
{
	char target[16] = "";

	make_directory();
	if (!succeeded(UNDER_TEST(symlink("target", in_directory("s"))), EIO))
		return;
	expect(readlink(in_directory("s"), target, sizeof(target) - 1), 6, "length of the target");
	if (strcmp(target, "target"))
		wrong("it points to %s", target);
}

static void call_create(void)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL;
	long file;

	make_directory();
	file = UNDER_TEST(open(in_directory("f"), flags, 0640));
	if (!succeeded(file, EINTR))
		return;
	expect(write(file, "text", 4), 4, "write");
	expect_file(in_directory("f"), "text");
	expect(dup(file), file + 1, "lowest free descriptor");
}

static void call_truncate(void)
{
	struct stat status;

	make_directory();
	make_message();
	put_file(in_directory("f"), message);
	if (!succeeded(UNDER_TEST(truncate(in_directory("f"), 4100)), EINTR))
		return;
	sure(stat(in_directory("f"), &status), "stat");
	expect(status.st_size, 4100, "size");
}

static void call_close(void)
{
	int file;

	make_directory();
	file = sure(open(in_directory("f"), O_WRONLY | O_CREAT, 0600), "open");
	expect(UNDER_TEST(close(file)), 0, "close");
	if (fcntl(file, F_GETFD) != -1 || errno != EBADF)
		wrong("it is still open");
}

static void call_dup2(void)
{
	int file;

	make_directory();
	file = sure(open(in_directory("f"), O_WRONLY | O_CREAT, 0600), "open");
	expect(UNDER_TEST(dup2(file, 77)), 77, "dup2");
	lseek(file, 9, SEEK_SET);
	expect(lseek(77, 0, SEEK_CUR), 9, "position of the duplicate");
}

static void call_munmap(void)
{
	unsigned char there[4];
	char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	fill(at, 4 * PAGE, 3);
	expect(UNDER_TEST(munmap(at + PAGE, 2 * PAGE)), 0, "munmap");
	if (mincore(at + PAGE, 2 * PAGE, there) != -1 || errno != ENOMEM)
		wrong("it is still mapped");
	munmap(at, PAGE);
	sure(munmap(at + 3 * PAGE, PAGE), "munmap");
}

// The boundary between two areas moves, as when the heap of a thread grows.
static void call_mprotect(void)
{
	int zero = sure(open("/dev/zero", O_RDONLY), "/dev/zero");
	char *at = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sure(mprotect(at, PAGE, PROT_READ | PROT_WRITE), "mprotect");
	fill(at, PAGE, 3);
	expect(UNDER_TEST(mprotect(at + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE)), 0, "mprotect");
	if (!filled(at, PAGE, 3))
		wrong("contents");
	expect(read(zero, at + PAGE, 2 * PAGE), 2 * PAGE, "bytes that could be written");
	if (read(zero, at + 3 * PAGE, PAGE) != -1 || errno != EFAULT)
		wrong("what is behind it can be written, too");
}

static void call_mremap(void)
{
	char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *stop = mmap(at + 4 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	char *moved;
	long result;

	fill(at, 4 * PAGE, 3);
	(void)stop;
	result = UNDER_TEST((long)mremap(at, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE));
	moved = result == -EAGAIN ? at : (char *)result;
	if (result < 0 && result != -EAGAIN)
		wrong("it answered %s", strerror(-result));
	if (!filled(moved, 4 * PAGE, 3))
		wrong("contents");
}

static void call_brk(void)
{
	char *end = sbrk(0);

	expect(UNDER_TEST(syscall(SYS_brk, end + 8 * PAGE)), (long)end + 8 * PAGE, "break");
	fill(end, 8 * PAGE, 5);
	if (!filled(end, 8 * PAGE, 5))
		wrong("contents");
}

// The new program is a shell, which says in our place that it was reached.
static void call_execve(void)
{
	static char *const arguments[] = { "sh", "-c", "echo '= call-execve ok 0'; exit 1", NULL };
	static char *const environment[] = { NULL };

	succeeded(UNDER_TEST(execve("/bin/sh", arguments, environment)), EIO);
}

static void call_fork(void)
{
	pid_t parent = getpid();
	long result = UNDER_TEST(syscall(SYS_fork));
	int status;

	if (getpid() != parent)
		_exit(33);
	if (succeeded(result, EAGAIN)) {
		expect(waitpid(-1, &status, 0), result, "pid of the child");
		expect(status, 33 << 8, "status of the child");
	}
	if (waitpid(-1, &status, 0) != -1 || errno != ECHILD)
		wrong("there is one more child");
}

static void call_exit(void)
{
	pid_t child = sure(fork(), "fork"), ended;
	int status;

	if (child == 0) {
		mark_call();
		_exit(44);
	}
	ended = waitpid(child, &status, 0);
	if (ended == -1 && errno == EINTR) // what a culprit is told
		ended = waitpid(child, &status, 0);
	expect(ended, child, "waitpid");
	expect(status, 44 << 8, "status");
	if (waitpid(-1, &status, 0) != -1 || errno != ECHILD)
		wrong("there is one more child");
}

static volatile sig_atomic_t caught;

static void count(int number)
{
	(void)number;
	caught++;
}

static void call_kill(void)
{
	pid_t self = getpid();

	signal(SIGUSR1, count);
	expect(UNDER_TEST(kill(self, SIGUSR1)), 0, "kill");
	if (caught > 1) // a kernel that dies while it delivers the signal may lose it
		wrong("the signal was caught %d times", caught);
}

static void call_setuid(void)
{
	expect(UNDER_TEST(setresuid(1001, 1002, 1003)), 0, "setresuid");
	expect(getuid(), 1001, "uid");
	expect(geteuid(), 1002, "euid");
}

static void call_fsync(void)
{
	int file;

	make_message();
	make_directory();
	put_file(in_directory("f"), message);
	file = sure(open(in_directory("f"), O_RDWR), "open");
	succeeded(UNDER_TEST(fsync(file)), EINTR);
	expect_file(in_directory("f"), message);
}

// What was taken out of the counter and what is still in it are one and the same count.
static void call_eventfd_read(void)
{
	int counter = sure(eventfd(7, EFD_NONBLOCK), "eventfd");
	uint64_t value = 0;

	if (succeeded(UNDER_TEST(read(counter, &value, sizeof(value))), EINTR)) {
		expect(value, 7, "count");
		expect(read(counter, &value, sizeof(value)), -1, "a second read");
	} else {
		sure(read(counter, &value, sizeof(value)), "a second read");
		expect(value, 7, "count");
	}
}

static void call_eventfd_write(void)
{
	int counter = sure(eventfd(1, EFD_NONBLOCK), "eventfd");
	uint64_t value = 4;
	bool wrote = succeeded(UNDER_TEST(write(counter, &value, sizeof(value))), EINTR);

	sure(read(counter, &value, sizeof(value)), "read");
	expect(value, wrote ? 5 : 1, "count");
}

static void call_timerfd_read(void)
{
	int timer = sure(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), "timerfd_create");
	struct itimerspec when = { .it_value.tv_nsec = 1 };
	uint64_t ticks = 0;

	sure(timerfd_settime(timer, 0, &when, NULL), "timerfd_settime");
	sleep_ms(5);
	if (!succeeded(UNDER_TEST(read(timer, &ticks, sizeof(ticks))), EINTR))
		sure(read(timer, &ticks, sizeof(ticks)), "a second read");
	expect(ticks, 1, "ticks");
	expect(read(timer, &ticks, sizeof(ticks)), -1, "one more read");
}

static void call_timerfd_settime(void)
{
	int timer = sure(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");
	struct itimerspec when = { .it_value.tv_sec = 100 }, left;

	expect(UNDER_TEST(timerfd_settime(timer, 0, &when, NULL)), 0, "timerfd_settime");
	sure(timerfd_gettime(timer, &left), "timerfd_gettime");
	if (left.it_value.tv_sec < 95 || left.it_value.tv_sec > 100)
		wrong("%ld s are left", left.it_value.tv_sec);
}

static void call_signalfd_read(void)
{
	struct signalfd_siginfo info = { 0 };
	sigset_t mask;
	int signals;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = sure(signalfd(-1, &mask, SFD_NONBLOCK), "signalfd");
	kill(getpid(), SIGUSR1);
	if (!succeeded(UNDER_TEST(read(signals, &info, sizeof(info))), EINTR))
		sure(read(signals, &info, sizeof(info)), "a second read");
	expect(info.ssi_signo, SIGUSR1, "signal");
	expect(read(signals, &info, sizeof(info)), -1, "one more read");
}

// Two that can be told apart, and room for more. What was not read is still pending.
static void call_signalfd_read_two(void)
{
	struct signalfd_siginfo infos[3] = { 0 };
	int numbers[2] = { SIGUSR1, SIGUSR2 }, signals;
	long result;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = sure(signalfd(-1, &mask, SFD_NONBLOCK), "signalfd");
	for (int i = 0; i < 2; i++)
		sigqueue(getpid(), numbers[i], (union sigval){ .sival_int = 70 + i });
	result = UNDER_TEST(read(signals, infos, sizeof(infos)));
	if (!succeeded(result, EINTR))
		result = 0;
	for (int i = result / (long)sizeof(infos[0]); i < 2; i++)
		expect(read(signals, &infos[i], sizeof(infos[i])), sizeof(infos[i]), "read of the rest");
	for (int i = 0; i < 2; i++) {
		expect(infos[i].ssi_signo, numbers[i], "signal");
		expect(infos[i].ssi_int, 70 + i, "value");
	}
	expect(read(signals, infos, sizeof(infos)), -1, "one more read");
}

// A reader that is stopped and goes on: its call is made again on the way out, with all registers.
static void call_restarted(void)
{
	const uint64_t mark = 0x123456789abcdef;
	pid_t reader = getpid(), child;
	uint64_t now;
	char text[8];
	int ends[2];
	long result;

	sure(pipe(ends), "pipe");
	child = sure(fork(), "fork");
	if (child == 0) {
		sleep_ms(10);
		kill(reader, SIGSTOP);
		sleep_ms(10);
		kill(reader, SIGCONT);
		sleep_ms(10);
		_exit(write(ends[1], "bytes", 5) != 5);
	}
	asm volatile("movq %0, %%xmm15" : : "r"(mark)); // libc's calls leave it alone
	result = UNDER_TEST(read(ends[0], text, sizeof(text)));
	asm volatile("movq %%xmm15, %0" : "=r"(now));
	expect(result, 5, "count");
	if (memcmp(text, "bytes", 5))
		wrong("what was read");
	if (now != mark)
		wrong("XMM15 is %#lx", now);
	sure(waitpid(child, NULL, 0), "waitpid");
}

static int watched_counter(int epoll, uint32_t events)
{
	int counter = sure(eventfd(1, EFD_NONBLOCK), "eventfd");
	struct epoll_event event = { .events = events, .data.u32 = 3 };

	sure(epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event), "EPOLL_CTL_ADD");
	return counter;
}

static void call_epoll_add(void)
{
	int epoll = sure(epoll_create1(0), "epoll_create1"), counter = sure(eventfd(1, 0), "eventfd");
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 3 };

	watched_counter(epoll, 0);
	if (!succeeded(UNDER_TEST(epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event)), ENOMEM))
		sure(epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event), "a second EPOLL_CTL_ADD");
	expect(sure(epoll_wait(epoll, &event, 1, 0), "epoll_wait"), 1, "count of events");
	expect(event.data.u32, 3, "data");
}

static void call_epoll_delete(void)
{
	int epoll = sure(epoll_create1(0), "epoll_create1"), counter = watched_counter(epoll, EPOLLIN);
	struct epoll_event event;

	watched_counter(epoll, 0);
	expect(UNDER_TEST(epoll_ctl(epoll, EPOLL_CTL_DEL, counter, NULL)), 0, "EPOLL_CTL_DEL");
	expect(sure(epoll_wait(epoll, &event, 1, 0), "epoll_wait"), 0, "count of events");
}

static void wait_for_event(uint32_t events)
{
	int epoll = sure(epoll_create1(0), "epoll_create1");
	struct epoll_event event = { 0 };

	watched_counter(epoll, events);
	if (!succeeded(UNDER_TEST(epoll_wait(epoll, &event, 1, 1000)), EINTR))
		expect(sure(epoll_wait(epoll, &event, 1, 1000), "epoll_wait"), 1, "count of events");
	expect(event.events, EPOLLIN, "events");
	expect(event.data.u32, 3, "data");
}

static void call_epoll_wait(void) { wait_for_event(EPOLLIN | EPOLLET); }

static void call_epoll_wait_once(void) { wait_for_event(EPOLLIN | EPOLLONESHOT); }

const struct scenario call_scenarios[] = {
	{ "call-append", call_append },
	{ "call-write", call_write },
	{ "call-read", call_read },
	{ "call-pipe-read", call_pipe_read },
	{ "call-pipe-read-fresh", call_pipe_read_fresh },
	{ "call-pipe-write", call_pipe_write },
	{ "call-rename", call_rename },
	{ "call-rename-over", call_rename_over },
	{ "call-unlink", call_unlink },
	{ "call-mkdir", call_mkdir },
	{ "call-rmdir", call_rmdir },
	{ "call-link", call_link },
	{ "call-symlink", call_symlink },
	{ "call-create", call_create },
	{ "call-truncate", call_truncate },
	{ "call-close", call_close },
	{ "call-dup2", call_dup2 },
	{ "call-munmap", call_munmap },
	{ "call-mprotect", call_mprotect },
	{ "call-mremap", call_mremap },
	{ "call-brk", call_brk },
	{ "call-execve", call_execve },
	{ "call-fork", call_fork },
	{ "call-exit", call_exit },
	{ "call-kill", call_kill },
	{ "call-setuid", call_setuid },
	{ "call-fsync", call_fsync },
	{ "call-eventfd-read", call_eventfd_read },
	{ "call-eventfd-write", call_eventfd_write },
	{ "call-timerfd-read", call_timerfd_read },
	{ "call-timerfd-settime", call_timerfd_settime },
	{ "call-signalfd-read", call_signalfd_read },
	{ "call-signalfd-read-two", call_signalfd_read_two },
	{ "call-restarted", call_restarted },
	{ "call-epoll-add", call_epoll_add },
	{ "call-epoll-delete", call_epoll_delete },
	{ "call-epoll-wait", call_epoll_wait },
	{ "call-epoll-wait-once", call_epoll_wait_once },
	{ NULL, NULL },
};
