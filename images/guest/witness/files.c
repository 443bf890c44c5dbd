// witness: open files, directories, working directory and root, locks.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

static int opened(const char *path, int flags) { return sure(open(path, flags, 0644), path); }

static void expect_rest(int file, const char *text)
{
	char got[64] = "";

	sure(read(file, got, sizeof(got) - 1), "read");
	if (strcmp(got, text))
		wrong("read '%s' instead of '%s'", got, text);
}

// Two openings of one file, a duplicate of one of them, and the same opening in a child.
static void offsets(void)
{
	int first, second, twin, status;
	pid_t child;

	make_directory();
	put_file(in_directory("f"), "0123456789abcdefghij");
	first = opened(in_directory("f"), O_RDONLY);
	second = opened(in_directory("f"), O_RDONLY);
	twin = sure(dup2(first, 100), "dup2");
	lseek(first, 4, SEEK_SET);
	lseek(second, 10, SEEK_SET);
	child = sure(fork(), "fork");
	if (child == 0) {
		while (!died())
			sleep_ms(20);
		lseek(second, 2, SEEK_CUR);
		_exit(0);
	}
	wait_for_death();
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 0, "status of the child");
	expect(lseek(twin, 0, SEEK_CUR), 4, "offset of the duplicate");
	expect(lseek(second, 0, SEEK_CUR), 12, "offset the child has moved");
	lseek(twin, 2, SEEK_CUR);
	expect_rest(first, "6789abcdefghij");
	expect_rest(second, "cdefghij");
}

static void flags(void)
{
	int append, closing, kept, nonblock;

	make_directory();
	append = opened(in_directory("a"), O_WRONLY | O_CREAT | O_APPEND);
	closing = opened(in_directory("c"), O_RDWR | O_CREAT | O_CLOEXEC);
	kept = opened(in_directory("k"), O_RDWR | O_CREAT);
	nonblock = opened("/dev/null", O_RDONLY | O_NONBLOCK);
	expect(write(append, "one\n", 4), 4, "write");
	wait_for_death();
	put_file(in_directory("a"), "zero\none\n");
	lseek(append, 0, SEEK_SET);
	expect(write(append, "two\n", 4), 4, "write");
	expect_file(in_directory("a"), "zero\none\ntwo\n");
	expect(fcntl(append, F_GETFL) & (O_ACCMODE | O_APPEND), O_WRONLY | O_APPEND, "flags of the appending file");
	expect(fcntl(closing, F_GETFD), FD_CLOEXEC, "close-on-exec");
	expect(fcntl(kept, F_GETFD), 0, "no close-on-exec");
	expect(fcntl(kept, F_GETFL) & O_ACCMODE, O_RDWR, "access mode");
	expect(fcntl(nonblock, F_GETFL) & O_NONBLOCK, O_NONBLOCK, "O_NONBLOCK");
	expect(write(append, "", 0), 0, "empty write");
	if (read(append, (char[1]){ 0 }, 1) != -1 || errno != EBADF)
		wrong("a file opened for writing can be read");
}

#define ENTRIES 40

// A directory half read: the rest comes, and no entry twice.
static void directory(void)
{
	char seen[ENTRIES] = { 0 };
	char name[16];
	struct dirent64 *entry;
	int file, before = 0, total = 0;
	char *buffer = malloc(4096);

	make_directory();
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof(name), "e%d", i);
		put_file(in_directory(name), "");
	}
	file = opened(in_directory(""), O_RDONLY | O_DIRECTORY);
	for (bool dead = false;; dead = true) {
		ssize_t length;

		while ((length = sure(getdents64(file, buffer, 256), "getdents")) > 0) {
			for (ssize_t at = 0; at < length; at += entry->d_reclen) {
				int number = -1;

				entry = (struct dirent64 *)(buffer + at);
				if (sscanf(entry->d_name, "e%d", &number) == 1)
					seen[number]++, total++;
			}
			if (!dead && total >= 10)
				break;
		}
		if (dead)
			break;
		before = total;
		wait_for_death();
	}
	if (before >= ENTRIES)
		wrong("the whole directory was read before the death");
	for (int i = 0; i < ENTRIES; i++)
		expect(seen[i], 1, "times an entry was seen");
}

