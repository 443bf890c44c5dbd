// witness: memory that several processes share and that no file of a disk holds.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ends.h"
#include "witness.h"

#define PAGES 96

static void *share(int file, size_t pages)
{
	void *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | (file < 0 ? MAP_ANONYMOUS : 0), file, 0);

	if (at == MAP_FAILED)
		wrong("mmap");
	return at;
}

// What one of the two writes before and after the death the other one reads.
static void shared_anonymous(void)
{
	char *at = share(-1, PAGES);
	pid_t child;

	fill_pages(at, 0, 32, 1);
	child = sure(fork(), "fork");
	if (child == 0) {
		fill_pages(at, 32, 32, 1);
		while (!died())
			sleep_ms(20);
		check_pages(at, 0, 64, 1, "pages before the death, in the child");
		fill_pages(at, 64, 32, 1);
		fill_pages(at, 0, 1, 500);
		_exit(0);
	}
	wait_for_death();
	expect_status(child, 0);
	check_pages(at, 1, PAGES - 1, 1, "pages of both");
	check_pages(at, 0, 1, 500, "page the child has changed");
}

// One writes all the time what the other one reads.
static void shared_busy(void)
{
	struct { atomic_ulong turn, sum; unsigned long seen[64]; } *at = share(-1, 1);
	unsigned long rounds = 0;
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		for (unsigned long i = 1;; i++) {
			atomic_fetch_add(&at->sum, i);
			at->seen[i % 64] = i;
			atomic_store(&at->turn, i);
			if (i % 1000 == 0)
				sleep_ms(1);
			if (atomic_load(&at->sum) != i * (i + 1) / 2 || at->seen[i % 64] != i)
				wrong("the child has lost a round before %lu", i);
			if (i % 20000 == 0 && died()) // seldom: it is not the question that is to be interrupted
				_exit(0);
		}
	}
	ready();
	for (unsigned long i = 1; i % 500000 != 0 || !died(); i++)
		rounds = atomic_load(&at->turn);
	expect_status(child, 0);
	if (atomic_load(&at->turn) < rounds)
		wrong("the counter went back");
	rounds = atomic_load(&at->turn);
	expect(atomic_load(&at->sum), rounds * (rounds + 1) / 2, "sum of all rounds");
}

// Pages are made, filled and given back all the time, by one process; the other one reads what is complete.
static void shared_churn(void)
{
	struct { atomic_ulong complete; } *at = share(-1, PAGES + 1);
	unsigned long last = 0;
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		for (unsigned long i = 1; i < 2 * PAGES || !died(); i++) {
			if (i > PAGES / 2)
				madvise((char *)at + (i % PAGES + 1) * PAGE, PAGE, MADV_REMOVE);
			fill((char *)at + (i % PAGES + 1) * PAGE, PAGE, i);
			atomic_store(&at->complete, i);
			if (i % 8 == 0)
				sleep_ms(1);
		}
		_exit(0);
	}
	ready();
	while (!died()) {
		unsigned long i = atomic_load(&at->complete);

		if (i < last)
			wrong("round %lu after round %lu", i, last);
		last = i;
		sleep_ms(3);
	}
	expect_status(child, 0);
	last = atomic_load(&at->complete);
	for (unsigned long i = last - PAGES / 2; i <= last; i++)
		if (!filled((char *)at + (i % PAGES + 1) * PAGE, PAGE, i))
			wrong("page of round %lu", i);
}

// Pages nobody had touched are zero; the mapping moves and shrinks as any other.
static void shared_grown(void)
{
	char *at = share(-1, PAGES);

	fill_pages(at, 10, 10, 3);
	sure(mprotect(at + 10 * PAGE, PAGE, PROT_READ), "mprotect");
	wait_for_death();
	for (size_t i = 0; i < 10 * PAGE; i++)
		if (at[i])
			wrong("byte %zu is not zero", i);
	check_pages(at, 10, 10, 3, "pages that were filled");
	at = mremap(at, PAGES * PAGE, 20 * PAGE, 0);
	if (at == MAP_FAILED)
		wrong("mremap");
	sure(madvise(at + 15 * PAGE, 5 * PAGE, MADV_REMOVE), "madvise");
	check_pages(at, 10, 5, 3, "pages that are left");
	expect(at[15 * PAGE], 0, "byte of a page that was removed");
}

// A child sleeps on a semaphore in shared memory, another one is woken by it.
static void shared_semaphore(void)
{
	struct { sem_t go, done; } *at = share(-1, 1);
	pid_t child;

	sure(sem_init(&at->go, 1, 0), "sem_init");
	sure(sem_init(&at->done, 1, 3), "sem_init");
	child = sure(fork(), "fork");
	if (child == 0) {
		while (sem_wait(&at->go) < 0)
			expect(errno, EINTR, "error of sem_wait");
		if (!died())
			wrong("woken too early");
		sure(sem_post(&at->done), "sem_post");
		_exit(0);
	}
	wait_for_death();
	sure(sem_post(&at->go), "sem_post");
	expect_status(child, 0);
	for (int i = 0; i < 4; i++)
		sure(sem_trywait(&at->done), "sem_trywait");
	expect(sem_trywait(&at->done), -1, "sem_trywait of an empty one");
}

