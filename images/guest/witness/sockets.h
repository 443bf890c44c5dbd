// witness: what the scenarios of sockets share.
#ifndef SOCKETS_H
#define SOCKETS_H

#include <sys/socket.h>

#include "witness.h"

static inline int option(int s, int level, int name)
{
	int value;
	socklen_t size = sizeof(value);

	sure(getsockopt(s, level, name, &value, &size), "getsockopt");
	return value;
}

static inline void set_option(int s, int level, int name, int value)
{
	sure(setsockopt(s, level, name, &value, sizeof(value)), "setsockopt");
}

// The two ends of a TCP connection within the machine (tcp.c).
void connect_pair(int port, int *ends);
int listening_at(int port);
int connected_to(int port);
void raise_loopback(void);

// TCP connections with this port at either end that are in this state, whoever has them.
int in_state(int port, unsigned int wanted);
// So many of them are, at the latest after a second: an end of a connection is acknowledged by a timer.
void expect_in_state(int port, unsigned int state, int wanted, const char *what);
// A process has written, closed its end, and ended, before the peer has read anything; that end is left in this state: FIN_WAIT1,
// CLOSING or LAST_ACK. After the death the peer reads everything, and then the end.
void leave_closing(int port, int listener, int (*connect)(int port), unsigned int wanted);

#endif
