// witness: TCP within the machine, with what has not been read, sent, acknowledged or accepted yet.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "sockets.h"
#include "witness.h"

static struct sockaddr_in here(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

void raise_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int s = sure(socket(AF_INET, SOCK_DGRAM, 0), "socket");

	sure(ioctl(s, SIOCSIFFLAGS, &lo), "SIOCSIFFLAGS");
	close(s);
}

int listening_at(int port)
{
	struct sockaddr_in name = here(port);
	int s;

	raise_loopback();
	s = sure(socket(AF_INET, SOCK_STREAM, 0), "socket");
	set_option(s, SOL_SOCKET, SO_REUSEADDR, 1);
	sure(bind(s, (struct sockaddr *)&name, sizeof(name)), "bind");
	sure(listen(s, 5), "listen");
	return s;
}

int connected_to(int port)
{
	struct sockaddr_in name = here(port);
	int s = sure(socket(AF_INET, SOCK_STREAM, 0), "socket");

	sure(connect(s, (struct sockaddr *)&name, sizeof(name)), "connect");
	return s;
}

static int accepted(int listener) { return sure(accept(listener, NULL, NULL), "accept"); }

static void expect_port(int s, int port)
{
	struct sockaddr_in name;
	socklen_t size = sizeof(name);

	sure(getsockname(s, (struct sockaddr *)&name, &size), "getsockname");
	expect(ntohs(name.sin_port), port, "port");
}

void connect_pair(int port, int *ends)
{
	int listener = listening_at(port);

	ends[0] = connected_to(port);
	ends[1] = accepted(listener);
	close(listener);
}

static int state(int s)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	sure(getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
	return info.tcpi_state;
}

