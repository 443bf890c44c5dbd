// SPDX-License-Identifier: GPL-2.0-only
/*
 * A read() of a signalfd that ran. A signal that was being taken is pending
 * again, as long as what it says is still where it was; once that is in the
 * call's own variables the call is completed. What it would have taken besides
 * stays pending: a caller gets as many as there are.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <uapi/linux/signalfd.h>

#include "syscalls.h"

/* What takes a signal for the call, and the entry of it out of its list. */
static const char ow_takes[] = "dequeue_signal";
static const char ow_collects[] = "collect_signal";
static const char ow_frees[] = "kmem_cache_free";

#define OW_MAX_QUEUED	1024

static int ow_is_entry(struct list_head *node, void *arg)
{
	return container_of(node, struct sigqueue, list) == arg;
}

static bool ow_is_pending(struct ow_dead *d, const struct sigqueue *entry)
{
	return ow_walk_list(&d->va->pending.list, OW_MAX_QUEUED, ow_is_entry,
			    (void *)entry) == 1 ||
	       ow_walk_list(&d->task->signal->shared_pending.list, OW_MAX_QUEUED,
			    ow_is_entry, (void *)entry) == 1;
}

/* What of the signal that the call is at? */
enum ow_hand {
	OW_HAS_NONE,			/* it is pending, or there is none */
	OW_HAS_ENTRY,			/* its entry is the call's, and whole */
	OW_HAS_SIGNAL,			/* it is in the call's own variables */
	OW_HAS_UNKNOWN,
};

/* collect_signal() frees the entry last. Before that it looks for it in a list,
 * and what it would find there is told by memory.
 */
static enum ow_hand ow_hand(struct ow_dead *d, const struct sigqueue **entry)
{
	unsigned long second;

	if (!ow_in_function(d, ow_takes))
		return OW_HAS_SIGNAL;
	if (!ow_in_function(d, ow_collects))
		return ow_may_call(d, ow_takes, ow_collects) ? OW_HAS_NONE :
							       OW_HAS_SIGNAL;
	if (!ow_may_call(d, ow_collects, ow_frees))
		return OW_HAS_SIGNAL;
	if (!ow_will_call(d, ow_frees, &second) || !second)
		return OW_HAS_UNKNOWN;
	*entry = (const struct sigqueue *)second;
	return OW_HAS_ENTRY;
}

bool ow_signal_in_hand(struct ow_dead *d, struct sigqueue *copy)
{
	const struct sigqueue *entry;

	return d->was_current && ow_in_function(d, "signalfd_read") &&
	       ow_hand(d, &entry) == OW_HAS_ENTRY && !ow_is_pending(d, entry) &&
	       ow_get(*copy, entry) && valid_signal(copy->info.si_signo) &&
	       copy->info.si_signo;
}

/* What starts a timer again whose signal has been taken. */
static bool ow_starts_timer(struct ow_dead *d)
{
	unsigned long second;

	return ow_in_function(d, "posixtimer_rearm") ||
	       ow_in_function(d, "hrtimer_forward") ||
	       ow_in_function(d, "hrtimer_start_range_ns") ||
	       ow_will_call(d, "posixtimer_rearm", &second) ||
	       ow_will_call(d, "hrtimer_start_range_ns", &second);
}

/* Can it neither be made pending again nor be taken? A timer's own entry is never
 * freed, and what the taking of it starts is not told.
 */
static bool ow_is_stuck(struct ow_dead *d, enum ow_hand hand,
			const struct sigqueue *entry)
{
	struct sigqueue copy;

	switch (hand) {
	case OW_HAS_NONE:
		return false;
	case OW_HAS_ENTRY:
		return !ow_get(copy, entry) || copy.flags & SIGQUEUE_PREALLOC;
	case OW_HAS_SIGNAL:
		return ow_in_function(d, ow_takes) && ow_starts_timer(d);
	default:
		return true;
	}
}

/* Then it asks only while it has none. */
static bool ow_has_room_for_one(struct ow_dead *d)
{
	return d->regs.dx < 2 * sizeof(struct signalfd_siginfo);
}

void ow_read_signals(struct ow_dead *d)
{
	struct ow_asking a = { .asks = ow_takes, .gives = "signalfd_copyinfo" };
	const struct sigqueue *entry = NULL;
	enum ow_hand hand = ow_hand(d, &entry);
	struct ow_rest rest;
	bool told;

	if (ow_is_stuck(d, hand, entry))
		return ow_refuse(d, "read");
	a.empty = hand != OW_HAS_SIGNAL;
	told = ow_foretell_end(d, &a, &rest);
	if (told && rest.answer != -EAGAIN && rest.answer != -ERESTARTSYS)
		ow_answer_rest(d, &rest);
	else if (told || (a.asked && ow_has_room_for_one(d) &&
			  (a.empty || !ow_in_function(d, ow_takes))))
		ow_again_or(d, -EINTR);
	else
		ow_refuse(d, "read");
}
