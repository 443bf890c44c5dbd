/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules for interrupted system calls that need more than a constant. */
#ifndef _OTHERWORLD_SYSCALLS_H
#define _OTHERWORLD_SYSCALLS_H

#include "resurrect.h"

/* syscalls_wait.c */
void ow_rule_nanosleep(struct ow_dead *d);
void ow_rule_clock_nanosleep(struct ow_dead *d);
void ow_rule_poll(struct ow_dead *d);
void ow_rule_ppoll(struct ow_dead *d);
void ow_rule_select(struct ow_dead *d);
/* Tell user space how much of its timeout is left, as the kernel does. */
void ow_become_timeout(struct ow_dead *d);

/* The queued sleep timer of the dead task, on its stack. */
bool ow_sleep_timer(struct ow_dead *d, ktime_t *expires, clockid_t *clock);

/* syscalls_epoll.c */
void ow_rule_epoll_ctl(struct ow_dead *d);
void ow_rule_epoll_wait(struct ow_dead *d);

/* syscalls_write.c */
void ow_rule_write(struct ow_dead *d);

/* syscalls_pipe.c */
/* Is the call's first argument a descriptor of a pipe, or of a counter or
 * queue like it?
 */
bool ow_calls_pipe(struct ow_dead *d);
void ow_read_pipe(struct ow_dead *d);
void ow_write_pipe(struct ow_dead *d);

/* syscalls_net.c */
/* Is the call's first argument a descriptor of a socket? */
bool ow_calls_socket(struct ow_dead *d);
void ow_rule_receive(struct ow_dead *d);
void ow_rule_send(struct ow_dead *d);
void ow_rule_accept(struct ow_dead *d);
void ow_rule_connect(struct ow_dead *d);
void ow_rule_bind(struct ow_dead *d);

/* syscalls_task.c */
/* A child whose birth was complete but which its parent does not know of yet;
 * its pid or 0.
 */
pid_t ow_unborn_child(struct ow_dead *d);
/* The dead file behind a descriptor of the dead process, or NULL. */
const struct file *ow_dead_fd(struct ow_dead *d, unsigned long fd);
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
/* Is @fn in the dead task's call chain? */
bool ow_in_function(struct ow_dead *d, const char *fn);
/* Where @fn of that call chain keeps its variables. */
bool ow_frame_of(struct ow_dead *d, const char *fn, struct ow_frame *frame);
/* Is it an address in @fn, or a return address of it? */
bool ow_ip_in(unsigned long ip, const char *fn);
/* Was @caller waiting for @callee? */
bool ow_in_call(struct ow_dead *d, const char *caller, const char *callee);
/* Was @caller behind the place where it calls @callee? */
bool ow_behind_call(struct ow_dead *d, const char *caller, const char *callee);

#endif /* _OTHERWORLD_SYSCALLS_H */
