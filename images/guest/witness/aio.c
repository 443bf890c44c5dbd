// witness: native AIO with requests under way. What they have done is found on the disk, what they have not is done again.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "call.h"
#include "witness.h"

#define REQUESTS 3

static aio_context_t context;
static int file;
static char *buffer; // a page for each request, aligned as the disk wants it

static void submit(int opcode)
{
	struct iocb requests[REQUESTS], *list[REQUESTS];

	for (int i = 0; i < REQUESTS; i++) {
		requests[i] = (struct iocb){
			.aio_lio_opcode = opcode, .aio_fildes = file, .aio_buf = (uintptr_t)(buffer + i * PAGE),
			.aio_nbytes = PAGE, .aio_offset = 2 * i * PAGE, .aio_data = i, // apart, so that they stay three
		};
		list[i] = &requests[i];
	}
	mark_call();
	expect(sure(syscall(SYS_io_submit, context, REQUESTS, list), "io_submit"), REQUESTS, "requests");
}

// Events that come within a fifth of a second; which, as bits.
static int take_events(int most)
{
	struct timespec wait = { 0, 200000000 };
	struct io_event event;
	int seen = 0;

	for (int i = 0; i < most && syscall(SYS_io_getevents, context, 1, 1, &event, &wait) == 1; i++) {
		expect(event.res, PAGE, "result");
		if (seen & 1 << event.data)
			wrong("request %llu ends twice", event.data);
		seen |= 1 << event.data;
	}
	return seen;
}

static void open_file(uint64_t seed)
{
	static char page[PAGE];

	make_directory();
	file = sure(open(in_directory("f"), O_RDWR | O_CREAT, 0600), "open");
	for (int i = 0; i < 2 * REQUESTS; i++) {
		fill(page, PAGE, seed + i / 2);
		expect(write(file, page, PAGE), PAGE, "write");
	}
	fsync(file);
	close(file);
	file = sure(open(in_directory("f"), O_RDWR | O_DIRECT), "open");
	buffer = aligned_alloc(PAGE, REQUESTS * PAGE);
	sure(syscall(SYS_io_setup, REQUESTS, &context), "io_setup");
}

// The kernel dies with requests on their way; the context takes as many again.
static void under_way(int opcode)
{
	int seen;

	submit(opcode);
	seen = take_events(REQUESTS);
	if (!died())
		wrong("nobody died");
	note_result(__builtin_popcount(seen));
	submit(opcode);
	expect(take_events(REQUESTS), (1 << REQUESTS) - 1, "requests that end in the next kernel");
}

static void reads(void)
{
	open_file(70);
	memset(buffer, 0, REQUESTS * PAGE);
	under_way(IOCB_CMD_PREAD);
	check_pages(buffer, 0, REQUESTS, 70, "what was read");
}

static void writes(void)
{
	open_file(70);
	fill_pages(buffer, 0, REQUESTS, 90);
	under_way(IOCB_CMD_PWRITE);
	for (int i = 0; i < REQUESTS; i++) {
		memset(buffer, 0, PAGE);
		expect(pread(file, buffer, PAGE, 2 * i * PAGE), PAGE, "read of what was written");
		if (!filled(buffer, PAGE, 90 + i))
			wrong("page %d", i);
		expect(pread(file, buffer, PAGE, (2 * i + 1) * PAGE), PAGE, "read of what lies between");
		if (!filled(buffer, PAGE, 70 + i))
			wrong("the page behind %d", i);
	}
}

// Requests that have ended when io_submit() returns: those it does not count can be made again, those it counts have been made once.
static void call_io_submit(void)
{
	struct iocb requests[REQUESTS], *list[REQUESTS];
	struct timespec wait = { 0, 200000000 };
	struct io_event event;
	long made;
	int seen = 0;

	make_directory();
	file = sure(open(in_directory("f"), O_RDWR | O_CREAT, 0600), "open");
	buffer = aligned_alloc(PAGE, REQUESTS * PAGE);
	fill_pages(buffer, 0, REQUESTS, 90);
	sure(syscall(SYS_io_setup, REQUESTS, &context), "io_setup");
	for (int i = 0; i < REQUESTS; i++) {
		requests[i] = (struct iocb){
			.aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = file, .aio_buf = (uintptr_t)(buffer + i * PAGE),
			.aio_nbytes = PAGE, .aio_offset = i * PAGE, .aio_data = i,
		};
		list[i] = &requests[i];
	}
	made = UNDER_TEST(syscall(SYS_io_submit, context, REQUESTS, list));
	if (!succeeded(made, EINTR))
		made = 0;
	if (made < REQUESTS)
		expect(sure(syscall(SYS_io_submit, context, REQUESTS - made, list + made), "io_submit"), REQUESTS - made, "the rest");
	for (int i = 0; i < REQUESTS; i++) {
		expect(syscall(SYS_io_getevents, context, 1, 1, &event, &wait), 1, "events");
		expect(event.res, PAGE, "result");
		if (seen & 1 << event.data)
			wrong("request %llu ends twice", event.data);
		seen |= 1 << event.data;
	}
	wait.tv_nsec = 0;
	expect(syscall(SYS_io_getevents, context, 1, 1, &event, &wait), 0, "one more event");
	memset(buffer, 0, REQUESTS * PAGE);
	expect(pread(file, buffer, REQUESTS * PAGE, 0), REQUESTS * PAGE, "read of what was written");
	check_pages(buffer, 0, REQUESTS, 90, "what was written");
}

const struct scenario aio_scenarios[] = {
	{ "call-io-submit", call_io_submit },
	{ "aio-reads", reads },
	{ "aio-writes", writes },
	{ NULL, NULL },
};
