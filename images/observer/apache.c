// Apache with PHP (HTTP/1.1): two sessions that count visits, one in a file and one in memory the server's processes share.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "observe.h"

struct session {
	const char *key, *page;
	char cookie[128];
};

static struct session sessions[] = {
	{ .key = "file-session", .page = "/count.php" },
	{ .key = "memory-session", .page = "/shared.php" },
};

struct answer {
	int status;
	bool last; // the server closes the connection behind it
	char cookie[128];
	char body[256];
};

static bool receive_answer(struct stream *stream, struct answer *answer)
{
	char line[512];
	size_t length = 0;

	memset(answer, 0, sizeof(*answer));
	if (!receive_line(stream, line, sizeof(line)) || sscanf(line, "HTTP/%*s %d", &answer->status) != 1)
		return false;
	for (;;) {
		if (!receive_line(stream, line, sizeof(line)))
			return false;
		if (line[0] == '\0')
			break;
		if (strncasecmp(line, "content-length:", 15) == 0)
			length = strtoul(line + 15, NULL, 10);
		else if (strncasecmp(line, "connection: close", 17) == 0)
			answer->last = true;
		else if (strncasecmp(line, "set-cookie: ", 12) == 0)
			snprintf(answer->cookie, sizeof(answer->cookie), "%.*s", (int)strcspn(line + 12, ";"), line + 12);
	}
	for (size_t i = 0; i < length; i++) {
		char byte;

		if (!receive_exactly(stream, &byte, 1))
			return false;
		if (i < sizeof(answer->body) - 1)
			answer->body[i] = byte;
	}
	answer->body[strcspn(answer->body, "\r\n")] = '\0';
	return true;
}

// A server may close a connection that it has answered on, and says so beforehand: nothing is in doubt then.
static bool operate(struct stream *stream, unsigned number)
{
	struct session *session = &sessions[number % 2];
	static struct answer answer;
	char request[512];
	int length, visits;

	length = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: otherworld\r\n%s%s%s\r\n",
		session->page, session->cookie[0] ? "Cookie: " : "", session->cookie, session->cookie[0] ? "\r\n" : "");
	begin("count %s", session->key);
	if (!send_all(stream, request, length) || !receive_answer(stream, &answer))
		return false;
	if (answer.cookie[0])
		snprintf(session->cookie, sizeof(session->cookie), "%s", answer.cookie);
	if (answer.status == 200 && sscanf(answer.body, "visits %d", &visits) == 1)
		acknowledge("count %s %d", session->key, visits);
	else
		refuse("status %d, '%s'", answer.status, answer.body);
	return !answer.last;
}

// There is no looking at a session without a visit: the next visit shows what it held.
static bool read_back(struct stream *stream, unsigned last)
{
	(void)stream;
	(void)last;
	return true;
}

const struct service apache = { "apache", 80, NULL, operate, read_back };
