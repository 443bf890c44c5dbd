/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules for interrupted system calls that need more than a constant. */
#ifndef _OTHERWORLD_SYSCALLS_H
#define _OTHERWORLD_SYSCALLS_H

#include "resurrect.h"

/* What becomes of the call, and what it answers. */
static inline void ow_answer(struct ow_dead *d, enum ow_outcome outcome,
			     long value)
{
	d->call.outcome = outcome;
	d->call.value = value;
}

/* Its process does not come back, for this reason. */
static inline void ow_refuse(struct ow_dead *d, const char *reason)
{
	d->call.outcome = OW_REFUSE;
	d->call.reason = reason;
}

/* syscalls.c */
/* @error for the culprit, again for all others. */
void ow_again_or(struct ow_dead *d, long error);
/* Answer what the rest of the call would have. */
void ow_answer_rest(struct ow_dead *d, const struct ow_rest *rest);

/* arguments.c */
/* Addresses in the registers of a call that its frames know better. */
void ow_mend_addresses(struct ow_dead *d);

/* syscalls_wait.c */
void ow_rule_nanosleep(struct ow_dead *d);
void ow_rule_clock_nanosleep(struct ow_dead *d);
void ow_rule_poll(struct ow_dead *d);
void ow_rule_ppoll(struct ow_dead *d);
void ow_rule_select(struct ow_dead *d);
/* Tell user space how much of its timeout is left, as the kernel does. */
void ow_become_timeout(struct ow_dead *d);

/* When a wait for events is to end that would end at @expires, 0 if its timer has
 * fired, after @timeout in all.
 */
ktime_t ow_hear_out(struct ow_dead *d, ktime_t expires, s64 timeout);

/* The queued sleep timer of the dead task, on its stack. */
bool ow_sleep_timer(struct ow_dead *d, ktime_t *expires, clockid_t *clock);

/* syscalls_epoll.c */
void ow_rule_epoll_ctl(struct ow_dead *d);
void ow_rule_epoll_wait(struct ow_dead *d);

/* syscalls_queue.c */
void ow_rule_semop(struct ow_dead *d);
void ow_rule_msgsnd(struct ow_dead *d);
void ow_rule_msgrcv(struct ow_dead *d);
void ow_rule_mq_send(struct ow_dead *d);
void ow_rule_mq_receive(struct ow_dead *d);
void ow_rule_io_getevents(struct ow_dead *d);

/* syscalls_write.c */
void ow_rule_write(struct ow_dead *d);

/* syscalls_pipe.c */
/* A caller, and what has done the work when it is behind that. */
struct ow_end {
	const char *caller, *callee;
};

extern const struct ow_end ow_read_ends[], ow_write_ends[];
/* Is the call's first argument a descriptor of a pipe, or of a counter or
 * queue like it?
 */
bool ow_calls_pipe(struct ow_dead *d);
void ow_read_pipe(struct ow_dead *d);
void ow_write_pipe(struct ow_dead *d);
/* Bytes a sleeping call has moved; -ENOENT if its stack does not say. */
long ow_progress(struct ow_dead *d, bool source);

/* syscalls_tty.c */
/* Is the dead file a serial or pseudo-terminal? */
bool ow_is_terminal(const struct file *dead);
void ow_read_terminal(struct ow_dead *d, const struct file *dead);
void ow_write_pty(struct ow_dead *d, const struct file *copy);

/* progress.c */
struct iov_iter;
/* Bytes the call is to move in all; negative if that is not known. */
long ow_wanted(struct ow_dead *d);
/* Some of them, from the caller's memory: @len bytes behind the first @offset. */
bool ow_read_buffers(struct ow_dead *d, size_t offset, void *to, size_t len);
/* Bytes of @wanted that have been copied, by the iterator @it in the frame of
 * one of @frames; negative if there is none.
 */
long ow_copied_bytes(struct ow_dead *d, const char * const *frames, bool source,
		     long wanted, const struct iov_iter **it);
