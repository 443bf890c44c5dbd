// witness: one system call on a socket each, marked, so that the kernel can be killed at any instruction of it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "call.h"
#include "sockets.h"
#include "witness.h"

#define MESSAGE 9000

static char got[2 * MESSAGE];

static void make_pair(int type, int *ends)
{
	sure(socketpair(AF_UNIX, type, 0, ends), "socketpair");
	sure(setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ 1, 0 }, sizeof(struct timeval)), "SO_RCVTIMEO");
}

// What is in the socket besides shows a byte that is taken twice or never.
static void call_read(const int *ends)
{
	long result;

	put(ends[0], 0, MESSAGE);
	sleep_ms(5);
	result = UNDER_TEST(read(ends[1], got, 5000));
	if (!succeeded(result, EINTR))
		result = 0;
	expect_stream(got, 0, result);
	take(ends[1], result, MESSAGE - result);
}

// The peer gets what the call says has been sent, and no byte more.
static void expect_sent(const int *ends, long result)
{
	if (!succeeded(result, EINTR))
		result = 0;
	close(ends[0]);
	take(ends[1], 0, 100 + result);
	expect_end(ends[1]);
}

static void call_write(const int *ends)
{
	char bytes[MESSAGE];

	put(ends[0], 0, 100);
	make_stream(bytes, 100, MESSAGE);
	expect_sent(ends, UNDER_TEST(write(ends[0], bytes, MESSAGE)));
}

static void call_unix_writev(void)
{
	char bytes[MESSAGE];
	struct iovec parts[] = { { bytes, 1000 }, { bytes + 1000, MESSAGE - 1000 } };
	int ends[2];

	make_pair(SOCK_STREAM, ends);
	put(ends[0], 0, 100);
	make_stream(bytes, 100, MESSAGE);
	expect_sent(ends, UNDER_TEST(writev(ends[0], parts, 2)));
}

static void call_unix_read(void)
{
	int ends[2];

	make_pair(SOCK_STREAM, ends);
	call_read(ends);
}

static void call_unix_write(void)
{
	int ends[2];

	make_pair(SOCK_STREAM, ends);
	call_write(ends);
}

static void call_tcp_read(void)
{
	int ends[2];

	connect_pair(7100, ends);
	call_read(ends);
}

static void call_tcp_write(void)
{
	int ends[2];

	connect_pair(7101, ends);
	call_write(ends);
}

static void call_tcp_accept(void)
{
	int listener = listening_at(7102), client = connected_to(7102);
	long server;

	put(client, 0, 20);
	server = UNDER_TEST(accept(listener, NULL, NULL));
	if (!succeeded(server, EINTR))
		server = sure(accept(listener, NULL, NULL), "accept");
	take(server, 0, 20);
}

static void call_tcp_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7103), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = listening_at(7103), client = sure(socket(AF_INET, SOCK_STREAM, 0), "socket"), server;

	if (!succeeded(UNDER_TEST(connect(client, (struct sockaddr *)&to, sizeof(to))), EINTR) &&
	    connect(client, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EISCONN)
		wrong("connect again: %s", strerror(errno));
	server = sure(accept(listener, NULL, NULL), "accept");
	put(client, 0, 20);
	take(server, 0, 20);
}

static void call_unix_receive(void)
{
	long result;
	int ends[2];

	make_pair(SOCK_DGRAM, ends);
	put(ends[0], 0, MESSAGE);
	put(ends[0], 1, 10);
	result = UNDER_TEST(recvfrom(ends[1], got, sizeof(got), 0, NULL, NULL));
	if (succeeded(result, EINTR))
		expect(result, MESSAGE, "length of the message");
	else
		expect(read(ends[1], got, sizeof(got)), MESSAGE, "length of the message");
	expect_stream(got, 0, MESSAGE);
	expect(read(ends[1], got, sizeof(got)), 10, "length of the next");
}

