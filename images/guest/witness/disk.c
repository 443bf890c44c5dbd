// witness: what a program was told is done on the disk one millisecond before the death, with nothing ever synced.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "witness.h"

static void die_in_a_moment(void)
{
	mark_call();
	while (!died())
		sleep_ms(20);
}

static void expect_gone(const char *name)
{
	if (access(in_directory(name), F_OK) == 0)
		wrong("%s is there again", name);
}

static void append(const char *name, const char *text)
{
	int file = sure(open(in_directory(name), O_WRONLY | O_APPEND), "open");

	expect(write(file, text, strlen(text)), strlen(text), "write");
	close(file);
}

static struct stat status_of(const char *name)
{
	struct stat status;

	sure(lstat(in_directory(name), &status), name);
	return status;
}

// The steps of an editor that saves: write beside, rename over.
static void disk_saved(void)
{
	make_directory();
	put_file(in_directory("f"), "the old text\n");
	sync();
	put_file(in_directory("f.new"), "the new text, a little longer\n");
	sure(rename(in_directory("f.new"), in_directory("f")), "rename");
	die_in_a_moment();
	expect_file(in_directory("f"), "the new text, a little longer\n");
	expect_gone("f.new");
}

static void disk_names(void)
{
	char target[16] = "";

	make_directory();
	put_file(in_directory("doomed"), "x");
	sure(mkdir(in_directory("empty"), 0755), "mkdir");
	put_file(in_directory("linked"), "one file\n");
	sync();
	sure(unlink(in_directory("doomed")), "unlink");
	sure(rmdir(in_directory("empty")), "rmdir");
	sure(mkdir(in_directory("a"), 0700), "mkdir");
	sure(mkdir(in_directory("a/b"), 0711), "mkdir");
	put_file(in_directory("a/b/f"), "deep\n");
	sure(link(in_directory("linked"), in_directory("a/second")), "link");
	sure(symlink("b/f", in_directory("a/s")), "symlink");
	sure(mkfifo(in_directory("a/p"), 0640), "mkfifo");
	die_in_a_moment();
	expect_gone("doomed");
	expect_gone("empty");
	expect(status_of("a/b").st_mode, S_IFDIR | 0711, "mode of a directory");
	expect_file(in_directory("a/s"), "deep\n");
	expect(readlink(in_directory("a/s"), target, sizeof(target) - 1), 3, "length of the link");
	expect(status_of("linked").st_nlink, 2, "number of links");
	expect(status_of("linked").st_ino, status_of("a/second").st_ino, "inode of the second name");
	expect(status_of("a/p").st_mode, S_IFIFO | 0640, "mode of the pipe");
}

static void disk_sizes(void)
{
	static char big[40000];

	make_directory();
	memset(big, 'b', sizeof(big) - 1);
	put_file(in_directory("shrunk"), big);
	put_file(in_directory("grown"), "short");
	put_file(in_directory("log"), "line 1\n");
	put_file(in_directory("hole"), "x");
	sync();
	sure(truncate(in_directory("shrunk"), 5), "truncate");
	sure(truncate(in_directory("hole"), 1000000), "truncate");
	append("grown", big);
	append("log", "line 2\n");
	append("log", "line 3\n");
	die_in_a_moment();
	expect_file(in_directory("shrunk"), "bbbbb");
	expect(status_of("hole").st_size, 1000000, "size with a hole");
	expect(status_of("grown").st_size, 5 + sizeof(big) - 1, "size of the grown file");
	expect_file(in_directory("log"), "line 1\nline 2\nline 3\n");
}

static void disk_attributes(void)
{
	struct timespec times[2] = { { 1000000000, 5 }, { 1100000000, 123456789 } };
	char value[8] = "";

	make_directory();
	put_file(in_directory("f"), "x");
	sync();
	sure(chmod(in_directory("f"), 04751), "chmod");
	sure(chown(in_directory("f"), 1234, 4321), "chown");
	sure(chmod(in_directory("f"), 04751), "chmod");
	sure(setxattr(in_directory("f"), "user.otherworld", "value", 5, 0), "setxattr");
	sure(utimensat(AT_FDCWD, in_directory("f"), times, 0), "utimensat");
	die_in_a_moment();
	expect(status_of("f").st_mode, S_IFREG | 04751, "mode");
	expect(status_of("f").st_uid, 1234, "owner");
	expect(status_of("f").st_gid, 4321, "group");
	expect(status_of("f").st_mtim.tv_sec, 1100000000, "time");
	expect(status_of("f").st_mtim.tv_nsec, 123456789, "ns of the time");
	expect(sure(getxattr(in_directory("f"), "user.otherworld", value, sizeof(value)), "getxattr"), 5, "length of the attribute");
}

