// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_submit(). It makes one request after the other and answers how many: a
 * caller makes the others again, also when there were none. The one in hand
 * has been made if its event is in the ring. Otherwise it is made again, which
 * reads or writes the same at the same place.
 */
#include <linux/aio_abi.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <asm/unistd.h>

#include "aio.h"
#include "syscalls.h"

static const char ow_submits[] = "io_submit_one";

/* As in fs/aio.c; the events are behind it. */
struct ow_aio_ring {
	unsigned int id;
	unsigned int nr;
	unsigned int head;
	unsigned int tail;
	unsigned int magic;
	unsigned int compat_features;
	unsigned int incompat_features;
	unsigned int header_length;
};

static bool ow_read_event(struct ow_dead *d, const struct ow_kioctx *dead,
			  unsigned int index, struct io_event *event)
{
	return ow_read_user(d, event, dead->user_id + sizeof(struct ow_aio_ring) +
			    index * sizeof(*event), sizeof(*event));
}

/* Nobody but the kernel moves the tail, nobody but the process the head. */
static bool ow_has_event(struct ow_dead *d, unsigned long request)
{
	const struct ow_kioctx *at = ow_context(d, d->regs.di);
	struct ow_aio_ring ring;
	struct ow_kioctx dead;
	struct io_event event;
	unsigned int i;

	if (!at || !ow_get(dead, at) || !dead.nr_events ||
	    !ow_read_user(d, &ring, dead.user_id, sizeof(ring)))
		return false;
	i = ring.head % dead.nr_events;
	for (; i != dead.tail; i = (i + 1) % dead.nr_events)
		if (!ow_read_event(d, &dead, i, &event) || event.obj == request)
			return true;
	return false;
}

static bool ow_has_made(struct ow_dead *d, long index)
{
	unsigned long request;

	return ow_read_user(d, &request, d->regs.dx + index * sizeof(request),
			    sizeof(request)) && ow_has_event(d, request);
}

unsigned int ow_unsubmitted(struct ow_dead *d, unsigned long id)
{
	for (; d; d = d->next_thread)
		if (d->was_current && d->regs.orig_ax == __NR_io_submit &&
		    d->regs.di == id && d->call.outcome != OW_REFUSE &&
		    ow_in_function(d, ow_submits) &&
		    !ow_may_call(d, ow_submits, "fget") &&
		    !ow_has_made(d, max(d->call.value, 0L)))
			return 1;
	return 0;
}

void ow_rule_io_submit(struct ow_dead *d)
{
	struct ow_asking a = {
		.asks = ow_submits, .none = -EAGAIN,
		.empty = d->was_current && ow_in_function(d, ow_submits),
	};
	struct ow_rest rest;
	long made;

	if (!d->was_current)
		return ow_refuse(d, "system-call");
	if (!ow_in_function(d, "__x64_sys_io_submit") ||
	    ow_in_function(d, "lookup_ioctx") ||
	    ow_may_call(d, "__x64_sys_io_submit", "lookup_ioctx"))
		return ow_again_or(d, -EINTR);
	if (!ow_foretell_end(d, &a, &rest))
		return ow_refuse(d, "system-call");
	made = max(rest.answer, 0L);
	if (a.empty && ow_has_made(d, made))
		made++;
	if (made)
		ow_answer(d, OW_RETURN, made);
	else if (rest.answer == -EAGAIN)
		ow_again_or(d, -EINTR);
	else
		ow_answer_rest(d, &rest);
}