static void check_text(int file, long at, const char *text, long length)
{
	char got[64] = "";

	expect(pread(file, got, sizeof(got), at), length, "pread");
	for (long i = 0; i < length; i++)
		expect(got[i], text[i], "byte of the file");
}

// Read and written; opened twice, one of them with an offset of its own.
static void memory_file(void)
{
	char path[32];
	struct stat before, after;
	int file = sure(memfd_create("some name", MFD_CLOEXEC), "memfd_create"), again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	again = sure(open(path, O_RDONLY), "open");
	expect(write(file, "0123456789", 10), 10, "write");
	lseek(again, 3, SEEK_SET);
	sure(fchmod(file, 0640), "fchmod");
	sure(fstat(file, &before), "fstat");
	wait_for_death();
	sure(fstat(file, &after), "fstat");
	expect(after.st_size, 10, "size");
	expect(after.st_ino, before.st_ino, "inode number");
	expect(after.st_mode, before.st_mode, "mode");
	expect(after.st_nlink, 0, "links");
	expect(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec, "time");
	expect(fcntl(file, F_GETFD), FD_CLOEXEC, "close-on-exec");
	expect(write(file, "abc", 3), 3, "write");
	expect(lseek(again, 0, SEEK_CUR), 3, "position of the other open file");
	check_text(again, 0, "0123456789abc", 13);
	expect(write(again, "x", 1), -1, "write to a file opened for reading");
	sure(ftruncate(file, 4), "ftruncate");
	check_text(file, 0, "0123", 4);
}

// Mapping, file and the same file in another process stay one.
static void memory_file_mapped(void)
{
	int file = sure(memfd_create("m", 0), "memfd_create");
	char *at, *own;
	pid_t child;

	sure(ftruncate(file, PAGES * PAGE), "ftruncate");
	at = share(file, PAGES);
	own = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	fill_pages(at, 0, PAGES / 2, 9);
	fill_pages(own, 4, 2, 77);
	child = sure(fork(), "fork");
	if (child == 0) {
		munmap(at, PAGES * PAGE);
		while (!died())
			sleep_ms(20);
		at = share(file, PAGES);
		check_pages(at, 0, PAGES / 2, 9, "pages, mapped again");
		expect(pwrite(file, "!", 1, PAGE), 1, "pwrite");
		_exit(0);
	}
	wait_for_death();
	expect_status(child, 0);
	expect(at[PAGE], '!', "byte the child has written");
	check_pages(at, 2, PAGES / 2 - 2, 9, "pages of the mapping");
	check_pages(own, 4, 2, 77, "pages of the private mapping");
	check_pages(own, 2, 2, 9, "pages the private mapping has from the file");
	expect(at[(PAGES - 1) * PAGE], 0, "byte never written");
}

static void memory_file_sealed(void)
{
	int file = sure(memfd_create("s", MFD_ALLOW_SEALING), "memfd_create");
	int locked = sure(memfd_create("w", MFD_ALLOW_SEALING), "memfd_create");
	char *at;

	sure(ftruncate(file, PAGE), "ftruncate");
	at = share(file, 1);
	sure(fcntl(file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_FUTURE_WRITE), "F_ADD_SEALS");
	expect(write(locked, "text", 4), 4, "write");
	sure(fcntl(locked, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL), "F_ADD_SEALS");
	wait_for_death();
	expect(fcntl(file, F_GET_SEALS), F_SEAL_GROW | F_SEAL_FUTURE_WRITE, "seals");
	expect(fcntl(locked, F_GET_SEALS), F_SEAL_WRITE | F_SEAL_SEAL, "seals");
	at[5] = 7; // a mapping from before the seal
	expect(at[5], 7, "byte of the mapping");
	expect(ftruncate(file, 2 * PAGE), -1, "ftruncate");
	expect(write(locked, "x", 1), -1, "write");
	expect(errno, EPERM, "its error");
	if (mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, locked, 0) != MAP_FAILED)
		wrong("a sealed file can be mapped for writing");
	check_text(locked, 0, "text", 4);
}

// A file of a memory file system whose name is gone.
static void memory_unlinked(void)
{
	int file = sure(open("/dev/memory-unlinked", O_RDWR | O_CREAT, 0600), "open");
	char *at;

	sure(ftruncate(file, 4 * PAGE), "ftruncate");
	at = share(file, 4);
	sure(unlink("/dev/memory-unlinked"), "unlink");
	fill_pages(at, 1, 2, 40);
	lseek(file, 6 * PAGE, SEEK_SET);
	wait_for_death();
	check_pages(at, 1, 2, 40, "pages");
	expect(write(file, "end", 3), 3, "write");
	check_text(file, 6 * PAGE, "end", 3);
	expect(access("/dev/memory-unlinked", F_OK), -1, "access");
}

const struct scenario shared_scenarios[] = {
	{ "shared-anonymous", shared_anonymous },
	{ "shared-busy", shared_busy },
	{ "shared-churn", shared_churn },
	{ "shared-grown", shared_grown },
	{ "shared-semaphore", shared_semaphore },
	{ "memory-file", memory_file },
	{ "memory-file-mapped", memory_file_mapped },
	{ "memory-file-sealed", memory_file_sealed },
	{ "memory-unlinked", memory_unlinked },
	{ NULL, NULL },
};
