// witness: a stream of bytes that knows itself at every place, through pipes and sockets.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "witness.h"

char stream_at(size_t place) { return (char)('a' + (place * 7 + place / 251) % 26); }

void make_stream(char *to, size_t from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		to[i] = stream_at(from + i);
}

void put(int end, size_t from, size_t length)
{
	static char bytes[16 * PIPE_CAPACITY];

	long done;

	make_stream(bytes, from, length);
	do
		done = write(end, bytes, length);
	while (done < 0 && errno == EINTR);
	expect(sure(done, "write"), length, "count of write");
}

void expect_stream(const char *bytes, size_t from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != stream_at(from + i))
			wrong("byte %zu", from + i);
}

void take(int end, size_t from, size_t length)
{
	static char bytes[4096];

	while (length > 0) {
		long got = read(end, bytes, length < sizeof(bytes) ? length : sizeof(bytes));

		if (got < 0 && errno == EINTR)
			continue;
		if (sure(got, "read") == 0)
			wrong("the stream ends at %zu", from);
		expect_stream(bytes, from, got);
		from += got;
		length -= got;
	}
}

void expect_end(int end)
{
	char byte;

	expect(read(end, &byte, 1), 0, "read at the end");
}

void hold_disk(void) { sure(open("/dev/vda", O_RDONLY), "/dev/vda"); }
