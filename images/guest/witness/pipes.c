// witness: pipes and FIFOs with bytes in them, and those who wait at their ends.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ends.h"
#include "witness.h"

// Unread bytes, the first of them half way in a buffer.
static void pipe_contents(void)
{
	int ends[2];

	sure(pipe(ends), "pipe");
	put(ends[1], 0, 10000);
	take(ends[0], 0, 1234);
	wait_for_death();
	put(ends[1], 10000, 500);
	close(ends[1]);
	take(ends[0], 1234, 9266);
	expect_end(ends[0]);
}

// A child that sleeps in read() when the kernel dies.
static void pipe_reader(void)
{
	int ends[2], status;
	pid_t child;

	sure(pipe(ends), "pipe");
	child = sure(fork(), "fork");
	if (child == 0) {
		close(ends[1]);
		take(ends[0], 0, 30000);
		expect_end(ends[0]);
		_exit(5);
	}
	close(ends[0]);
	wait_for_death();
	put(ends[1], 0, 30000);
	close(ends[1]);
	expect(waitpid(child, &status, 0), child, "waitpid");
	expect(status, 5 << 8, "status of the reader");
}

// A child that sleeps in the middle of a write() that does not fit.
static void pipe_writer(void)
{
	int ends[2], status;
	pid_t child;

	sure(pipe(ends), "pipe");
	put(ends[1], 0, 100);
	child = sure(fork(), "fork");
	if (child == 0) {
		static char bytes[5 * PIPE_CAPACITY];

		make_stream(bytes, 100, sizeof(bytes));
		for (size_t done = 0; done < sizeof(bytes);)
			done += sure(write(ends[1], bytes + done, sizeof(bytes) - done), "write");
		_exit(6);
	}
	close(ends[1]);
	wait_for_death();
	take(ends[0], 0, 100 + 5 * PIPE_CAPACITY);
	expect_end(ends[0]);
	expect(waitpid(child, &status, 0), child, "waitpid");
	expect(status, 6 << 8, "status of the writer");
}

// The same in pieces that fit a page: of those none is split.
static void pipe_pieces(void)
{
	int ends[2], status;
	pid_t child;

	sure(pipe(ends), "pipe");
	child = sure(fork(), "fork");
	if (child == 0) {
		char bytes[1000];

		for (size_t done = 0; done < 2 * PIPE_CAPACITY; done += sizeof(bytes)) {
			struct iovec two[2] = { { bytes, 300 }, { bytes + 300, 700 } };

			make_stream(bytes, done, sizeof(bytes));
			expect(writev(ends[1], two, 2), sizeof(bytes), "writev");
		}
		_exit(7);
	}
	close(ends[1]);
	wait_for_death();
	take(ends[0], 0, (2 * PIPE_CAPACITY + 999) / 1000 * 1000);
	expect_end(ends[0]);
	expect(waitpid(child, &status, 0), child, "waitpid");
	expect(status, 7 << 8, "status of the writer");
}

static void pipe_packets(void)
{
	static char packet[4096];
	int ends[2];

	sure(pipe2(ends, O_DIRECT), "pipe2");
	put(ends[1], 0, 10);
	put(ends[1], 10, 3000);
	put(ends[1], 3010, 1);
	wait_for_death();
	expect(fcntl(ends[1], F_GETFL) & O_DIRECT, O_DIRECT, "flag of the writer");
	put(ends[1], 3011, 20);
	expect(read(ends[0], packet, sizeof(packet)), 10, "first packet");
	expect(read(ends[0], packet, sizeof(packet)), 3000, "second packet");
	expect(packet[2999], stream_at(3009), "its last byte");
	expect(read(ends[0], packet, sizeof(packet)), 1, "third packet");
	expect(read(ends[0], packet, sizeof(packet)), 20, "fourth packet");
}

static void pipe_size(void)
{
	int ends[2];

	sure(pipe2(ends, O_NONBLOCK), "pipe2");
	expect(fcntl(ends[1], F_SETPIPE_SZ, 8 * PIPE_CAPACITY), 8 * PIPE_CAPACITY, "size");
	put(ends[1], 0, 5 * PIPE_CAPACITY);
	wait_for_death();
	expect(fcntl(ends[0], F_GETPIPE_SZ), 8 * PIPE_CAPACITY, "size");
	expect(fcntl(ends[0], F_GETFL), O_RDONLY | O_NONBLOCK, "flags of the reader");
	put(ends[1], 5 * PIPE_CAPACITY, 3 * PIPE_CAPACITY);
	expect(write(ends[1], "x", 1), -1, "write to a full pipe");
	expect(errno, EAGAIN, "its error");
	take(ends[0], 0, 8 * PIPE_CAPACITY);
}