// More files and bytes than one page of anything.
static void disk_many(void)
{
	char name[24], text[64];

	make_directory();
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		snprintf(text, sizeof(text), "text %d of a file nobody has synced\n", i);
		put_file(in_directory(name), text);
		if (i % 3 == 0)
			sure(unlink(in_directory(name)), "unlink");
	}
	die_in_a_moment();
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		snprintf(text, sizeof(text), "text %d of a file nobody has synced\n", i);
		if (i % 3 == 0)
			expect_gone(name);
		else
			expect_file(in_directory(name), text);
	}
}

static unsigned long free_inodes(void)
{
	struct statvfs status;

	sure(statvfs("/data", &status), "statvfs");
	return status.f_ffree;
}

static void expect_text(int file, const char *text)
{
	char got[64] = "";

	expect(pread(file, got, sizeof(got) - 1, 0), strlen(text), "size of a file without this name");
	if (strcmp(got, text))
		wrong("it holds '%s', not '%s'", got, text);
}

// A child that does not come back has an unlinked file, too: nobody will have it open.
static void leave_orphan(void)
{
	put_file(in_directory("left"), "of nobody\n");
	if (sure(fork(), "fork") == 0) {
		prctl(PR_SET_NAME, "load", 0, 0, 0);
		sure(open(in_directory("left"), O_RDWR), "open");
		sure(unlink(in_directory("left")), "unlink");
		for (;;)
			pause();
	}
	for (int i = 0; i < 100 && access(in_directory("left"), F_OK) == 0; i++)
		sleep_ms(1);
}

// The death comes while the file system is being changed, so that it must be checked.
static void die_in_a_change(void)
{
	put_file(in_directory("half"), "x");
	mark_call();
	unlink(in_directory("half")); // happens or not, nobody is told
	while (!died())
		sleep_ms(20);
}

// Names are gone, open files are not: unlinked, renamed over, known by another name; and free at their last close.
static void keep_unlinked(void (*die)(void))
{
	unsigned long before;
	int file, over, other, again, empty;
	char *at;

	make_directory();
	put_file(in_directory("f"), "a text\n");
	put_file(in_directory("over"), "the old one\n");
	put_file(in_directory("other"), "two names\n");
	put_file(in_directory("empty"), "");
	sync();
	file = sure(open(in_directory("f"), O_RDWR), "open");
	again = sure(dup2(file, 50), "dup2");
	over = sure(open(in_directory("over"), O_RDONLY), "open");
	other = sure(open(in_directory("other"), O_RDWR | O_APPEND), "open");
	empty = sure(open(in_directory("empty"), O_RDWR), "open");
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (at == MAP_FAILED)
		wrong("mmap");
	leave_orphan();
	sure(unlink(in_directory("f")), "unlink");
	sure(unlink(in_directory("empty")), "unlink");
	put_file(in_directory("new"), "the new one\n");
	sure(rename(in_directory("new"), in_directory("over")), "rename");
	sure(link(in_directory("other"), in_directory("second")), "link");
	sure(unlink(in_directory("other")), "unlink");
	expect(pwrite(file, "and more\n", 9, 7), 9, "write");
	at[0] = 'A';
	die();
	expect_text(file, "A text\nand more\n");
	expect_text(over, "the old one\n");
	expect_text(empty, "");
	expect(write(empty, "no more\n", 8), 8, "write");
	expect_text(empty, "no more\n");
	expect_file(in_directory("over"), "the new one\n");
	expect(write(other, "one left\n", 9), 9, "write");
	expect_file(in_directory("second"), "two names\none left\n");
	expect_gone("f");
	at[2] = 'T';
	expect_text(again, "A Text\nand more\n");
	sure(ftruncate(file, 1), "ftruncate");
	expect_text(file, "A");
	before = free_inodes();
	munmap(at, 4096);
	close(over);
	close(file);
	expect(free_inodes(), before + 1, "free inodes with one file still open");
	close(again);
	expect(free_inodes(), before + 2, "free inodes behind the last close");
}

static void disk_unlinked(void)
{
	keep_unlinked(die_in_a_moment);
}

static void disk_unlinked_in_a_change(void)
{
	keep_unlinked(die_in_a_change);
}

const struct scenario disk_scenarios[] = {
	{ "disk-saved", disk_saved },
	{ "disk-names", disk_names },
	{ "disk-sizes", disk_sizes },
	{ "disk-attributes", disk_attributes },
	{ "disk-many", disk_many },
	{ "disk-unlinked", disk_unlinked },
	{ "disk-unlinked-in-a-change", disk_unlinked_in_a_change },
	{ NULL, NULL },
};
