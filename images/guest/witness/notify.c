// witness: inotify: what is watched, under which number, and what nobody has read yet.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ends.h"
#include "witness.h"

// The next event; they are taken from the descriptor many at a time.
static const struct inotify_event *next_event(int descriptor)
{
	static char events[4096] __attribute__((aligned(8)));
	static long at, end;
	const struct inotify_event *event;

	if (at == end) {
		at = 0;
		end = sure(read(descriptor, events, sizeof(events)), "read of events");
	}
	event = (const void *)(events + at);
	at += sizeof(*event) + event->len;
	return event;
}

static uint32_t expect_event(int descriptor, int watch, uint32_t mask, const char *name)
{
	const struct inotify_event *event = next_event(descriptor);

	if (event->wd != watch || event->mask != mask || strcmp(event->len ? event->name : "", name))
		wrong("event %x of watch %d, '%s', instead of %x of %d, '%s'", event->mask, event->wd, event->len ? event->name : "", mask, watch, name);
	return event->cookie;
}

static int add(int descriptor, const char *path, uint32_t mask) { return sure(inotify_add_watch(descriptor, path, mask), "inotify_add_watch"); }

static void append(const char *path)
{
	int file = sure(open(path, O_WRONLY | O_APPEND), path);

	sure(write(file, "x", 1), "write");
	close(file);
}

// Unread events, watches with a hole between their numbers, and what happens afterwards.
static void inotify_watches(void)
{
	int descriptor = sure(inotify_init1(IN_NONBLOCK), "inotify_init"), hole, directory, file, once;
	uint32_t cookie;
	char byte[64];

	make_directory();
	put_file(in_directory("f"), "1");
	hole = add(descriptor, "/", IN_CREATE);
	directory = add(descriptor, in_directory(""), IN_CREATE | IN_MOVE | IN_DELETE | IN_ONLYDIR);
	file = add(descriptor, in_directory("f"), IN_MODIFY | IN_CLOSE_WRITE | IN_OPEN);
	once = add(descriptor, "/data/tests", IN_OPEN | IN_ONESHOT);
	sure(inotify_rm_watch(descriptor, hole), "inotify_rm_watch");
	put_file(in_directory("new"), "2");
	sure(rename(in_directory("new"), in_directory("renamed")), "rename");
	append(in_directory("f"));
	wait_for_death();
	expect_event(descriptor, hole, IN_IGNORED, "");
	expect_event(descriptor, directory, IN_CREATE, "new");
	cookie = expect_event(descriptor, directory, IN_MOVED_FROM, "new");
	expect(expect_event(descriptor, directory, IN_MOVED_TO, "renamed"), cookie, "cookie");
	expect_event(descriptor, file, IN_OPEN, "");
	expect_event(descriptor, file, IN_MODIFY, "");
	expect_event(descriptor, file, IN_CLOSE_WRITE, "");
	expect(read(descriptor, byte, sizeof(byte)), -1, "read of no event");
	expect(errno, EAGAIN, "its error");
	append(in_directory("f"));
	expect_event(descriptor, file, IN_OPEN, "");
	expect_event(descriptor, file, IN_MODIFY, "");
	expect_event(descriptor, file, IN_CLOSE_WRITE, "");
	sure(unlink(in_directory("renamed")), "unlink");
	expect_event(descriptor, directory, IN_DELETE, "renamed");
	close(sure(open("/data/tests", O_RDONLY), "/data/tests"));
	expect_event(descriptor, once, IN_OPEN | IN_ISDIR, "");
	expect_event(descriptor, once, IN_IGNORED, "");
	expect(add(descriptor, "/data", IN_CREATE), once + 1, "number of a new watch");
	sure(inotify_rm_watch(descriptor, directory), "inotify_rm_watch");
	expect_event(descriptor, directory, IN_IGNORED, "");
}

// The file has lost its name, and is freed, and told of, when it is closed.
static void inotify_nameless(void)
{
	int descriptor = sure(inotify_init1(0), "inotify_init"), file, watch;

	make_directory();
	put_file(in_directory("f"), "1");
	file = sure(open(in_directory("f"), O_RDWR), "open");
	watch = add(descriptor, in_directory("f"), IN_MODIFY | IN_DELETE_SELF | IN_CLOSE);
	sure(unlink(in_directory("f")), "unlink");
	wait_for_death();
	sure(write(file, "23", 2), "write");
	expect_event(descriptor, watch, IN_MODIFY, "");
	close(file);
	expect_event(descriptor, watch, IN_CLOSE_WRITE, "");
	expect_event(descriptor, watch, IN_DELETE_SELF, "");
	expect_event(descriptor, watch, IN_IGNORED, "");
}

static void inotify_reader(void)
{
	int descriptor = sure(inotify_init1(0), "inotify_init"), watch;
	pid_t child;

	make_directory();
	watch = add(descriptor, in_directory(""), IN_CREATE);
	child = sure(fork(), "fork");
	if (child == 0) {
		expect_event(descriptor, watch, IN_CREATE, "late");
		_exit(died() ? 3 : 4);
	}
	sleep_ms(20);
	wait_for_death();
	put_file(in_directory("late"), "");
	expect_status(child, 3);
}

const struct scenario notify_scenarios[] = {
	{ "inotify-watches", inotify_watches },
	{ "inotify-nameless", inotify_nameless },
	{ "inotify-reader", inotify_reader },
	{ NULL, NULL },
};