// Descriptors of one open file stay of one; of one pipe opened twice, they stay two.
static void pipe_shared(void)
{
	char path[32] = "/proc/self/fd/";
	int ends[2], twin, again;

	sure(pipe(ends), "pipe");
	twin = sure(dup(ends[0]), "dup");
	path[14] = (char)('0' + ends[0]);
	again = sure(open(path, O_RDONLY), "open of /proc/self/fd");
	put(ends[1], 0, 3);
	wait_for_death();
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	expect(fcntl(twin, F_GETFL), O_RDONLY | O_NONBLOCK, "flags of the duplicate");
	expect(fcntl(again, F_GETFL) & O_NONBLOCK, 0, "flags of the other open file");
	take(ends[0], 0, 1);
	take(twin, 1, 1);
	take(again, 2, 1);
}

// The only writer does not come back: its reader sees the end, behind what was in the pipe.
static void pipe_left_by_writer(void)
{
	int ends[2];

	sure(pipe(ends), "pipe");
	be_left(ends);
	expect_end(ends[0]);
}

static void pipe_left_by_reader(void)
{
	int ends[2];

	sure(pipe(ends), "pipe");
	signal(SIGPIPE, SIG_IGN);
	if (sure(fork(), "fork") == 0) {
		hold_disk();
		for (;;)
			pause();
	}
	close(ends[0]);
	wait_for_death();
	for (int i = 0; i < 100 && write(ends[1], "x", 1) == 1; i++) // the other has to die first
		sleep_ms(5);
	expect(write(ends[1], "x", 1), -1, "write");
	expect(errno, EPIPE, "its error");
}

static void fifo(void)
{
	int both, reader;

	make_directory();
	sure(mkfifo(in_directory("f"), 0600), "mkfifo");
	both = sure(open(in_directory("f"), O_RDWR), "open");
	reader = sure(open(in_directory("f"), O_RDONLY | O_NONBLOCK), "open");
	put(both, 0, 5000);
	wait_for_death();
	take(reader, 0, 5000);
	put(both, 5000, 10);
	take(sure(open(in_directory("f"), O_RDONLY), "open"), 5000, 10);
	close(both);
	expect_end(reader);
}

// Both sides at work all the time, the reader the slower one.
static void pipe_stream(void)
{
	int ends[2], status;
	size_t taken = 0;
	pid_t child;

	sure(pipe(ends), "pipe");
	child = sure(fork(), "fork");
	if (child == 0) {
		char bytes[777];
		size_t done = 0;

		for (; !died() || done % 1000 < 500; done += sizeof(bytes)) {
			make_stream(bytes, done, sizeof(bytes));
			expect(sure(write(ends[1], bytes, sizeof(bytes)), "write"), sizeof(bytes), "count of write");
		}
		_exit(0);
	}
	close(ends[1]);
	ready();
	for (; !died(); taken += 100)
		take(ends[0], taken, 100);
	for (;;) {
		char byte;
		long got = read(ends[0], &byte, 1);

		if (sure(got, "read") == 0)
			break;
		expect(byte, stream_at(taken++), "a byte of the stream");
	}
	expect(taken % 777, 0, "rest of the last piece");
	expect(waitpid(child, &status, 0), child, "waitpid");
	expect(status, 0, "status of the writer");
}

const struct scenario pipe_scenarios[] = {
	{ "pipe-contents", pipe_contents },
	{ "pipe-reader", pipe_reader },
	{ "pipe-writer", pipe_writer },
	{ "pipe-pieces", pipe_pieces },
	{ "pipe-packets", pipe_packets },
	{ "pipe-size", pipe_size },
	{ "pipe-shared", pipe_shared },
	{ "pipe-left-by-writer", pipe_left_by_writer },
	{ "pipe-left-by-reader", pipe_left_by_reader },
	{ "fifo", fifo },
	{ "pipe-stream", pipe_stream },
	{ NULL, NULL },
};
