// witness: unix sockets, with what nobody has read, received or accepted yet.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ends.h"
#include "sockets.h"
#include "witness.h"

// An address without a file if the name begins with '@'.
static socklen_t address(struct sockaddr_un *to, const char *name)
{
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	strcpy(to->sun_path, name);
	if (*name == '@')
		to->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + strlen(name);
}

static int bound(int type, const char *name)
{
	struct sockaddr_un to;
	socklen_t length = address(&to, name);
	int s = sure(socket(AF_UNIX, type, 0), "socket");

	sure(bind(s, (struct sockaddr *)&to, length), "bind");
	return s;
}

static void connect_to(int s, const char *name)
{
	struct sockaddr_un to;
	socklen_t length = address(&to, name);

	sure(connect(s, (struct sockaddr *)&to, length), "connect");
}

static int connected(int type, const char *name)
{
	int s = sure(socket(AF_UNIX, type, 0), "socket");

	connect_to(s, name);
	return s;
}

static void expect_name(int s, const char *name)
{
	struct sockaddr_un wanted, got;
	socklen_t wanted_length = address(&wanted, name), length = sizeof(got);

	sure(getsockname(s, (struct sockaddr *)&got, &length), "getsockname");
	if (*name != '@')
		wanted_length++; // with its NUL
	expect(length, wanted_length, "length of the name");
	if (memcmp(&got, &wanted, length))
		wrong("name %s", got.sun_path);
}

static void expect_peer(int s, pid_t pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	sure(getsockopt(s, SOL_SOCKET, SO_PEERCRED, &peer, &size), "SO_PEERCRED");
	expect(peer.pid, pid, "pid of the peer");
	expect(peer.uid, getuid(), "uid of the peer");
	expect(peer.gid, getgid(), "gid of the peer");
}

// Unread bytes in both directions, of which some had been read; one direction is at its end.
static void unix_pair(void)
{
	struct timeval timeout = { 3, 500000 }, got = { 0, 0 };
	socklen_t size = sizeof(got);
	int ends[2];

	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	put(ends[0], 0, 100000);
	take(ends[1], 0, 12345);
	put(ends[1], 500, 77);
	sure(shutdown(ends[1], SHUT_WR), "shutdown");
	set_option(ends[0], SOL_SOCKET, SO_RCVBUF, 50000);
	set_option(ends[0], SOL_SOCKET, SO_PASSCRED, 1);
	sure(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)), "SO_RCVTIMEO");
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	wait_for_death();
	expect(option(ends[0], SOL_SOCKET, SO_RCVBUF), 100000, "SO_RCVBUF");
	expect(option(ends[0], SOL_SOCKET, SO_PASSCRED), 1, "SO_PASSCRED");
	sure(getsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &got, &size), "SO_RCVTIMEO");
	expect(got.tv_sec * 1000000 + got.tv_usec, 3500000, "SO_RCVTIMEO");
	expect(fcntl(ends[1], F_GETFL), O_RDWR | O_NONBLOCK, "flags");
	expect_peer(ends[0], getpid());
	expect_peer(ends[1], getpid());
	put(ends[0], 100000, 1000);
	take(ends[1], 12345, 100000 + 1000 - 12345);
	expect(read(ends[1], ends, 1), -1, "read of an empty socket");
	expect(errno, EAGAIN, "its error");
	take(ends[0], 500, 77);
	expect_end(ends[0]);
	expect(send(ends[1], "x", 1, MSG_NOSIGNAL), -1, "send behind shutdown");
	expect(errno, EPIPE, "its error");
}

