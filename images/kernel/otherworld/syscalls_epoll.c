// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls on epoll files. To wait is repeated for what is left of the time. An
 * interest that was for one event only, and whose event has perhaps been
 * handed to a call that nobody can return from, would never be served again.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/restart_block.h>
#include <linux/sched/task_stack.h>
#include <linux/time64.h>
#include <linux/time_types.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#include <uapi/linux/eventpoll.h>

#include "anonfds.h"
#include "syscalls.h"

void ow_rule_epoll_ctl(struct ow_dead *d)
{
	const struct file *epoll = ow_dead_fd(d, d->regs.di);
	const struct file *target = ow_dead_fd(d, d->regs.dx);
	bool watched = epoll && target &&
		       ow_epoll_watches(epoll, target, d->regs.dx);

	d->call.outcome = OW_RESTART;
	if (!d->was_current)
		return;
	switch (d->regs.si) {
	case EPOLL_CTL_ADD:
		/* The tree is the last it can fail at, but for memory. */
		if (watched)
			ow_answer(d, OW_RETURN, 0);
		else if (d->culprit)
			ow_answer(d, OW_RETURN, -ENOMEM);
		break;
	case EPOLL_CTL_DEL:
		if (!watched && (ow_in_function(d, "ep_remove") ||
				 ow_behind_call(d, "do_epoll_ctl", "ep_remove")))
			ow_answer(d, OW_RETURN, 0);
		break;
	}
}

/* Issue the wait again with the time that is left, in whole milliseconds. */
static long ow_epoll_go_on(struct restart_block *block)
{
	s64 left = ktime_sub(block->futex.time, ktime_get());
	struct pt_regs regs = *current_pt_regs();

	regs.orig_ax = block->futex.val;
	regs.r10 = 0;
	if (left > 0)
		regs.r10 = min_t(s64, div_s64(left + NSEC_PER_MSEC - 1,
					      NSEC_PER_MSEC), INT_MAX);
	return sys_call_table[regs.orig_ax](&regs);
}

static bool ow_may_have_reported(struct ow_dead *d)
{
	return d->was_current &&
	       (ow_in_function(d, "do_epoll_wait") ||
		ow_behind_call(d, "__x64_sys_epoll_wait", "do_epoll_wait") ||
		ow_behind_call(d, "__x64_sys_epoll_pwait", "do_epoll_wait") ||
		ow_behind_call(d, "__x64_sys_epoll_pwait2", "do_epoll_wait"));
}

/* How long in all; 0 if that is not known. */
static s64 ow_asked_to_wait(struct ow_dead *d)
{
	struct __kernel_timespec asked;

	if (d->regs.orig_ax != __NR_epoll_pwait2)
		return (int)d->regs.r10 * (s64)NSEC_PER_MSEC;
	if (!ow_read_user(d, &asked, d->regs.r10, sizeof(asked)) ||
	    asked.tv_sec < 0 || asked.tv_sec > INT_MAX)
		return 0;
	return asked.tv_sec * NSEC_PER_SEC;
}

void ow_rule_epoll_wait(struct ow_dead *d)
{
	const struct file *epoll = ow_dead_fd(d, d->regs.di);
	struct restart_block *b = &d->call.block;
	bool limited = d->regs.orig_ax == __NR_epoll_pwait2 ?
		       d->regs.r10 != 0 : (int)d->regs.r10 > 0;
	ktime_t expires = 0;
	clockid_t clock;

	if (epoll && ow_may_have_reported(d) && ow_epoll_is_spent(epoll))
		return ow_refuse(d, "epoll");
	if (d->culprit)
		return ow_answer(d, OW_RETURN, -EINTR);
	d->call.outcome = OW_RESTART;
	/* Asleep without a timer: it has fired. */
	if (!limited ||
	    (!ow_sleep_timer(d, &expires, &clock) && d->was_current))
		return;
	d->call.outcome = OW_BLOCK;
	b->fn = ow_epoll_go_on;
	b->futex.time = ow_hear_out(d, expires, ow_asked_to_wait(d));
	b->futex.val = d->regs.orig_ax == __NR_epoll_wait ? __NR_epoll_wait :
							    __NR_epoll_pwait;
}
