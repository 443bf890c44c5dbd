// witness: a memory file system that user space mounted, with everything in it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"


static struct stat status_of(const char *name)
{
	struct stat status;

	sure(lstat(in_directory(name), &status), name);
	return status;
}

static void mount_memory(const char *where, const char *options)
{
	sure(mount("memory", where, "tmpfs", MS_NOSUID | MS_NODEV, options), "mount");
}

// Directories, files, links, nodes; modes, owners, times, limits of the file system.
static void memory_tree(void)
{
	static const struct timespec times[2] = { { 1000000000, 5 }, { 1100000000, 123456789 } };
	char target[PAGE] = "", long_target[300];
	struct statvfs limits, after;
	struct statfs kind;

	make_directory();
	mount_memory(in_directory(""), "size=2m,mode=1755");
	sure(mkdir(in_directory("a"), 0700), "mkdir");
	sure(mkdir(in_directory("a/b"), 0711), "mkdir");
	sure(chmod(in_directory("a/b"), 02711), "chmod");
	put_file(in_directory("a/b/f"), "deep\n");
	sure(link(in_directory("a/b/f"), in_directory("second")), "link");
	sure(symlink("a/b/f", in_directory("s")), "symlink");
	memset(long_target, 'l', sizeof(long_target) - 1);
	long_target[sizeof(long_target) - 1] = '\0';
	sure(symlink(long_target, in_directory("long")), "symlink");
	sure(mkfifo(in_directory("p"), 0640), "mkfifo");
	sure(mknod(in_directory("null"), S_IFCHR | 0600, makedev(1, 3)), "mknod");
	put_file(in_directory("gone"), "x");
	sure(unlink(in_directory("gone")), "unlink");
	put_file(in_directory("hole"), "x");
	sure(truncate(in_directory("hole"), 5 * PAGE), "truncate");
	sure(chown(in_directory("a/b/f"), 1234, 4321), "chown");
	sure(chmod(in_directory("a/b/f"), 04751), "chmod");
	sure(utimensat(AT_FDCWD, in_directory("a/b/f"), times, 0), "utimensat");
	sure(utimensat(AT_FDCWD, in_directory("a"), times, 0), "utimensat");
	sure(statvfs(in_directory(""), &limits), "statvfs");
	wait_for_death();
	sure(statfs(in_directory(""), &kind), "statfs");
	expect(kind.f_type, TMPFS_MAGIC, "kind of the file system");
	sure(statvfs(in_directory(""), &after), "statvfs");
	expect(after.f_blocks, limits.f_blocks, "blocks of the file system");
	expect(after.f_bfree, limits.f_bfree, "free blocks");
	expect(after.f_flag & (ST_NOSUID | ST_NODEV), ST_NOSUID | ST_NODEV, "flags of the mount");
	expect(status_of("").st_mode, S_IFDIR | 01755, "mode of the root");
	expect(status_of("a").st_mode, S_IFDIR | 0700, "mode of a directory");
	expect(status_of("a").st_mtim.tv_nsec, 123456789, "time of a directory");
	expect(status_of("a/b").st_mode, S_IFDIR | 02711, "mode of a directory");
	expect_file(in_directory("s"), "deep\n");
	expect(status_of("a/b/f").st_mode, S_IFREG | 04751, "mode of a file");
	expect(status_of("a/b/f").st_uid, 1234, "owner");
	expect(status_of("a/b/f").st_gid, 4321, "group");
	expect(status_of("a/b/f").st_mtim.tv_nsec, 123456789, "time of a file");
	expect(status_of("second").st_ino, status_of("a/b/f").st_ino, "inode of the second name");
	expect(status_of("second").st_nlink, 2, "number of links");
	expect(readlink(in_directory("long"), target, sizeof(target) - 1), sizeof(long_target) - 1, "length of a long link");
	expect(status_of("p").st_mode, S_IFIFO | 0640, "mode of the pipe");
	expect(status_of("null").st_rdev, makedev(1, 3), "device");
	expect(access(in_directory("gone"), F_OK), -1, "access");
	expect(status_of("hole").st_size, 5 * PAGE, "size with a hole");
	put_file(in_directory("a/b/f"), "new\n");
	expect_file(in_directory("second"), "new\n");
	sure(umount(in_directory("")), "umount");
}

// Files that are open and mapped, by name and without; and one that nobody has open, larger than a slot has room for many of.
static void memory_tree_open(void)
{
	int file, unlinked;
	char *at;

	make_directory();
	mount_memory(in_directory(""), "size=8m");
	file = sure(open(in_directory("f"), O_RDWR | O_CREAT, 0600), "open");
	unlinked = sure(open(in_directory("u"), O_RDWR | O_CREAT, 0600), "open");
	sure(unlink(in_directory("u")), "unlink");
	expect(write(unlinked, "without a name", 14), 14, "write");
	sure(ftruncate(file, 1024 * PAGE), "ftruncate");
	at = mmap(NULL, 1024 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	for (int i = 0; i < 1024; i += 2)
		fill(at + i * PAGE, PAGE, i);
	lseek(file, 2 * PAGE, SEEK_SET);
	put_file(in_directory("closed"), "nobody has it open\n");
	wait_for_death();
	for (int i = 0; i < 1024; i += 2)
		if (!filled(at + i * PAGE, PAGE, i) || at[(i + 1) * PAGE])
			wrong("page %d", i);
	expect(write(file, "abc", 3), 3, "write");
	if (memcmp(at + 2 * PAGE, "abc", 3))
		wrong("mapping and file are no longer one");
	expect(status_of("f").st_size, 1024 * PAGE, "size by name");
	expect(pread(unlinked, (char[16]){ 0 }, 16, 0), 14, "size of the unlinked file");
	expect_file(in_directory("closed"), "nobody has it open\n");
}

// POSIX shared memory and named semaphores are files on a tmpfs at /dev/shm.
static void posix_shared(void)
{
	int file, status;
	sem_t *go;
	pid_t child;
	char *at;

	mkdir("/dev/shm", 01777);
	mount_memory("/dev/shm", "mode=1777");
	file = sure(shm_open("/witness", O_RDWR | O_CREAT, 0600), "shm_open");
	sure(ftruncate(file, 4 * PAGE), "ftruncate");
	at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	go = sem_open("/witness", O_CREAT, 0600, 0);
	if (go == SEM_FAILED)
		wrong("sem_open");
	child = sure(fork(), "fork");
	if (child == 0) {
		while (sem_wait(go) < 0)
			continue;
		if (!died())
			wrong("woken too early");
		fill(at, PAGE, 5);
		_exit(0);
	}
	fill(at + PAGE, PAGE, 6);
	wait_for_death();
	go = sem_open("/witness", 0);
	if (go == SEM_FAILED)
		wrong("sem_open after the death");
	sure(sem_post(go), "sem_post");
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 0, "status of the child");
	file = sure(shm_open("/witness", O_RDONLY, 0), "shm_open after the death");
	at = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, file, 0);
	if (!filled(at, PAGE, 5) || !filled(at + PAGE, PAGE, 6))
		wrong("shared memory");
	sure(shm_unlink("/witness"), "shm_unlink");
	sure(sem_unlink("/witness"), "sem_unlink");
}

const struct scenario memory_tree_scenarios[] = {
	{ "memory-tree", memory_tree },
	{ "memory-tree-open", memory_tree_open },
	{ "posix-shared", posix_shared },
	{ NULL, NULL },
};