static void places(void)
{
	char path[128];

	make_directory();
	sure(mkdir(in_directory("root"), 0755), "mkdir");
	sure(mkdir(in_directory("root/below"), 0755), "mkdir");
	put_file(in_directory("root/below/here"), "inside\n");
	umask(027);
	sure(chroot(in_directory("root")), "chroot");
	sure(chdir("/below"), "chdir");
	wait_for_death();
	if (!getcwd(path, sizeof(path)) || strcmp(path, "/below"))
		wrong("working directory is %s", path);
	expect_file("here", "inside\n");
	expect_file("/below/here", "inside\n");
	if (access("/data", F_OK) == 0)
		wrong("the root is no longer where it was");
	put_file("/below/new", "x");
	expect(umask(0), 027, "umask");
}

static short lock_type(int file, int command, off_t start)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = start, .l_len = 1 };

	sure(fcntl(file, command, &lock), "fcntl");
	return lock.l_type;
}

static void set_lock(int file, int command, short type, off_t start, off_t length)
{
	struct flock lock = { .l_type = type, .l_start = start, .l_len = length };

	sure(fcntl(file, command, &lock), "fcntl");
}

// Whole-file locks, record locks and those of an open file description. A child, who holds none, asks for them.
static void locks(void)
{
	int whole, records, description, status;
	pid_t child;

	make_directory();
	whole = opened(in_directory("w"), O_RDWR | O_CREAT);
	records = opened(in_directory("r"), O_RDWR | O_CREAT);
	description = opened(in_directory("d"), O_RDWR | O_CREAT);
	sure(flock(whole, LOCK_EX), "flock");
	set_lock(records, F_SETLK, F_WRLCK, 10, 10);
	set_lock(records, F_SETLK, F_RDLCK, 40, 0);
	set_lock(description, F_OFD_SETLK, F_WRLCK, 0, 5);
	child = sure(fork(), "fork");
	if (child == 0) {
		while (!died())
			sleep_ms(20);
		sleep_ms(40);
		whole = opened(in_directory("w"), O_RDWR);
		description = opened(in_directory("d"), O_RDWR);
		if (flock(whole, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			wrong("flock is gone");
		expect(lock_type(records, F_GETLK, 9), F_UNLCK, "lock before the range");
		expect(lock_type(records, F_GETLK, 15), F_WRLCK, "lock inside the range");
		expect(lock_type(records, F_GETLK, 20), F_UNLCK, "lock behind the range");
		expect(lock_type(records, F_GETLK, 1000), F_RDLCK, "read lock to the end");
		expect(lock_type(description, F_OFD_GETLK, 2), F_WRLCK, "lock of the open file");
		_exit(0);
	}
	wait_for_death();
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 0, "status of the child");
	sure(flock(whole, LOCK_UN), "unlock");
	close(whole);
	whole = opened(in_directory("w"), O_RDWR);
	sure(flock(whole, LOCK_EX | LOCK_NB), "flock anew");
}

static void owner(void)
{
	int file;

	make_directory();
	file = opened(in_directory("f"), O_RDWR | O_CREAT);
	sure(fcntl(file, F_SETOWN, getpid()), "F_SETOWN");
	sure(fcntl(file, F_SETSIG, SIGRTMIN), "F_SETSIG");
	wait_for_death();
	expect(fcntl(file, F_GETOWN), getpid(), "owner");
	expect(fcntl(file, F_GETSIG), SIGRTMIN, "signal of the owner");
}

const struct scenario file_scenarios[] = {
	{ "offsets", offsets },
	{ "flags", flags },
	{ "directory", directory },
	{ "places", places },
	{ "locks", locks },
	{ "owner", owner },
	{ NULL, NULL },
};