/* Bytes that are gone from the pipe or stream, or in it; negative if unknown. */
long ow_counted(struct ow_dead *d, const char * const *frames, bool source);
/* Is it where bytes are moved? */
bool ow_flows(struct ow_dead *d, bool source);

/* syscalls_net.c */
/* The dead socket a call is about, NULL if it is about none. */
const struct socket *ow_called_socket(struct ow_dead *d);
/* Is the call's first argument a descriptor of a socket? */
bool ow_calls_socket(struct ow_dead *d);
void ow_rule_receive(struct ow_dead *d);
void ow_rule_send(struct ow_dead *d);
/* Of a call that sends over a stream: bytes that are counted; negative if unknown. */
long ow_sent_so_far(struct ow_dead *d);
void ow_rule_connect(struct ow_dead *d);
void ow_rule_bind(struct ow_dead *d);

/* syscalls_message.c */
/* Is it where a message is moved that is carried on here? */
bool ow_moves_message(struct ow_dead *d);
void ow_rule_message(struct ow_dead *d);
/* Does @function have descriptors in hand that are in no message? */
bool ow_holds_files(struct ow_dead *d, const char *function);

/* syscalls_signal.c */
void ow_read_signals(struct ow_dead *d);

/* syscalls_aio.c */
void ow_rule_io_submit(struct ow_dead *d);

/* syscalls_accept.c */
void ow_rule_accept(struct ow_dead *d);

/* syscalls_task.c */
/* A child whose birth was complete but which its parent does not know of yet;
 * its pid or 0.
 */
pid_t ow_unborn_child(struct ow_dead *d);
/* The registers with which user mode has made the call that the task is in;
 * false if it is in none. For who asks on behalf of something else than the task.
 */
bool ow_load_call(struct ow_dead *d);
/* The dead file behind a descriptor of the dead process, or NULL. */
const struct file *ow_dead_fd(struct ow_dead *d, unsigned long fd);
/* Look for an object of @size bytes on the dead stack: until @is, which gets a
 * copy of what lies there, answers true.
 */
bool ow_search_stack(struct ow_dead *d, void *object, size_t size,
		     bool (*is)(const struct ow_dead *d, const void *object,
				void *arg), void *arg);
/* Read the dead process's user memory; only pages that are present. */
bool ow_read_user(struct ow_dead *d, void *dst, unsigned long addr,
		  size_t len);

/* syscalls_name.c */
void ow_rule_name(struct ow_dead *d);
void ow_rule_open(struct ow_dead *d);

/* threads.c */
/* Does the call make a thread? Then ->call.value is its number, or 0. */
bool ow_cloned_thread(struct ow_dead *d);

/* unwind.c */
/* Nothing but the call chain of the task that ran, which need be no process. */
struct ow_dead *ow_load_current_stack(void);
/* The same of any task. */
struct ow_dead *ow_load_stack(const struct task_struct *dead);
/* Is @fn in the dead task's call chain? */
bool ow_in_function(struct ow_dead *d, const char *fn);
/* Where in @fn it was, or returns to; 0 if not in it. */
unsigned long ow_ip_of(struct ow_dead *d, const char *fn);
/* Where it was in what @fn has called; 0 if in @fn itself, or not in it. */
unsigned long ow_callee_of(struct ow_dead *d, const char *fn);
/* Which function @fn has called, if it has by its address; 0 if not. */
unsigned long ow_target_of(struct ow_dead *d, const char *fn);
/* Where @fn of that call chain keeps its variables. */
bool ow_frame_of(struct ow_dead *d, const char *fn, struct ow_frame *frame);
/* Where the call leads to that @ret lies behind; 0 if it lies behind none. */
unsigned long ow_call_before(unsigned long ret);
/* Is it an address in @fn, or a return address of it? */
bool ow_ip_in(unsigned long ip, const char *fn);
/* Was @caller waiting for @callee? */
bool ow_in_call(struct ow_dead *d, const char *caller, const char *callee);
/* Was @caller behind the place where it calls @callee? */
bool ow_behind_call(struct ow_dead *d, const char *caller, const char *callee);
/* Is that so for any of @ends, the last of which is empty? */
bool ow_behind_any(struct ow_dead *d, const struct ow_end *ends);
/* Is a place in a function behind the first call it makes through a pointer? */
bool ow_behind_pointer(unsigned long ip);