// Connections nobody has accepted: one empty, one with bytes in it, one whose other end is closed already.
static void wait_with_backlog(const char *name)
{
	int listener = bound(SOCK_STREAM, name), client[3], server;

	sure(listen(listener, 7), "listen");
	for (int i = 0; i < 3; i++)
		client[i] = connected(SOCK_STREAM, name);
	put(client[1], 0, 3000);
	put(client[2], 100, 50);
	close(client[2]);
	wait_for_death();
	expect_name(listener, name);
	expect(option(listener, SOL_SOCKET, SO_ACCEPTCONN), 1, "SO_ACCEPTCONN");
	for (int i = 0; i < 3; i++) {
		server = sure(accept(listener, NULL, NULL), "accept");
		expect_name(server, name);
		expect_peer(server, getpid());
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
	client[0] = connected(SOCK_STREAM, name);
	server = sure(accept(listener, NULL, NULL), "accept of a new one");
	put(client[0], 5, 20);
	take(server, 5, 20);
}

static void unix_backlog(void) { wait_with_backlog("@witness-backlog"); }

static void unix_path(void)
{
	make_directory();
	wait_with_backlog(in_directory("s"));
}

// Its file lives in memory only and has to be made again.
static void unix_path_in_memory(void) { wait_with_backlog("/tmp/witness-socket"); }

// The file of the name is gone: nobody finds the socket any more, but it has its name.
static void unix_unlinked(void)
{
	int listener, client, server;
	char name[96];

	make_directory();
	strcpy(name, in_directory("s"));
	listener = bound(SOCK_STREAM, name);
	sure(listen(listener, 1), "listen");
	client = connected(SOCK_STREAM, name);
	sure(unlink(name), "unlink");
	wait_for_death();
	expect_name(listener, name);
	server = sure(accept(listener, NULL, NULL), "accept");
	put(server, 0, 10);
	take(client, 0, 10);
}

static void receive_from(int s, size_t from, size_t length, const char *name)
{
	static char bytes[65536];
	struct sockaddr_un sender = { 0 }, wanted;
	socklen_t size = sizeof(sender);
	long got = recvfrom(s, bytes, sizeof(bytes), 0, (struct sockaddr *)&sender, &size);

	expect(sure(got, "recvfrom"), length, "length of the message");
	expect_stream(bytes, from, length);
	if (name) {
		expect(size, address(&wanted, name), "length of the sender's name");
		if (memcmp(&sender, &wanted, size))
			wrong("name of the sender");
	}
}

static void unix_datagrams(void)
{
	int receiver = bound(SOCK_DGRAM, "@witness-datagrams"), sender = bound(SOCK_DGRAM, "@witness-sender"), gone, pair[2];

	connect_to(sender, "@witness-datagrams");
	gone = bound(SOCK_DGRAM, "@witness-gone");
	connect_to(gone, "@witness-datagrams");
	sure(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), "socketpair");
	put(sender, 0, 20000);
	put(gone, 10, 0);
	put(gone, 20, 1);
	put(sender, 30, 300);
	close(gone);
	put(pair[0], 40, 40);
	put(pair[1], 50, 50);
	wait_for_death();
	put(sender, 60, 7);
	receive_from(receiver, 0, 20000, "@witness-sender");
	receive_from(receiver, 10, 0, "@witness-gone");
	receive_from(receiver, 20, 1, "@witness-gone");
	receive_from(receiver, 30, 300, "@witness-sender");
	receive_from(receiver, 60, 7, "@witness-sender");
	receive_from(pair[1], 40, 40, NULL);
	receive_from(pair[0], 50, 50, NULL);
}

static void unix_packets(void)
{
	int listener = bound(SOCK_SEQPACKET, "@witness-packets"), client, server;

	sure(listen(listener, 1), "listen");
	client = connected(SOCK_SEQPACKET, "@witness-packets");
	server = sure(accept(listener, NULL, NULL), "accept");
	put(client, 0, 5000);
	put(client, 1, 3);
	put(server, 2, 60000);
	wait_for_death();
	put(client, 3, 9);
	receive_from(client, 2, 60000, NULL);
	close(client);
	receive_from(server, 0, 5000, NULL);
	receive_from(server, 1, 3, NULL);
	receive_from(server, 3, 9, NULL);
	expect_end(server);
	close(listener);
}

static void send_descriptors(int s, const int *fds, int count, size_t from)
{
	char control[CMSG_SPACE(4 * sizeof(int))] = { 0 }, bytes[10];
	struct iovec data = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	make_stream(bytes, from, sizeof(bytes));
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	expect(sure(sendmsg(s, &message, 0), "sendmsg"), sizeof(bytes), "count of sendmsg");
}

