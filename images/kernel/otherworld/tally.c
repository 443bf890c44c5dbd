// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much of the dead kernel's memory is read, and for which process: every
 * byte is one that damage could have reached. A page that changes hands where
 * it lies is not read.
 */
#include <linux/list.h>
#include <linux/sched.h>

#include "reader.h"

/* Those that are becoming somebody. Readers are tasks, on one processor, which
 * none of them gives up in here.
 */
static LIST_HEAD(ow_tallies);
static u64 ow_bytes;

/* Whose turn it was last; NULL for what is read for nobody in particular. */
static struct {
	pid_t tgid;
	struct ow_tally *tally;
} ow_reader;

static struct ow_tally *ow_tally_of(pid_t tgid)
{
	struct ow_tally *t;

	list_for_each_entry(t, &ow_tallies, list)
		if (t->tgid == tgid)
			return t;
	return NULL;
}

void ow_count_read(size_t len)
{
	if (ow_reader.tgid != current->tgid) {
		ow_reader.tgid = current->tgid;
		ow_reader.tally = ow_tally_of(current->tgid);
	}
	ow_bytes += len;
	if (ow_reader.tally)
		ow_reader.tally->bytes += len;
}

void ow_begin_tally(struct ow_tally *t)
{
	t->tgid = current->tgid;
	list_add(&t->list, &ow_tallies);
	ow_reader.tgid = 0;
}

void ow_end_tally(struct ow_tally *t)
{
	if (!t->tgid)
		return;
	list_del(&t->list);
	t->tgid = 0;
	ow_reader.tgid = 0;
}

u64 ow_bytes_read(void)
{
	return ow_bytes;
}
