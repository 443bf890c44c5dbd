// witness: what two processes do at the ends of a stream. See ends.c.
#ifndef ENDS_H
#define ENDS_H

#include <sys/types.h>

// The child has ended, with this status.
void expect_status(pid_t child, int wanted);

// Questions and answers, one a millisecond, before and after the death.
void talk(const int *ends);
// A child sleeps in the middle of a write() that does not fit; all of it arrives.
void write_more_than_fits(const int *ends, size_t length);
// The other end's process does not come back: this end reads what it had said; what comes then is the caller's to see.
void be_left(const int *ends);

// Where children sleep when the kernel dies.
struct places {
	int listener;		// in accept()
	int (*connect)(void);	// what wakes it
	int reader[2];		// in read()
	int whole[2];		// in recv() for all of it
	int waiter[2];		// in poll()
};
void sleep_at(const struct places *at);

#endif
