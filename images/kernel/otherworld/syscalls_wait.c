// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupted waits with a timeout. The timer a sleeping call waits for lies
 * on the dead kernel stack; CLOCK_MONOTONIC goes on, so its expiry is still
 * right and the call sleeps exactly the rest; longer if it waits for peers.
 */
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include <net/sock.h>
#include <net/tcp.h>
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

/*
 * --- waits for what a peer says ---
 *
 * What it said to the dead kernel, or to one that was dying, nobody has heard. It
 * says it again, and pauses before that for as long as it has tried so far. A wait
 * for it that ends meanwhile would end a connection on which nobody was silent.
 */

/* Nobody gives a peer up earlier. */
#define OW_PATIENCE_NS		NSEC_PER_SEC
/* A peer does not pause for longer between two attempts. */
#define OW_PAUSE_MAX_NS		(TCP_RTO_MAX / HZ * NSEC_PER_SEC)

static bool ow_is_connection(const struct file *dead)
{
	const struct inode *inode;
	unsigned short family;
	struct sock *sk;
	umode_t mode;
	u16 protocol;
	u8 state;

	return dead && ow_get(inode, &dead->f_inode) &&
	       ow_get(mode, &inode->i_mode) && S_ISSOCK(mode) &&
	       ow_get(sk, &SOCKET_I((struct inode *)inode)->sk) &&
	       ow_get(family, &sk->sk_family) &&
	       (family == AF_INET || family == AF_INET6) &&
	       ow_get(protocol, &sk->sk_protocol) && protocol == IPPROTO_TCP &&
	       ow_get(state, &sk->sk_state) && state != TCP_LISTEN &&
	       state != TCP_CLOSE;
}

static bool ow_has_connection(struct ow_dead *d)
{
	struct fdtable *fdt, table;
	unsigned int fd;

	if (!ow_get(fdt, &d->task->files->fdt) || !ow_get(table, fdt))
		return false;
	for (fd = 0; fd < table.max_fds && fd < OW_MAX_FDS; fd++)
		if (ow_is_connection(ow_dead_fd(d, fd)))
			return true;
	return false;
}

/* When the timer of a wait that has fired was to; 0 if that is not known. */
static ktime_t ow_fired_at(struct ow_dead *d)
{
	struct hrtimer_sleeper s;
	struct ow_frame frame;
	unsigned long at;

	if (!ow_frame_of(d, "schedule_hrtimeout_range_clock", &frame))
		return 0;
	for (at = frame.low; at + sizeof(s) <= frame.high; at += sizeof(long))
		if (ow_get(s, (struct hrtimer_sleeper *)at) && !s.task &&
		    (unsigned long)s.timer.function ==
			    ow_symbol("hrtimer_wakeup"))
			return s.timer._softexpires;
	return 0;
}

ktime_t ow_hear_out(struct ow_dead *d, ktime_t expires, s64 timeout)
{
	ktime_t now = ktime_get();
	s64 lasted;

	if (timeout < OW_PATIENCE_NS || !ow_has_connection(d))
		return expires;
	if (!expires)
		expires = ow_fired_at(d);
	if (!expires)
		expires = now;
	lasted = clamp_t(s64, now - (expires - timeout), 0, OW_PAUSE_MAX_NS);
	return max_t(s64, expires, now + lasted + OW_PATIENCE_NS);
}

/* --- waits for events --- */

static bool ow_culprit_interrupted(struct ow_dead *d)
{
	if (d->culprit)
		ow_answer(d, OW_RETURN, -EINTR);
	return d->culprit;
}

void ow_rule_poll(struct ow_dead *d)
{
	s64 timeout = (int)d->regs.dx * (s64)NSEC_PER_MSEC;
	struct restart_block *b = &d->call.block;
	struct timespec64 end;
	ktime_t expires = 0;
	clockid_t clock;

	if (ow_culprit_interrupted(d))
		return;
	d->call.outcome = OW_RESTART;
	if (timeout <= 0)
		return;
	if (!ow_sleep_timer(d, &expires, &clock) && d->was_current)
		return;
	if (d->regs.si)
		expires = ow_hear_out(d, expires, timeout);
	end = ktime_to_timespec64(expires);
	b->fn = (void *)ow_symbol("do_restart_poll");
	b->poll.ufds = (void __user *)d->regs.di;
	b->poll.nfds = d->regs.si;
	b->poll.has_timeout = 1;
	b->poll.tv_sec = end.tv_sec;
	b->poll.tv_nsec = end.tv_nsec;
	if (b->fn)
		d->call.outcome = OW_BLOCK;
}

/* What the caller has asked for; 0 if that is not known. */
static s64 ow_asked_timeout(struct ow_dead *d, unsigned long timeout,
			    bool timeval)
{
	s64 asked[2];

	if (!ow_read_user(d, asked, timeout, sizeof(asked)) || asked[0] < 0 ||
	    asked[0] > INT_MAX || asked[1] < 0 || asked[1] >= NSEC_PER_SEC)
		return 0;
	return asked[0] * NSEC_PER_SEC +
	       asked[1] * (timeval ? NSEC_PER_USEC : 1);
}

/* Issue again with what is left written into the caller's timeout. */
static void ow_rule_timeout(struct ow_dead *d, unsigned long timeout,
			    bool timeval, bool events)
{
	clockid_t clock;
	s64 asked;

	if (ow_culprit_interrupted(d))
		return;
	d->call.outcome = OW_RESTART;
	if (!timeout)
		return;
	if (ow_sleep_timer(d, &d->call.expires, &clock) || !d->was_current) {
		d->call.timeout = timeout;
		d->call.timeval = timeval;
		asked = ow_asked_timeout(d, timeout, timeval);
		if (events)
			d->call.expires = ow_hear_out(d, d->call.expires, asked);
	}
}

void ow_rule_ppoll(struct ow_dead *d)
{
	bool set = d->regs.orig_ax == __NR_ppoll;

	ow_rule_timeout(d, set ? d->regs.dx : d->regs.r8, false,
			set ? d->regs.si : d->regs.di);
}

void ow_rule_select(struct ow_dead *d)
{
	ow_rule_timeout(d, d->regs.r8, true, d->regs.di);
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
