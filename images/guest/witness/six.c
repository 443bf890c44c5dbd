// witness: sockets over an IPv6 address that an interface was given, and routes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "sockets.h"
#include "witness.h"

#define PORT 7600

static struct sockaddr_in6 given(int port)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	inet_pton(AF_INET6, "fd00::77", &name.sin6_addr);
	return name;
}

static void give_address(void)
{
	struct { struct in6_addr address; uint32_t prefix; int index; } request = { given(0).sin6_addr, 64, if_nametoindex("lo") };
	int s = sure(socket(AF_INET6, SOCK_DGRAM, 0), "socket");

	raise_loopback();
	if (ioctl(s, SIOCSIFADDR, &request) < 0 && errno != EEXIST)
		wrong("address: %d", errno);
	close(s);
	sleep_ms(20);
}

static int bound(int type, int port)
{
	struct sockaddr_in6 name = given(port);
	int s = sure(socket(AF_INET6, type, 0), "socket");

	sure(bind(s, (struct sockaddr *)&name, sizeof(name)), "bind");
	return s;
}

static int listening(int port)
{
	int s;

	give_address();
	s = bound(SOCK_STREAM, port);
	sure(listen(s, 5), "listen");
	return s;
}

static int connected(int port)
{
	struct sockaddr_in6 name = given(port);
	int s = sure(socket(AF_INET6, SOCK_STREAM, 0), "socket");

	sure(connect(s, (struct sockaddr *)&name, sizeof(name)), "connect");
	return s;
}

// Unread bytes both ways; then it goes on.
static void tcp_six(void)
{
	int listener = listening(PORT), ends[2];

	ends[0] = connected(PORT);
	ends[1] = sure(accept(listener, NULL, NULL), "accept");
	put(ends[0], 0, 5000);
	put(ends[1], 7000, 3000);
	take(ends[1], 0, 100);
	wait_for_death();
	put(ends[0], 5000, 50);
	take(ends[1], 100, 4950);
	put(ends[1], 10000, 50);
	take(ends[0], 7000, 3050);
	close(ends[0]);
	expect_end(ends[1]);
	close(ends[1]);
	connected(PORT);
	close(sure(accept(listener, NULL, NULL), "a new accept"));
}

// A listener that wants data first keeps a request until they come.
static void six_deferred(void)
{
	int listener = listening(PORT + 7), client, server;

	set_option(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 30);
	client = connected(PORT + 7);
	expect_in_state(PORT + 7, TCP_SYN_RECV, 1, "requests");
	wait_for_death();
	expect_in_state(PORT + 7, TCP_SYN_RECV, 1, "requests after the death");
	put(client, 0, 3000);
	server = sure(accept(listener, NULL, NULL), "accept");
	take(server, 0, 3000);
}

static void six_orphan(void) { leave_closing(PORT + 3, listening(PORT + 3), connected, TCP_FIN_WAIT1); }

static void six_closing(void) { leave_closing(PORT + 4, listening(PORT + 4), connected, TCP_CLOSING); }

static void six_last_ack(void) { leave_closing(PORT + 5, listening(PORT + 5), connected, TCP_LAST_ACK); }

// Both ends have been closed; who closed first waits for what may still come.
static void six_waiting(void)
{
	int listener = listening(PORT + 6), client = connected(PORT + 6), server = sure(accept(listener, NULL, NULL), "accept");

	close(client);
	expect_in_state(PORT + 6, TCP_FIN_WAIT2, 1, "connections with one end closed");
	close(server);
	expect_in_state(PORT + 6, TCP_TIME_WAIT, 1, "connections that wait");
	wait_for_death();
	expect(in_state(PORT + 6, TCP_TIME_WAIT), 1, "connections that wait");
}

static void udp_six(void)
{
	struct sockaddr_in6 to = given(PORT + 1), from;
	socklen_t size = sizeof(from);
	int receiver, sender;
	char byte = 0;

	give_address();
	receiver = bound(SOCK_DGRAM, PORT + 1);
	sender = bound(SOCK_DGRAM, PORT + 2);
	sure(sendto(sender, "1", 1, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
	wait_for_death();
	sure(sendto(sender, "2", 1, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
	for (char wanted = '1'; wanted <= '2'; wanted++) {
		expect(sure(recvfrom(receiver, &byte, 1, 0, (struct sockaddr *)&from, &size), "recvfrom"), 1, "length");
		expect(byte, wanted, "datagram");
		expect(ntohs(from.sin6_port), PORT + 2, "sender");
	}
}

// --- what user space has configured ---

static void add_route(const char *to, int length, unsigned int flags, unsigned int metric)
{
	struct in6_rtmsg route = {
		.rtmsg_dst_len = length, .rtmsg_metric = metric, .rtmsg_flags = RTF_UP | flags, .rtmsg_ifindex = if_nametoindex("lo"),
	};
	int s = sure(socket(AF_INET6, SOCK_DGRAM, 0), "socket");

	inet_pton(AF_INET6, to, &route.rtmsg_dst);
	if (ioctl(s, SIOCADDRT, &route) < 0 && errno != EEXIST)
		wrong("route: %d", errno);
	close(s);
}

// Those to networks of ours: where to, length, metric, flags, link; one after the other, in the order of the kernel's tables.
static void routes(char *text, size_t size)
{
	char line[256], to[40], through[40], link[16];
	unsigned int length, metric, flags;
	FILE *file = fopen("/proc/net/ipv6_route", "r");
	size_t used = 0;

	text[0] = '\0';
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%39s %x %*s %*x %39s %x %*x %*x %x %15s", to, &length, through, &metric, &flags, link) == 6 &&
		    !strncmp(to, "fd1", 3))
			used += snprintf(text + used, size - used, "%s/%u %s %u %x %s\n", to, length, through, metric, flags, link);
	if (file)
		fclose(file);
}

static void routes_six(void)
{
	char before[1024], after[1024];

	raise_loopback();
	add_route("fd11::", 64, 0, 0);
	add_route("fd12::", 48, 0, 77);
	add_route("fd12:0:0:1::", 64, 0, 5);
	add_route("fd13::", 32, RTF_REJECT, 9);
	add_route("fd14::5", 128, 0, 0);
	routes(before, sizeof(before));
	expect(strlen(before) > 5 * 64, 1, "routes before the death");
	wait_for_death();
	routes(after, sizeof(after));
	if (strcmp(before, after))
		wrong("routes are %s", after);
}

const struct scenario six_scenarios[] = {
	{ "tcp-six", tcp_six },
	{ "six-deferred", six_deferred },
	{ "six-orphan", six_orphan },
	{ "six-closing", six_closing },
	{ "six-last-ack", six_last_ack },
	{ "six-waiting", six_waiting },
	{ "udp-six", udp_six },
	{ "routes-six", routes_six },
	{ NULL, NULL },
};
