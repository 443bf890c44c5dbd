// witness: writes and reads whose bytes change while they are copied, or lie where they are copied to. A kernel that looks twice must not take it for its own mistake.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "witness.h"

#define PAGES 16
#define ROUNDS 150

static int file;
static char *buffer;
static atomic_bool over;

static void open_file(void)
{
	make_directory();
	file = sure(open(in_directory("f"), O_RDWR | O_CREAT, 0600), "open");
	buffer = aligned_alloc(PAGE, PAGES * PAGE);
	fill_pages(buffer, 0, PAGES, 7);
	expect(pwrite(file, buffer, PAGES * PAGE, 0), PAGES * PAGE, "write");
}

static void *map(int flags)
{
	void *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags, file, 0);

	if (at == MAP_FAILED)
		wrong("mmap");
	return at;
}

// A buffer that is the page written to or read from, or overlaps itself.
static void races_overlaps(void)
{
	struct iovec twice[2];
	char *shared, *private;

	open_file();
	twice[0] = twice[1] = (struct iovec){ buffer, 100 };
	expect(preadv(file, twice, 2, 0), 200, "read of two pieces on top of each other");
	if (pread(file, buffer + 200, 100, 100) != 100 || memcmp(buffer, buffer + 200, 100))
		wrong("the second piece");
	fill_pages(buffer, 0, PAGES, 7);
	shared = map(MAP_SHARED);
	private = map(MAP_PRIVATE);
	private[3 * PAGE] ^= 1;
	expect(pwrite(file, shared + 10, 3000, 500), 3000, "write of a page to itself");
	expect(pwrite(file, shared + PAGE - 900, 3000, PAGE), 3000, "write over the end of a page");
	expect(pread(file, shared + 2 * PAGE + 700, 3000, 2 * PAGE), 3000, "read of a page into itself");
	expect(pwrite(file, private + 3 * PAGE, PAGE, 4 * PAGE), PAGE, "write of a private copy");
	expect(pwrite(file, private + 5 * PAGE, PAGE, 5 * PAGE + 1), PAGE, "write of what is mapped privately");
	check_pages(buffer, 0, PAGES, 7, "the buffer");
	expect(deaths(), 0, "deaths");
}

// No buffer: refused by a kernel that is healthy.
static void races_no_buffer(void)
{
	struct iovec pieces[2];
	char *at;

	open_file();
	at = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(at, 'x', 3 * PAGE);
	sure(mprotect(at + PAGE, PAGE, PROT_NONE), "mprotect");
	sure(munmap(at + 2 * PAGE, PAGE), "munmap");
	for (int i = 1; i < 3; i++)
		if (pwrite(file, at + i * PAGE, 100, 0) != -1 || errno != EFAULT)
			wrong("write of page %d", i);
	expect(pwrite(file, at + PAGE - 50, 100, 0), 50, "write of a buffer that ends");
	pieces[0] = (struct iovec){ at + PAGE, 10 };
	pieces[1] = (struct iovec){ at, 10 };
	if (pwritev(file, pieces, 2, 0) != -1 || errno != EFAULT)
		wrong("write of a first piece that is not there");
	pieces[0].iov_len = 0;
	expect(pwritev(file, pieces, 2, 0), 10, "write of an empty piece, and one");
	at = map(MAP_SHARED);
	sure(ftruncate(file, PAGE), "ftruncate");
	if (pwrite(file, at + 4 * PAGE, 100, 0) != -1 || errno != EFAULT)
		wrong("write of what is behind the end of its file");
	expect(deaths(), 0, "deaths");
}

static const unsigned long nowhere[] = {
	0, 1, PAGE - 1, // nothing is mapped there
	0x7ffffffff000 - 1, 0x7ffffffff000, 0x7fffffffffff, // around the end of what a process can have
	0x800000000000, 0x8000000000000000, // no addresses
	0xffff888000000000, 0xffffffff81000000, -PAGE, -8, -1, // the kernel's
};

static void refused(const char *call, unsigned long at, long answer)
{
	if (answer != -1 || errno != EFAULT)
		wrong("%s of %lx answers %ld", call, at, answer);
}

