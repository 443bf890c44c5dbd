// witness: UDP within the machine, with datagrams nobody has received yet.
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "sockets.h"
#include "witness.h"

static struct sockaddr_in here(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int bound_to(int port)
{
	struct sockaddr_in name = here(port);
	int s = sure(socket(AF_INET, SOCK_DGRAM, 0), "socket");

	sure(bind(s, (struct sockaddr *)&name, sizeof(name)), "bind");
	return s;
}

static void connect_to(int s, int port)
{
	struct sockaddr_in name = here(port);

	sure(connect(s, (struct sockaddr *)&name, sizeof(name)), "connect");
}

static void receive_from(int s, size_t from, size_t length, int port)
{
	static char bytes[65536];
	struct sockaddr_in sender;
	socklen_t size = sizeof(sender);
	long got = recvfrom(s, bytes, sizeof(bytes), 0, (struct sockaddr *)&sender, &size);

	expect(sure(got, "recvfrom"), length, "length of the datagram");
	expect_stream(bytes, from, length);
	expect(ntohs(sender.sin_port), port, "port of the sender");
	expect(ntohl(sender.sin_addr.s_addr), INADDR_LOOPBACK, "address of the sender");
}

static void udp_queue(void)
{
	int receiver, first, second;

	raise_loopback();
	receiver = bound_to(7201);
	first = bound_to(7202);
	second = bound_to(7203);
	connect_to(first, 7201);
	connect_to(second, 7201);
	put(first, 0, 20000);
	put(second, 10, 0);
	put(second, 20, 1);
	put(first, 30, 300);
	close(second);
	wait_for_death();
	put(first, 60, 7);
	receive_from(receiver, 0, 20000, 7202);
	receive_from(receiver, 10, 0, 7203);
	receive_from(receiver, 20, 1, 7203);
	receive_from(receiver, 30, 300, 7202);
	receive_from(receiver, 60, 7, 7202);
	connect_to(receiver, 7202);
	put(receiver, 70, 77);
	receive_from(first, 70, 77, 7201);
}

// A child that sleeps in recvfrom() when the kernel dies.
static void udp_sleeper(void)
{
	int receiver, sender;
	pid_t child;

	raise_loopback();
	receiver = bound_to(7204);
	sender = bound_to(7205);
	if ((child = sure(fork(), "fork")) == 0) {
		receive_from(receiver, 5, 500, 7205);
		_exit(5);
	}
	connect_to(sender, 7204);
	sleep_ms(5);
	wait_for_death();
	put(sender, 5, 500);
	expect_status(child, 5);
}

const struct scenario udp_scenarios[] = {
	{ "udp-queue", udp_queue },
	{ "udp-sleeper", udp_sleeper },
	{ NULL, NULL },
};
