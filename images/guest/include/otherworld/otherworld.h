// Crash procedures: what a program may do about the death of its kernel (docs/crash-procedures.md).
//
// A process registers one function. When its kernel has died and the process has come back, the next kernel calls the
// function before anything else of the process runs, tells it what could not be restored, and does what it answers: the
// process goes on from the instruction at which it was interrupted, or its program is started again. A process that has
// registered none simply goes on, and does not come back at all if something of it cannot be restored.
#ifndef OTHERWORLD_H
#define OTHERWORLD_H

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#ifdef __cplusplus
extern "C" {
#endif

// What is lost. The descriptor is still taken, and every call but close() fails with EBADF:
#define OTHERWORLD_LOST_FILE (1u << 0)	    // a file or directory that cannot be opened again
#define OTHERWORLD_LOST_SOCKET (1u << 1)    // a socket of a family that does not come back
#define OTHERWORLD_LOST_DEVICE (1u << 2)    // a device
#define OTHERWORLD_LOST_ANONYMOUS (1u << 3) // pidfd, io_uring, fanotify, userfaultfd, perf, BPF
// Nothing is at its addresses:
#define OTHERWORLD_LOST_MAPPING (1u << 4) // a mapping of a device, or of a file that cannot be opened again
// It answers EINTR, however much of it was done:
#define OTHERWORLD_LOST_CALL (1u << 5) // the system call in which a thread was
// The rest of the process is whole:
#define OTHERWORLD_LOST_TIMER (1u << 6)	    // a timer does not run
#define OTHERWORLD_LOST_WATCH (1u << 7)	    // epoll or inotify watches something no more
#define OTHERWORLD_LOST_LOCK (1u << 8)	    // a file lock or lease
#define OTHERWORLD_LOST_SIGNAL (1u << 9)    // details of a pending signal
#define OTHERWORLD_LOST_IPC (1u << 10)	    // undoing of semaphores, a notification of a message queue
#define OTHERWORLD_LOST_AIO (1u << 11)	    // requests of native AIO under way
#define OTHERWORLD_LOST_IDENTITY (1u << 12) // working directory, scheduling, I/O priority, cgroup, I/O permissions

// What a procedure answers.
enum otherworld_answer {
	OTHERWORLD_CONTINUE, // go on where the process was interrupted
	OTHERWORLD_RESTART,  // start the program again, with the arguments, environment and working directory it had had
};

// Runs in the thread that registered it (or, if that has ended, the first), with all signals blocked. As in a signal handler, the
// interrupted thread may hold any lock. @interrupted: the registers with which the thread goes on.
typedef enum otherworld_answer otherworld_procedure(uint64_t losses, void *argument, ucontext_t *interrupted);

#define OTHERWORLD_IF_LOST 1u	  // call it only if something is lost
#define OTHERWORLD_OTHERS_RUN 2u // do not hold the other threads until it has answered

struct otherworld_options {
	unsigned int flags;    // OTHERWORLD_IF_LOST...
	unsigned int limit_ms; // the process is killed if there is no answer by then; 0: 10 seconds; at most 10 minutes
	void *stack;	       // to run on; NULL: that of the thread
	size_t stack_size;
	// What a restart executes, as execve(); NULL: what was started.
	const char *path;
	char *const *argv, *const *environment;
};

// Registers, in place of an earlier one. It holds until the process ends or executes a program; a child has none. @options may be
// NULL. Returns 0, or -1 with errno: ENOSYS, EOPNOTSUPP no such kernel; EINVAL; EBUSY called by a procedure; ENOSPC too many have one.
int otherworld_register(otherworld_procedure *procedure, void *argument, const struct otherworld_options *options);
// The same in a thread of its own, which does nothing but wait for that: the procedure runs there and may do whatever a thread may, since it
// interrupts nobody who holds a lock. All signals are for other threads.
int otherworld_register_in_thread(otherworld_procedure *procedure, void *argument, const struct otherworld_options *options);
// Returns 0, or -1 with errno: ENOENT there was none, EBUSY it runs.
int otherworld_unregister(void);
// For a procedure: what is lost by now. Another death while it runs may have cost more than it was told. Returns 0, or -1 with errno:
// EINVAL no procedure of the process runs.
int otherworld_losses(uint64_t *losses);

#ifdef __cplusplus
}
#endif
#endif