// A datagram with a descriptor: it comes once, and can be used.
static void call_unix_receive_file(void)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec buffer = { got, sizeof(got) };
	struct msghdr message = { .msg_iov = &buffer, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int ends[2], pipes[2], end;
	long result;

	make_pair(SOCK_DGRAM, ends);
	sure(pipe(pipes), "pipe");
	make_stream(got, 0, MESSAGE);
	buffer.iov_len = MESSAGE;
	control.header = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &pipes[1], sizeof(int));
	expect(sendmsg(ends[0], &message, 0), MESSAGE, "sendmsg");
	put(ends[0], 1, 10);
	memset(got, 0, sizeof(got));
	memset(&control, 0, sizeof(control));
	buffer.iov_len = sizeof(got);
	result = UNDER_TEST(recvmsg(ends[1], &message, 0));
	if (!succeeded(result, EINTR)) {
		message.msg_controllen = sizeof(control);
		result = sure(recvmsg(ends[1], &message, 0), "recvmsg");
	}
	expect(result, MESSAGE, "length of the message");
	expect_stream(got, 0, MESSAGE);
	expect(message.msg_flags, 0, "flags");
	expect(message.msg_controllen, CMSG_SPACE(sizeof(int)), "length of what came along");
	memcpy(&end, CMSG_DATA(&control.header), sizeof(end));
	put(end, 0, 20);
	take(pipes[0], 0, 20);
	expect(read(ends[1], got, sizeof(got)), 10, "length of the next");
	expect(dup(end), end + 1, "lowest free descriptor");
}

// A part of a stream, into two buffers. What was there besides the bytes is told too.
static void receive_stream(const int *ends)
{
	struct iovec buffers[2] = { { got, 3000 }, { got + 3000, 2000 } };
	char control[64];
	struct msghdr message = {
		.msg_iov = buffers, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof(control), .msg_flags = -1,
	};
	long result;

	put(ends[0], 0, MESSAGE);
	sleep_ms(5);
	result = UNDER_TEST(recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC));
	if (succeeded(result, EINTR)) {
		expect(message.msg_flags & ~MSG_CMSG_CLOEXEC, 0, "flags");
		expect(message.msg_controllen, 0, "length of what came along");
	} else {
		result = 0;
	}
	expect_stream(got, 0, result);
	take(ends[1], result, MESSAGE - result);
}

static void call_unix_recvmsg(void)
{
	int ends[2];

	make_pair(SOCK_STREAM, ends);
	receive_stream(ends);
}

static void call_tcp_recvmsg(void)
{
	int ends[2];

	connect_pair(7106, ends);
	receive_stream(ends);
}

static void call_unix_send(void)
{
	char bytes[MESSAGE];
	long result;
	int ends[2];

	make_pair(SOCK_DGRAM, ends);
	make_stream(bytes, 0, MESSAGE);
	result = UNDER_TEST(sendto(ends[0], bytes, MESSAGE, 0, NULL, 0));
	if (succeeded(result, EINTR)) {
		expect(result, MESSAGE, "count");
		expect(read(ends[1], got, sizeof(got)), MESSAGE, "length of the message");
		expect_stream(got, 0, MESSAGE);
	}
	expect(recv(ends[1], got, sizeof(got), MSG_DONTWAIT), -1, "second message");
}

static struct sockaddr_in udp_name(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void make_udp(int port, int *ends)
{
	struct sockaddr_in to = udp_name(port);

	raise_loopback();
	for (int i = 0; i < 2; i++)
		ends[i] = sure(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	sure(setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ 1, 0 }, sizeof(struct timeval)), "SO_RCVTIMEO");
	sure(bind(ends[1], (struct sockaddr *)&to, sizeof(to)), "bind");
	sure(connect(ends[0], (struct sockaddr *)&to, sizeof(to)), "connect");
}

// The datagram comes as a whole, once, and the next is the next.
static void call_udp_receive(void)
{
	long result;
	int ends[2];

	make_udp(7104, ends);
	put(ends[0], 0, MESSAGE);
	put(ends[0], 1, 10);
	sleep_ms(5);
	result = UNDER_TEST(recvfrom(ends[1], got, sizeof(got), 0, NULL, NULL));
	if (!succeeded(result, EINTR))
		result = sure(read(ends[1], got, sizeof(got)), "read");
	expect(result, MESSAGE, "length of the datagram");
	expect_stream(got, 0, MESSAGE);
	result = sure(read(ends[1], got, sizeof(got)), "read of the next");
	expect(result, 10, "length of the next");
	expect_stream(got, 1, 10);
	expect(recv(ends[1], got, sizeof(got), MSG_DONTWAIT), -1, "third datagram");
}

