// witness: what the scenarios of one system call each share.
#ifndef CALL_H
#define CALL_H

#include <errno.h>
#include <string.h>

#include "witness.h"

// CALL must be the first system call behind the mark: errno is looked at before anything else happens.
#define UNDER_TEST(call)                           \
	({                                         \
		long result_;                      \
		mark_call();                       \
		result_ = (call);                  \
		result_ = result_ == -1 ? -errno : result_; \
		note_result(result_);              \
		result_;                           \
	})

// Success, or the one error the table allows a culprit.
static inline bool succeeded(long result, int error)
{
	if (result < 0 && result != -error)
		wrong("it answered %s", strerror(-result));
	return result >= 0;
}

#endif
