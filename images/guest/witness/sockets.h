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

#endif
