// A TCP connection that is read through a buffer.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "observe.h"

void connect_stream(struct stream *stream, const char *address, uint16_t port)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct timespec pause = { .tv_nsec = 20000000 };
	int on = 1;

	if (inet_pton(AF_INET, address, &peer.sin_addr) != 1)
		exit(2);
	stream->start = stream->end = 0;
	for (;;) {
		stream->socket = socket(AF_INET, SOCK_STREAM, 0);
		if (stream->socket < 0)
			exit(3);
		setsockopt(stream->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (connect(stream->socket, (struct sockaddr *)&peer, sizeof(peer)) == 0)
			return;
		close(stream->socket);
		nanosleep(&pause, NULL);
	}
}

void close_stream(struct stream *stream)
{
	close(stream->socket);
	stream->socket = -1;
}

bool send_all(struct stream *stream, const void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t sent = send(stream->socket, (const char *)bytes + done, length - done, 0);

		if (sent < 0 && errno != EINTR)
			return false;
		done += sent > 0 ? sent : 0;
	}
	return true;
}

// More into an empty buffer.
static bool fill(struct stream *stream)
{
	ssize_t got;

	do
		got = recv(stream->socket, stream->buffer, sizeof(stream->buffer), 0);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	stream->start = 0;
	stream->end = got;
	return true;
}

bool receive_exactly(struct stream *stream, void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		size_t there = stream->end - stream->start;

		if (there == 0) {
			if (!fill(stream))
				return false;
			continue;
		}
		if (there > length - done)
			there = length - done;
		memcpy((char *)bytes + done, stream->buffer + stream->start, there);
		stream->start += there;
		done += there;
	}
	return true;
}

bool receive_line(struct stream *stream, char *line, size_t size)
{
	size_t length = 0;
	char byte;

	for (;;) {
		if (!receive_exactly(stream, &byte, 1))
			return false;
		if (byte == '\n')
			break;
		if (byte != '\r' && length < size - 1)
			line[length++] = byte;
	}
	line[length] = '\0';
	return true;
}