/* Can @fn, from where it was, still come to a call of @callee? True if it cannot
 * be told; false if the task was not in @fn.
 */
bool ow_may_call(struct ow_dead *d, const char *fn, const char *callee);
/* Has @fn, on any way through it, one call by pointer, and not made it yet? */
bool ow_ahead_of_pointer(struct ow_dead *d, const char *fn);
/* Where @fn, or the first piece of it, begins; 0 if there is none. */
unsigned long ow_function(const char *fn);

/* Where the dead task stood in the kernel: itself, not an interrupt. False if
 * that is not known.
 */
bool ow_stood(struct ow_dead *d, struct pt_regs *regs);

/* Is the dead task's call chain unknown, or only a part of it known? */
bool ow_lacks_calls(struct ow_dead *d);

/* entry.c */
/* Is this the code by which a system call enters the kernel, and leaves it? Nobody
 * has called that, and RBP may be the program's.
 */
bool ow_in_call_entry(unsigned long ip);
/* What the kernel was at, if @now is in the code by which an exception or an
 * interrupt enters it again, or leaves it for the kernel.
 */
bool ow_interrupted(const struct pt_regs *now, struct pt_regs *regs);

/* foretell.c */
/* What the call would have answered, if it can be told: with the writes to
 * user memory it would still have made, and whether it would have written to
 * @watched, in the kernel's. The call must be so far that what is left of it
 * has no effect but these.
 */
bool ow_foretell(struct ow_dead *d, const void *watched, struct ow_rest *rest);
/* A call that asks for one thing after the other, until it has enough. */
struct ow_asking {
	const char *asks;		/* the function it asks */
	long none;			/* what that says when there is no more */
	const char *gives;		/* what gives a thing to the caller, or NULL */
	bool empty;			/* it was in there, and takes nothing */
	bool asked;			/* would it have asked again? */
};

/* The same, of such a call, if it gets no more than it has. */
bool ow_foretell_end(struct ow_dead *d, struct ow_asking *a,
		     struct ow_rest *rest);
/* Would what is left of the call still call @function? With this as the second
 * argument, 0 if that is not known.
 */
bool ow_will_call(struct ow_dead *d, const char *function,
		  unsigned long *second);
/* A function that moves bytes piece by piece: what copies a piece for it, and
 * what else it calls before it has counted that piece.
 */
struct ow_mover {
	const char *name, *copies;
	const char *then[3];
	const char *frees;		/* the one of these that is left out */
};

/* What is still to come of the piece it is at? */
enum ow_piece {
	OW_PIECE_LOST,			/* that cannot be told */
	OW_PIECE_NONE,			/* nothing: it is at none */
	OW_PIECE_COUNTS,		/* its count */
};

/* Carries on exactly, until @counter changes: @written is what to, and
 * @watched what lies at @watch then.
 */
enum ow_piece ow_follow(struct ow_dead *d, const struct ow_mover *mover,
			const void *counter, const void *watch, u64 *written,
			u64 *watched);
/* What the function the task stood in would still have made of the registers of
 * user mode. False: nothing, or it cannot be told.
 */
bool ow_finish_registers(struct ow_dead *d, struct pt_regs *user);

/* What the caller of @function had in a register the function has saved; its
 * RBP is @frame.
 */
bool ow_saved_register(unsigned long function, unsigned long frame,
		       unsigned int reg, unsigned long *value);

#endif /* _OTHERWORLD_SYSCALLS_H */
