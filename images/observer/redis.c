// Redis (protocol RESP2): a counter, and strings under keys of their own.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observe.h"

// Inline commands do for words without blanks.
static bool request(struct stream *stream, const char *command, char *answer, size_t size)
{
	char line[256];
	int length = snprintf(line, sizeof(line), "%s\r\n", command);

	return send_all(stream, line, length) && receive_line(stream, answer, size);
}

static bool increment(struct stream *stream)
{
	char answer[128];

	begin("count visits");
	if (!request(stream, "INCR visits", answer, sizeof(answer)))
		return false;
	if (answer[0] == ':')
		acknowledge("count visits %s", answer + 1);
	else
		refuse("%s", answer);
	return true;
}

static bool set(struct stream *stream, unsigned number)
{
	char command[128], answer[128];

	begin("write op:%u value-%u", number, number);
	snprintf(command, sizeof(command), "SET op:%u value-%u", number, number);
	if (!request(stream, command, answer, sizeof(answer)))
		return false;
	if (strcmp(answer, "+OK") == 0)
		acknowledge("write op:%u value-%u", number, number);
	else
		refuse("%s", answer);
	return true;
}

static bool operate(struct stream *stream, unsigned number)
{
	return number % 2 ? increment(stream) : set(stream, number);
}

// A bulk string; one that is not there is not said.
static bool get(struct stream *stream, const char *key)
{
	char command[64], answer[512];
	long length;

	snprintf(command, sizeof(command), "GET %s", key);
	if (!request(stream, command, answer, sizeof(answer)))
		return false;
	if (answer[0] != '$') {
		say("held %s %s", key, answer);
		return true;
	}
	length = strtol(answer + 1, NULL, 10);
	if (length < 0)
		return true;
	if (!receive_line(stream, answer, sizeof(answer)))
		return false;
	say("held %s %s", key, answer);
	return true;
}

static bool read_back(struct stream *stream, unsigned last)
{
	char key[32];

	if (!get(stream, "visits"))
		return false;
	for (unsigned number = 2; number <= last; number += 2) {
		snprintf(key, sizeof(key), "op:%u", number);
		if (!get(stream, key))
			return false;
	}
	return true;
}

const struct service redis = { "redis", 6379, NULL, operate, read_back };