// Unread bytes in both directions, of which some had been read.
static void tcp_pair(void)
{
	int ends[2];

	connect_pair(7001, ends);
	set_option(ends[0], IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(ends[0], SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(ends[0], IPPROTO_TCP, TCP_KEEPIDLE, 77);
	set_option(ends[1], SOL_SOCKET, SO_PRIORITY, 3);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	put(ends[0], 0, 40000);
	sleep_ms(5);
	take(ends[1], 0, 12345);
	put(ends[1], 500, 77);
	wait_for_death();
	expect(option(ends[0], IPPROTO_TCP, TCP_NODELAY), 1, "TCP_NODELAY");
	expect(option(ends[0], SOL_SOCKET, SO_KEEPALIVE), 1, "SO_KEEPALIVE");
	expect(option(ends[0], IPPROTO_TCP, TCP_KEEPIDLE), 77, "TCP_KEEPIDLE");
	expect(option(ends[1], SOL_SOCKET, SO_PRIORITY), 3, "SO_PRIORITY");
	expect(fcntl(ends[1], F_GETFL), O_RDWR | O_NONBLOCK, "flags");
	expect_port(ends[1], 7001);
	take(ends[1], 12345, 40000 - 12345);
	fcntl(ends[1], F_SETFL, 0);
	put(ends[0], 40000, 100000);
	take(ends[1], 40000, 100000);
	take(ends[0], 500, 77);
	close(ends[0]);
	expect_end(ends[1]);
}

// Connections nobody has accepted: one empty, one with bytes in it, one whose other end is closed already.
static void tcp_backlog(void)
{
	int listener = listening_at(7002), client[3], server;

	for (int i = 0; i < 3; i++)
		client[i] = connected_to(7002);
	put(client[1], 0, 3000);
	put(client[2], 100, 50);
	close(client[2]);
	sleep_ms(5);
	wait_for_death();
	expect_port(listener, 7002);
	for (int i = 0; i < 3; i++) {
		server = accepted(listener);
		expect_port(server, 7002);
		if (i == 1) {
			take(server, 0, 3000);
		} else if (i == 2) {
			take(server, 100, 50);
			expect_end(server);
			break;
		}
		put(server, i, 10);
		take(client[i], i, 10);
		close(server);
		expect_end(client[i]);
	}
	client[0] = connected_to(7002);
	server = accepted(listener);
	put(client[0], 5, 20);
	take(server, 5, 20);
}

// A listener that wants data first: to its client a connection is made that is a request still.
static void tcp_deferred(void)
{
	int listener = listening_at(7016), client, server;

	set_option(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 30);
	client = connected_to(7016);
	expect(state(client), TCP_ESTABLISHED, "state of the client");
	expect_in_state(7016, TCP_SYN_RECV, 1, "requests");
	wait_for_death();
	expect_in_state(7016, TCP_SYN_RECV, 1, "requests after the death");
	put(client, 0, 3000);
	server = accepted(listener);
	take(server, 0, 3000);
	put(server, 3000, 500);
	take(client, 3000, 500);
	close(client);
	expect_end(server);
}

// Two connections with unread bytes; those of the first, which is read from before, are damaged by the test. Only that one ends, with a reset for both ends.
static void tcp_damaged(void)
{
	int damaged[2], whole[2];
	char byte;

	connect_pair(7017, damaged);
	connect_pair(7018, whole);
	put(damaged[0], 0, 3000);
	put(whole[0], 0, 3000);
	sleep_ms(5);
	take(damaged[1], 0, 100);
	wait_for_death();
	for (int i = 1; i >= 0; i--) {
		expect(read(damaged[i], &byte, 1), -1, "read of what is damaged");
		expect(errno, ECONNRESET, "its error");
	}
	take(whole[1], 0, 3000);
	put(whole[1], 5, 100);
	take(whole[0], 5, 100);
}

// One direction is at its end, the other goes on.
static void tcp_half(void)
{
	int ends[2];

	connect_pair(7003, ends);
	put(ends[0], 0, 5000);
	sure(shutdown(ends[0], SHUT_WR), "shutdown");
	put(ends[1], 9, 900);
	sleep_ms(5);
	wait_for_death();
	expect(state(ends[0]), TCP_FIN_WAIT2, "state");
	expect(state(ends[1]), TCP_CLOSE_WAIT, "state");
	take(ends[1], 0, 5000);
	expect_end(ends[1]);
	put(ends[1], 909, 1000);
	take(ends[0], 9, 1900);
	expect(send(ends[0], "x", 1, MSG_NOSIGNAL), -1, "send behind shutdown");
	expect(errno, EPIPE, "its error");
	close(ends[1]);
	expect_end(ends[0]);
}

static void tcp_writer(void)
{
	int ends[2];

	connect_pair(7004, ends);
	write_more_than_fits(ends, 9000000); // the window is closed, the queue is full
}

static int connect_to_sleeper(void) { return connected_to(7005); }

static void tcp_sleepers(void)
{
	struct places at = { .listener = listening_at(7005), .connect = connect_to_sleeper };

	connect_pair(7006, at.reader);
	connect_pair(7007, at.whole);
	connect_pair(7008, at.waiter);
	sleep_at(&at);
}

static void tcp_left(void)
{
	int ends[2];

	connect_pair(7009, ends);
	be_left(ends);
	expect(read(ends[0], ends, 1) <= 0, 1, "end");
}

static void tcp_talk(void)
{
	int ends[2];

	connect_pair(7010, ends);
	talk(ends);
}

int in_state(int port, unsigned int wanted)
{
	static const char *const lists[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	unsigned int from, to, state;
	char line[256];
	int count = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		FILE *file = fopen(lists[i], "r");

		while (file && fgets(line, sizeof(line), file))
			count += sscanf(line, " %*d: %*x:%x %*x:%x %x", &from, &to, &state) == 3 &&
				 ((int)from == port || (int)to == port) && state == wanted;
		if (file)
			fclose(file);
	}
	return count;
}

void expect_in_state(int port, unsigned int state, int wanted, const char *what)
{
	int count = in_state(port, state);

	for (int i = 0; count != wanted && i < 200; i++) {
		sleep_ms(5);
		count = in_state(port, state);
	}
	expect(count, wanted, what);
}

void leave_closing(int port, int listener, int (*connect)(int port), unsigned int wanted)
{
	const size_t length = 300000; // more than the window of the peer
	pid_t child = sure(fork(), "fork");
	int server;

	if (child == 0) {
		int s = connect(port);

		set_option(s, SOL_SOCKET, SO_SNDBUF, 1 << 20);
		if (wanted == TCP_LAST_ACK)
			expect_end(s);
		put(s, 0, length);
		close(s);
		_exit(0);
	}
	server = accepted(listener);
	if (wanted == TCP_LAST_ACK)
		sure(shutdown(server, SHUT_WR), "shutdown before the other end");
	expect_status(child, 0);
	if (wanted == TCP_CLOSING)
		sure(shutdown(server, SHUT_WR), "shutdown after the other end");
	expect_in_state(port, wanted, 1, "connections without a process");
	wait_for_death();
	expect(in_state(port, wanted), 1, "connections without a process after the death");
	take(server, 0, length);
	expect_end(server);
	close(server);
	expect_in_state(port, wanted, 0, "connections that are still closing");
}

static void tcp_orphan(void) { leave_closing(7011, listening_at(7011), connected_to, TCP_FIN_WAIT1); }

// Both ends have been closed at the same time.
static void tcp_closing(void) { leave_closing(7014, listening_at(7014), connected_to, TCP_CLOSING); }

// The peer had closed its end first.
static void tcp_last_ack(void) { leave_closing(7015, listening_at(7015), connected_to, TCP_LAST_ACK); }

// Both ends have been closed, or one of them; who closed first waits for what may still come.
static void tcp_waiting(void)
{
	int both[2], one[2];

	connect_pair(7012, both);
	close(both[0]);
	expect_in_state(7012, TCP_FIN_WAIT2, 1, "connections with one end closed");
	close(both[1]);
	connect_pair(7013, one);
	close(one[0]);
	expect_in_state(7012, TCP_TIME_WAIT, 1, "connections that wait");
	expect_in_state(7013, TCP_FIN_WAIT2, 1, "connections that are half closed");
	wait_for_death();
	expect(in_state(7012, TCP_TIME_WAIT), 1, "connections that wait");
	expect(in_state(7013, TCP_FIN_WAIT2), 1, "connections that are half closed");
	expect_end(one[1]);
	close(one[1]);
	expect_in_state(7013, TCP_TIME_WAIT, 1, "connections that wait after the second close");
}

enum { PATIENCE = 2000 }; // milliseconds

static int hear_by_poll(int s)
{
	struct pollfd heard = { .fd = s, .events = POLLIN };

	return poll(&heard, 1, PATIENCE);
}

static int hear_by_ppoll(int s)
{
	struct pollfd heard = { .fd = s, .events = POLLIN };
	struct timespec time = { .tv_sec = PATIENCE / 1000 };

	return ppoll(&heard, 1, &time, NULL);
}

static int hear_by_select(int s)
{
	struct timeval time = { .tv_sec = PATIENCE / 1000 };
	fd_set heard;

	FD_ZERO(&heard);
	FD_SET(s, &heard);
	return select(s + 1, &heard, NULL, NULL, &time);
}

static int hear_by_epoll(int s)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = sure(epoll_create1(0), "epoll_create1");

	sure(epoll_ctl(epoll, EPOLL_CTL_ADD, s, &event), "EPOLL_CTL_ADD");
	return epoll_wait(epoll, &event, 1, PATIENCE);
}

// Each waits for a peer that says nothing before the wait is nearly over, and then a while later: what it said to a dead kernel it has to say again.
static void tcp_patient(void)
{
	static int (*const hear[])(int s) = { hear_by_poll, hear_by_ppoll, hear_by_select, hear_by_epoll };
	enum { WAYS = sizeof(hear) / sizeof(hear[0]) };
	int ends[WAYS][2];
	pid_t waiting[WAYS];

	for (int i = 0; i < WAYS; i++) {
		connect_pair(7016 + i, ends[i]);
		waiting[i] = sure(fork(), "fork");
		if (waiting[i] == 0)
			_exit(hear[i](ends[i][0]));
	}
	wait_for_death();
	sleep_ms(PATIENCE / 2);
	for (int i = 0; i < WAYS; i++)
		put(ends[i][1], 0, 1);
	for (int i = 0; i < WAYS; i++)
		expect_status(waiting[i], 1);
}

const struct scenario tcp_scenarios[] = {
	{ "tcp-pair", tcp_pair },
	{ "tcp-backlog", tcp_backlog },
	{ "tcp-deferred", tcp_deferred },
	{ "tcp-damaged", tcp_damaged },
	{ "tcp-half", tcp_half },
	{ "tcp-writer", tcp_writer },
	{ "tcp-sleepers", tcp_sleepers },
	{ "tcp-left", tcp_left },
	{ "tcp-talk", tcp_talk },
	{ "tcp-orphan", tcp_orphan },
	{ "tcp-closing", tcp_closing },
	{ "tcp-last-ack", tcp_last_ack },
	{ "tcp-waiting", tcp_waiting },
	{ "tcp-patient", tcp_patient },
	{ NULL, NULL },
};
