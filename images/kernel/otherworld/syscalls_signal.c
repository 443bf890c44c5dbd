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

/* The entry it would still free; NULL if it is at none, or does not know it. */
static const struct sigqueue *ow_entry_in_hand(struct ow_dead *d)
{
	unsigned long entry;

	if (!d->was_current || !ow_in_function(d, "signalfd_read") ||
	    !ow_in_function(d, ow_collects) ||
	    !ow_will_call(d, "kmem_cache_free", &entry))
		return NULL;
	return (const struct sigqueue *)entry;
}

bool ow_signal_in_hand(struct ow_dead *d, struct sigqueue *copy)
{
	const struct sigqueue *entry = ow_entry_in_hand(d);

	return entry && !ow_is_pending(d, entry) && ow_get(*copy, entry) &&
	       valid_signal(copy->info.si_signo) && copy->info.si_signo;
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

/* Is it at a signal, and will not have it after all? */
static bool ow_takes_none(struct ow_dead *d)
{
	unsigned long second;

	return ow_in_function(d, ow_collects) ?
	       ow_will_call(d, "kmem_cache_free", &second) :
	       ow_will_call(d, ow_collects, &second);
}

void ow_read_signals(struct ow_dead *d)
{
	struct ow_asking a = { .asks = ow_takes, .gives = "signalfd_copyinfo" };
	struct sigqueue entry;
	struct ow_rest rest;
	bool told;

	if (ow_in_function(d, ow_takes)) {
		a.empty = ow_takes_none(d);
		/* A timer's own entry is never freed. */
		if (a.empty ? ow_signal_in_hand(d, &entry) &&
			      entry.flags & SIGQUEUE_PREALLOC :
			      ow_starts_timer(d))
			return ow_refuse(d, "read");
	}
	told = ow_foretell_end(d, &a, &rest);
	if (told && rest.answer != -EAGAIN && rest.answer != -ERESTARTSYS)
		ow_answer_rest(d, &rest);
	else if (a.asked && (told || d->regs.dx < 2 * sizeof(struct signalfd_siginfo)))
		ow_again_or(d, -EINTR);
	else
		ow_refuse(d, "read");
}
