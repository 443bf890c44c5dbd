// What the parts of observe share.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINTF(text, first) __attribute__((format(printf, text, first)))

// A TCP connection with a buffer for what was received.
struct stream {
	int socket;
	size_t start, end; // what is in the buffer and not yet taken
	char buffer[16384];
};

// Opens a connection; waits for the server as long as it takes.
void connect_stream(struct stream *stream, const char *address, uint16_t port);
void close_stream(struct stream *stream);

// All of these return false when the connection has ended; from then on there is nothing to be had from it.
bool send_all(struct stream *stream, const void *bytes, size_t length);
bool receive_exactly(struct stream *stream, void *bytes, size_t length);

// A line without its end; what does not fit is cut off.
bool receive_line(struct stream *stream, char *line, size_t size);

// The log: one line each, whole, in the order of what happened.
void say(const char *format, ...) PRINTF(1, 2);

// An operation is announced before it is sent, so that it can be said to be in doubt if the connection ends before the answer.
void begin(const char *format, ...) PRINTF(1, 2);

// The answer came: the operation took effect, and the log says so.
void acknowledge(const char *format, ...) PRINTF(1, 2);

// The answer came: it did not take effect.
void refuse(const char *format, ...) PRINTF(1, 2);

// A kind of server. Both functions return false when the connection has ended.
struct service {
	const char *name;
	uint16_t port;
	bool (*greet)(struct stream *stream);                  // after connecting; may be NULL
	bool (*operate)(struct stream *stream, unsigned number); // operation number, from 1
	bool (*read_back)(struct stream *stream, unsigned last); // says what the server holds of operations 1 to last
};

extern const struct service redis, mariadb, apache;
