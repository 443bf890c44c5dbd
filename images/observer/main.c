// observe: uses a server over the network and keeps a log of what was acknowledged, outside of the machine that may die.
//
//   observe redis|mariadb|apache ADDRESS
//
// One operation after the other over a connection that is kept as long as the server keeps it. Each line of standard input
// is a command: "check" reads back what the server holds, "quit" ends. The log, on standard output:
//
//   ready                    connected
//   write KEY VALUE          acknowledged: KEY holds VALUE from now on
//   count KEY VALUE          acknowledged: KEY was incremented by one and is VALUE now
//   refused WHAT: WHY        the server answered that it did not do it
//   doubt WHAT               the connection ended before the answer: it may have been done or not
//   broken WHY               the connection ended without notice; another one is opened
//   closed                   the server ended the connection and had said so
//   held-begin, held KEY VALUE..., held-end
//                            what the server holds, all of it; one that began again replaces the one before
//   end                      told to quit
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "observe.h"

static const struct service *const services[] = { &redis, &mariadb, &apache };

static char pending[256]; // the operation that waits for its answer

static void write_line(const char *prefix, const char *format, va_list arguments)
{
	char text[512];
	int used = snprintf(text, sizeof(text), "%s", prefix), length;

	length = used + vsnprintf(text + used, sizeof(text) - used - 1, format, arguments);
	if (length > (int)sizeof(text) - 2)
		length = sizeof(text) - 2;
	text[length++] = '\n';
	for (int done = 0; done < length;) {
		ssize_t wrote = write(STDOUT_FILENO, text + done, length - done);

		if (wrote < 0 && errno != EINTR)
			_exit(3); // without a log there is nothing to observe for
		done += wrote > 0 ? wrote : 0;
	}
}

#define WRITE_LINE(prefix, format) \
	do { \
		va_list arguments; \
		va_start(arguments, format); \
		write_line(prefix, format, arguments); \
		va_end(arguments); \
	} while (0)

void say(const char *format, ...)
{
	WRITE_LINE("", format);
}

void begin(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(pending, sizeof(pending), format, arguments);
	va_end(arguments);
}

void acknowledge(const char *format, ...)
{
	WRITE_LINE("", format);
	pending[0] = '\0';
}

void refuse(const char *format, ...)
{
	char prefix[300];
	struct timespec moment = { .tv_nsec = 10000000 };

	snprintf(prefix, sizeof(prefix), "refused %s: ", pending);
	WRITE_LINE(prefix, format);
	pending[0] = '\0';
	nanosleep(&moment, NULL);
}

static void open_connection(struct stream *stream, const struct service *service, const char *address)
{
	do
		connect_stream(stream, address, service->port);
	while (service->greet && !service->greet(stream));
}

// The connection has ended: what had no answer is in doubt. With no answer due, the server had said that it would.
static void reopen_connection(struct stream *stream, const struct service *service, const char *address)
{
	int error = errno;

	if (pending[0]) {
		say("doubt %s", pending);
		say("broken %s", error ? strerror(error) : "by the server");
		pending[0] = '\0';
	} else {
		say("closed");
	}
	close_stream(stream);
	open_connection(stream, service, address);
}

// Takes a command if there is one.
static bool next_command(char *command, size_t size)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t got;

	if (poll(&input, 1, 0) <= 0 || !(input.revents & POLLIN))
		return false;
	got = read(STDIN_FILENO, command, size - 1);
	if (got <= 0)
		return false;
	command[got] = '\0';
	command[strcspn(command, "\r\n")] = '\0';
	return true;
}

static void observe(const struct service *service, const char *address)
{
	static struct stream stream;
	char command[64];

	open_connection(&stream, service, address);
	say("ready");
	for (unsigned number = 1;; number++) {
		errno = 0;
		if (!service->operate(&stream, number))
			reopen_connection(&stream, service, address);
		if (!next_command(command, sizeof(command)))
			continue;
		if (strcmp(command, "quit") == 0)
			break;
		if (strcmp(command, "check") != 0)
			continue;
		say("held-begin");
		while (errno = 0, !service->read_back(&stream, number)) {
			say("broken %s", errno ? strerror(errno) : "by the server");
			reopen_connection(&stream, service, address);
			say("held-begin");
		}
		say("held-end");
	}
	close_stream(&stream);
	say("end");
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc == 3 && i < sizeof(services) / sizeof(services[0]); i++) {
		if (strcmp(services[i]->name, argv[1]) == 0) {
			observe(services[i], argv[2]);
			return 0;
		}
	}
	fprintf(stderr, "usage: observe redis|mariadb|apache ADDRESS\n");
	return 2;
}