// Receives a message; its descriptors in fds, and who sent it.
static void receive_descriptors(int s, int *fds, int count, size_t from, pid_t sender)
{
	char control[256], bytes[10];
	struct iovec data = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct ucred who = { 0 };
	int got = 0;

	expect(sure(recvmsg(s, &message, 0), "recvmsg"), sizeof(bytes), "count of recvmsg");
	expect_stream(bytes, from, sizeof(bytes));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_type == SCM_CREDENTIALS)
			memcpy(&who, CMSG_DATA(c), sizeof(who));
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		got = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), count * sizeof(int));
	}
	expect(got, count, "number of descriptors");
	expect(who.pid, sender, "pid of the sender");
}

// Descriptors that only a message holds: a file, and a socket with a message in it that holds another one.
static void unix_rights(void)
{
	int outer[2], inner[2], file, fds[4] = { -1, -1, -1, -1 }, status;
	char got[4];
	pid_t sender;

	make_directory();
	put_file(in_directory("f"), "0123456789");
	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, outer), "socketpair");
	set_option(outer[1], SOL_SOCKET, SO_PASSCRED, 1);
	sender = sure(fork(), "fork");
	if (sender == 0) {
		file = sure(open(in_directory("f"), O_RDONLY), "open");
		lseek(file, 4, SEEK_SET);
		sure(socketpair(AF_UNIX, SOCK_STREAM, 0, inner), "socketpair");
		set_option(inner[1], SOL_SOCKET, SO_PASSCRED, 1);
		send_descriptors(inner[0], &file, 1, 7);
		send_descriptors(outer[0], (int[]){ file, inner[1] }, 2, 3);
		_exit(0);
	}
	expect(waitpid(sender, &status, 0), sender, "waitpid");
	expect(status, 0, "status of the sender");
	wait_for_death();
	receive_descriptors(outer[1], fds, 2, 3, sender);
	expect(read(fds[0], got, 3), 3, "read");
	if (memcmp(got, "456", 3))
		wrong("contents of the file");
	receive_descriptors(fds[1], fds + 2, 1, 7, sender);
	expect(lseek(fds[2], 0, SEEK_CUR), 7, "position it shares with the other");
	expect_end(fds[1]);
}

static int connect_to_sleeper(void) { return connected(SOCK_STREAM, "@witness-sleepers"); }

static void unix_sleepers(void)
{
	struct places at = { .listener = bound(SOCK_STREAM, "@witness-sleepers"), .connect = connect_to_sleeper };

	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, at.reader), "socketpair");
	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, at.whole), "socketpair");
	sure(socketpair(AF_UNIX, SOCK_DGRAM, 0, at.waiter), "socketpair");
	sure(listen(at.listener, 1), "listen");
	sleep_at(&at);
}

static void unix_writer(void)
{
	int ends[2];

	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	write_more_than_fits(ends, 1000000);
}

static void unix_left(void)
{
	int ends[2];

	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	be_left(ends);
	expect_end(ends[0]);
	expect(send(ends[0], "x", 1, MSG_NOSIGNAL), -1, "send");
	expect(errno, EPIPE, "its error");
}

static void unix_talk(void)
{
	int ends[2];

	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	talk(ends);
}

const struct scenario unix_scenarios[] = {
	{ "unix-pair", unix_pair },
	{ "unix-backlog", unix_backlog },
	{ "unix-path", unix_path },
	{ "unix-path-in-memory", unix_path_in_memory },
	{ "unix-unlinked", unix_unlinked },
	{ "unix-datagrams", unix_datagrams },
	{ "unix-packets", unix_packets },
	{ "unix-rights", unix_rights },
	{ "unix-sleepers", unix_sleepers },
	{ "unix-writer", unix_writer },
	{ "unix-left", unix_left },
	{ "unix-talk", unix_talk },
	{ NULL, NULL },
};
