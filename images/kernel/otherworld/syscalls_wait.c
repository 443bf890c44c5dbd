// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupted waits with a timeout. The timer a sleeping call waits for lies
 * on the dead kernel stack; CLOCK_MONOTONIC goes on, so its expiry is still
 * right and the call sleeps exactly the rest.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include <asm/unistd.h>

#include "syscalls.h"

static bool ow_is_sleeper(const struct ow_dead *d, const void *object, void *arg)
{
	const struct hrtimer_sleeper *s = object;
	clockid_t *clock = arg;

	return s->task == d->va && (s->timer.state & HRTIMER_STATE_ENQUEUED) &&
	       (unsigned long)s->timer.function ==
		       ow_symbol("hrtimer_wakeup") &&
	       ow_get(*clock, &s->timer.base->clockid);
}

bool ow_sleep_timer(struct ow_dead *d, ktime_t *expires, clockid_t *clock)
{
	struct hrtimer_sleeper s;
	bool found = ow_search_stack(d, &s, sizeof(s), ow_is_sleeper, clock);

	if (found)
		*expires = s.timer._softexpires;
	return found;
}

static void ow_sleep_on(struct ow_dead *d, clockid_t clock, ktime_t expires,
			unsigned long rmtp)
{
	struct restart_block *b = &d->call.block;

	b->fn = (void *)ow_symbol("hrtimer_nanosleep_restart");
	b->nanosleep.clockid = clock;
	b->nanosleep.type = rmtp ? TT_NATIVE : TT_NONE;
	b->nanosleep.rmtp = (void __user *)rmtp;
	b->nanosleep.expires = expires;
	d->call.outcome = b->fn ? OW_BLOCK : OW_RESTART;
}

static void ow_rule_sleep(struct ow_dead *d, unsigned long rmtp)
{
	clockid_t clock;
	ktime_t expires;

	if (ow_sleep_timer(d, &expires, &clock)) {
		ow_sleep_on(d, clock, expires, rmtp);
	} else if (d->was_current) {
		/* Had not gone to sleep yet. */
		ow_again_or(d, -EINTR);
	} else {
		/* The timer had fired. */
		ow_answer(d, OW_RETURN, 0);
	}
}

void ow_rule_nanosleep(struct ow_dead *d)
{
	ow_rule_sleep(d, d->regs.si);
}

void ow_rule_clock_nanosleep(struct ow_dead *d)
{
	if (d->regs.si & TIMER_ABSTIME)
		d->call.outcome = OW_RESTART;
	else
		ow_rule_sleep(d, d->regs.r10);
}

static bool ow_culprit_interrupted(struct ow_dead *d)
{
	if (d->culprit)
		ow_answer(d, OW_RETURN, -EINTR);
	return d->culprit;
}

void ow_rule_poll(struct ow_dead *d)
{
	struct restart_block *b = &d->call.block;
	struct timespec64 end = { };
	clockid_t clock;
	ktime_t expires;

	if (ow_culprit_interrupted(d))
		return;
	d->call.outcome = OW_RESTART;
	if ((int)d->regs.dx <= 0)
		return;
	if (ow_sleep_timer(d, &expires, &clock))
		end = ktime_to_timespec64(expires);
	else if (d->was_current)
		return;
	b->fn = (void *)ow_symbol("do_restart_poll");
	b->poll.ufds = (void __user *)d->regs.di;
	b->poll.nfds = d->regs.si;
	b->poll.has_timeout = 1;
	b->poll.tv_sec = end.tv_sec;
	b->poll.tv_nsec = end.tv_nsec;
	if (b->fn)
		d->call.outcome = OW_BLOCK;
}

/* Issue again with what is left written into the caller's timeout. */
static void ow_rule_timeout(struct ow_dead *d, unsigned long timeout,
			    bool timeval)
{
	clockid_t clock;

	if (ow_culprit_interrupted(d))
		return;
	d->call.outcome = OW_RESTART;
	if (!timeout)
		return;
	if (ow_sleep_timer(d, &d->call.expires, &clock) || !d->was_current) {
		d->call.timeout = timeout;
		d->call.timeval = timeval;
	}
}

void ow_rule_ppoll(struct ow_dead *d)
{
	ow_rule_timeout(d, d->regs.orig_ax == __NR_ppoll ? d->regs.dx :
							   d->regs.r8, false);
}

void ow_rule_select(struct ow_dead *d)
{
	ow_rule_timeout(d, d->regs.r8, true);
}

void ow_become_timeout(struct ow_dead *d)
{
	s64 left = ktime_sub(d->call.expires, ktime_get());
	s64 out[2];

	if (!d->call.timeout || d->call.outcome != OW_RESTART)
		return;
	left = max_t(s64, left, 0);
	out[0] = div_s64(left, NSEC_PER_SEC);
	out[1] = left - out[0] * NSEC_PER_SEC;
	if (d->call.timeval)
		out[1] /= NSEC_PER_USEC;
	if (copy_to_user((void __user *)d->call.timeout, out, sizeof(out)))
		ow_degraded(d->proc->pid, OW_LOST_TIMER, "timeout");
}
