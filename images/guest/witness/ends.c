// witness: what two processes do at the ends of a stream, whatever it is made of: pipe, unix socket or TCP connection.
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ends.h"
#include "witness.h"

void expect_status(pid_t child, int wanted)
{
	int status;

	expect(waitpid(child, &status, 0), child, "waitpid");
	expect(status, wanted << 8, "status of the child");
}

static _Noreturn void echo(int end)
{
	char bytes[600];
	size_t answered = 0;
	long got;

	while ((got = read(end, bytes, sizeof(bytes))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		sure(got, "read");
		expect_stream(bytes, answered, got);
		put(end, answered, got);
		answered += got;
	}
	_exit(0);
}

void talk(const int *ends)
{
	size_t asked = 0;
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		close(ends[0]);
		echo(ends[1]);
	}
	close(ends[1]);
	ready();
	for (int rest = 100; rest > 0; rest -= died()) {
		put(ends[0], asked, 500);
		take(ends[0], asked, 500);
		asked += 500;
		sleep_ms(1);
	}
	close(ends[0]);
	expect_status(child, 0);
}

void write_more_than_fits(const int *ends, size_t length)
{
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		char *bytes = malloc(length);

		if (!bytes)
			wrong("malloc");
		close(ends[0]);
		make_stream(bytes, 0, length);
		for (size_t done = 0; done < length;)
			done += sure(write(ends[1], bytes + done, length - done), "write");
		_exit(6);
	}
	close(ends[1]);
	sleep_ms(100);
	wait_for_death();
	take(ends[0], 0, length);
	expect_end(ends[0]);
	expect_status(child, 6);
}

void be_left(const int *ends)
{
	if (sure(fork(), "fork") == 0) {
		close(ends[0]);
		put(ends[1], 0, 77);
		hold_disk();
		for (;;)
			pause();
	}
	close(ends[1]);
	sleep_ms(20);
	wait_for_death();
	take(ends[0], 0, 77);
}

void sleep_at(const struct places *at)
{
	pid_t reads, receives, accepts, polls;

	if ((accepts = sure(fork(), "fork")) == 0) {
		take(sure(accept(at->listener, NULL, NULL), "accept"), 9, 99);
		_exit(7);
	}
	if ((polls = sure(fork(), "fork")) == 0) {
		struct pollfd in = { at->waiter[1], POLLIN, 0 };

		expect(poll(&in, 1, -1), 1, "poll");
		take(at->waiter[1], 1, 11);
		_exit(8);
	}
	if ((receives = sure(fork(), "fork")) == 0) {
		char bytes[5000];
		size_t done = 0;

		for (long got; done < sizeof(bytes); done += got)
			got = sure(recv(at->whole[1], bytes + done, sizeof(bytes) - done, MSG_WAITALL), "recv");
		expect_stream(bytes, 0, sizeof(bytes));
		_exit(6);
	}
	put(at->whole[0], 0, 3000);
	if ((reads = sure(fork(), "fork")) == 0) {
		close(at->reader[0]);
		take(at->reader[1], 0, 30000);
		expect_end(at->reader[1]);
		_exit(5);
	}
	close(at->reader[1]);
	wait_for_death();
	put(at->reader[0], 0, 30000);
	close(at->reader[0]);
	put(at->whole[0], 3000, 2000);
	put(at->connect(), 9, 99);
	put(at->waiter[0], 1, 11);
	expect_status(reads, 5);
	expect_status(receives, 6);
	expect_status(accepts, 7);
	expect_status(polls, 8);
}