// Addresses of all kinds, in calls that ask for them in all ways: refused by a kernel that is healthy.
static void races_no_address(void)
{
	struct iovec pieces[2];
	int pair[2];

	open_file();
	expect(pwrite(file, "some bytes to read", 18, 0), 18, "write");
	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	pieces[0] = (struct iovec){ &pieces, 1 };
	for (unsigned int i = 0; i < sizeof(nowhere) / sizeof(*nowhere); i++) {
		unsigned long at = nowhere[i];

		sure(lseek(file, 0, SEEK_SET), "lseek");
		refused("write", at, syscall(SYS_write, file, at, 100));
		refused("read", at, syscall(SYS_read, file, at, 10));
		refused("pwrite64", at, syscall(SYS_pwrite64, file, at, 100, 0));
		refused("pread64", at, syscall(SYS_pread64, file, at, 10, 0));
		refused("sendto", at, syscall(SYS_sendto, pair[0], at, 10, 0, NULL, 0));
		refused("time", at, syscall(SYS_time, at | !at)); // __put_user_8
		refused("socketpair", at, syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, at)); // __put_user_4
		refused("sendfile", at, syscall(SYS_sendfile, pair[0], file, at | !at, 1)); // __get_user_8
		refused("FIONBIO", at, syscall(SYS_ioctl, pair[0], FIONBIO, at)); // __get_user_4
		refused("sigaction", at, syscall(SYS_rt_sigaction, SIGUSR1, at | !at, NULL, 8));
		refused("old sigaction", at, syscall(SYS_rt_sigaction, SIGUSR1, NULL, at | !at, 8));
		refused("writev of pieces", at, syscall(SYS_writev, file, at, 2));
		pieces[1] = (struct iovec){ (void *)at, 10 };
		if (at >= 0x7ffffffff000)
			refused("readv", at, syscall(SYS_readv, file, pieces, 2));
	}
	refused("write of more than there is", 0, syscall(SYS_write, file, nowhere, SIZE_MAX));
	refused("read of more than there is", 0, syscall(SYS_read, file, pieces, 0x7ffffffff000));
	expect(deaths(), 0, "deaths");
}

// Bytes that change by themselves.
static void *scribble(void *unused)
{
	for (uint64_t seed = 1; !over; seed++) {
		fill(buffer, PAGES * PAGE, seed);
		memset(buffer + seed % PAGES * PAGE, 'x', PAGE / 2);
	}
	return unused;
}

static void *write_often(void *flags)
{
	int mine = sure(open(in_directory("f"), O_RDWR | (long)flags), "open");

	for (size_t i = 0; !over; i = (i + 7) % PAGES) {
		sure(pwrite(mine, buffer + i * 100, (PAGES - i) * 200, i * 3000), "pwrite");
		sure(pread(mine, buffer + i * 111, 5000, i * 2000), "pread");
		if (i % 3)
			fdatasync(mine);
	}
	close(mine);
	return flags;
}

static void *cut(void *unused)
{
	for (long size = 1; !over; size = size * 7 % (PAGES * PAGE)) {
		sure(ftruncate(file, size), "ftruncate");
		sched_yield();
		sure(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, size / 3, PAGE * 3), "fallocate");
		posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
		sleep_ms(1);
	}
	return unused;
}

static void races_threads(void)
{
	void *(*const jobs[])(void *) = { scribble, write_often, write_often, cut };
	void *const arguments[] = { NULL, NULL, (void *)(long)O_APPEND, NULL };
	pthread_t threads[4];

	open_file();
	for (int i = 0; i < 4; i++)
		expect(pthread_create(&threads[i], NULL, jobs[i], arguments[i]), 0, "pthread_create");
	sleep_ms(400);
	over = true;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	fill_pages(buffer, 0, PAGES, 9);
	expect(pwrite(file, buffer, PAGES * PAGE, 0), PAGES * PAGE, "the last write");
	memset(buffer, 0, PAGES * PAGE);
	expect(pread(file, buffer, PAGES * PAGE, 0), PAGES * PAGE, "the last read");
	check_pages(buffer, 0, PAGES, 9, "the last contents");
	expect(deaths(), 0, "deaths");
}

// The disk writes to a buffer that is being written from, and read to.
static void races_device(void)
{
	int direct, copy;
	aio_context_t context = 0;

	open_file();
	fsync(file);
	direct = sure(open(in_directory("f"), O_RDONLY | O_DIRECT), "open");
	copy = sure(open(in_directory("copy"), O_RDWR | O_CREAT, 0600), "open");
	sure(syscall(SYS_io_setup, 1, &context), "io_setup");
	for (int i = 0; i < ROUNDS; i++) {
		struct iocb request = {
			.aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = direct, .aio_buf = (uintptr_t)buffer, .aio_nbytes = PAGES * PAGE,
		};
		struct iocb *list[] = { &request };
		struct io_event event;

		memset(buffer, i, PAGES * PAGE);
		expect(sure(syscall(SYS_io_submit, context, 1, list), "io_submit"), 1, "requests");
		do {
			expect(pwrite(copy, buffer, PAGES * PAGE, 0), PAGES * PAGE, "write");
			expect(pread(copy, buffer, PAGE, 0), PAGE, "read");
		} while (syscall(SYS_io_getevents, context, 0, 1, &event, NULL) == 0);
		expect(event.res, PAGES * PAGE, "result");
	}
	expect(deaths(), 0, "deaths");
}

const struct scenario race_scenarios[] = {
	{ "races-overlaps", races_overlaps },
	{ "races-no-buffer", races_no_buffer },
	{ "races-no-address", races_no_address },
	{ "races-threads", races_threads },
	{ "races-device", races_device },
	{ NULL, NULL },
};