// It may come twice, but not in part; and it comes.
static void call_udp_send(void)
{
	char bytes[MESSAGE];
	long result;
	int ends[2];

	make_udp(7105, ends);
	make_stream(bytes, 0, MESSAGE);
	result = UNDER_TEST(sendto(ends[0], bytes, MESSAGE, 0, NULL, 0));
	if (!succeeded(result, EINTR))
		result = sure(write(ends[0], bytes, MESSAGE), "write");
	expect(result, MESSAGE, "count");
	for (int copies = 0; copies < 2; copies++) {
		result = recv(ends[1], got, sizeof(got), copies ? MSG_DONTWAIT : 0);
		if (copies && result < 0)
			return;
		expect(result, MESSAGE, "length of the datagram");
		expect_stream(got, 0, MESSAGE);
	}
	expect(recv(ends[1], got, sizeof(got), MSG_DONTWAIT), -1, "third copy");
}

static socklen_t name(struct sockaddr_un *to)
{
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "\0witness-call" };
	return offsetof(struct sockaddr_un, sun_path) + 13;
}

static void call_unix_accept(void)
{
	int listener = sure(socket(AF_UNIX, SOCK_STREAM, 0), "socket"), client = sure(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	struct sockaddr_un to;
	socklen_t length = name(&to);
	long server;

	sure(bind(listener, (struct sockaddr *)&to, length), "bind");
	sure(listen(listener, 3), "listen");
	sure(connect(client, (struct sockaddr *)&to, length), "connect");
	put(client, 0, 20);
	server = UNDER_TEST(accept(listener, NULL, NULL));
	if (!succeeded(server, EINTR))
		server = sure(accept(listener, NULL, NULL), "accept");
	take(server, 0, 20);
	expect(dup(server), server + 1, "lowest free descriptor");
}

static void call_unix_connect(void)
{
	int listener = sure(socket(AF_UNIX, SOCK_STREAM, 0), "socket"), client = sure(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	struct sockaddr_un to;
	socklen_t length = name(&to);
	int server;

	sure(bind(listener, (struct sockaddr *)&to, length), "bind");
	sure(listen(listener, 3), "listen");
	if (!succeeded(UNDER_TEST(connect(client, (struct sockaddr *)&to, length)), EINTR))
		sure(connect(client, (struct sockaddr *)&to, length), "connect");
	server = sure(accept(listener, NULL, NULL), "accept");
	put(client, 0, 20);
	take(server, 0, 20);
}

static void call_unix_bind(void)
{
	int listener = sure(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	struct sockaddr_un to;
	socklen_t length = name(&to);

	if (!succeeded(UNDER_TEST(bind(listener, (struct sockaddr *)&to, length)), EINTR))
		sure(bind(listener, (struct sockaddr *)&to, length), "bind");
	sure(listen(listener, 3), "listen");
	sure(connect(sure(socket(AF_UNIX, SOCK_STREAM, 0), "socket"), (struct sockaddr *)&to, length), "connect");
}

const struct scenario call_net_scenarios[] = {
	{ "call-unix-read", call_unix_read },
	{ "call-unix-write", call_unix_write },
	{ "call-unix-writev", call_unix_writev },
	{ "call-unix-receive", call_unix_receive },
	{ "call-unix-receive-file", call_unix_receive_file },
	{ "call-unix-recvmsg", call_unix_recvmsg },
	{ "call-tcp-recvmsg", call_tcp_recvmsg },
	{ "call-unix-send", call_unix_send },
	{ "call-unix-accept", call_unix_accept },
	{ "call-unix-connect", call_unix_connect },
	{ "call-unix-bind", call_unix_bind },
	{ "call-tcp-read", call_tcp_read },
	{ "call-tcp-write", call_tcp_write },
	{ "call-tcp-accept", call_tcp_accept },
	{ "call-tcp-connect", call_tcp_connect },
	{ "call-udp-receive", call_udp_receive },
	{ "call-udp-send", call_udp_send },
	{ NULL, NULL },
};
