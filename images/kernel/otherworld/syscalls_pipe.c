// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that move bytes through a pipe. What has been taken out of it or put
 * into it is gone from there, or there already: such a call must not be issued
 * again from its beginning. The kernel's own iterator over the caller's buffer
 * says how far it is. What an eventfd or a timerfd counts is all taken at once,
 * when the count changes.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/sched/task_stack.h>
#include <linux/uio.h>
#include <asm/unistd.h>

#include "syscalls.h"

const struct ow_end ow_read_ends[] = {
	{ "ksys_read", "vfs_read" }, { "__x64_sys_read", "ksys_read" },
	{ "do_readv", "vfs_readv" }, { "__x64_sys_readv", "do_readv" },
	{ "__x64_sys_getdents64", "iterate_dir" }, { }
};

const struct ow_end ow_write_ends[] = {
	{ "ksys_write", "vfs_write" }, { "__x64_sys_write", "ksys_write" },
	{ "do_writev", "vfs_writev" }, { "__x64_sys_writev", "do_writev" }, { }
};

/* Reads and writes alike: the system call and what it is done by. */
struct ow_transfer {
	const char *reason;
	const char *work[3];		/* one of these while it is done */
	const struct ow_end *ends;
	bool source;			/* the caller's buffer is */
};

static const struct ow_transfer ow_reading = {
	"read", { "vfs_read", "vfs_readv" }, ow_read_ends, ITER_DEST
};

static const struct ow_transfer ow_writing = {
	"write", { "vfs_write", "vfs_writev" }, ow_write_ends, ITER_SOURCE
};

static bool ow_calls_anonymous(struct ow_dead *d)
{
	const struct file *dead = ow_dead_fd(d, d->regs.di);
	const struct file_operations *operations;

	return dead && ow_get(operations, &dead->f_op) &&
	       ow_is_anonymous(operations);
}

bool ow_calls_pipe(struct ow_dead *d)
{
	const struct file *dead = ow_dead_fd(d, d->regs.di);
	struct inode *inode;
	umode_t mode;

	return dead && ow_get(inode, &dead->f_inode) &&
	       ow_get(mode, &inode->i_mode) &&
	       (S_ISFIFO(mode) || ow_calls_anonymous(d));
}

static bool ow_works(struct ow_dead *d, const struct ow_transfer *t)
{
	return ow_in_function(d, t->work[0]) || ow_in_function(d, t->work[1]);
}

static bool ow_moves(struct ow_dead *d, const struct ow_transfer *t)
{
	/* What the file does is called by pointer. */
	if (ow_ahead_of_pointer(d, t->work[0]))
		return false;
	return ow_works(d, t) || ow_behind_any(d, t->ends);
}

/* What iterators over the caller's buffer say. */
struct ow_progress {
	bool source;
	long done;			/* bytes; -ENOENT if none was found */
};

/* All of them must agree. */
static bool ow_is_other_iterator(const struct ow_dead *d, const void *object,
				 void *arg)
{
	const struct iov_iter *it = object;
	struct ow_progress *p = arg;

	if (it->iter_type != ITER_UBUF || it->data_source != p->source ||
	    (unsigned long)it->ubuf != d->regs.si ||
	    it->iov_offset > d->regs.dx ||
	    it->count != d->regs.dx - it->iov_offset)
		return false;
	if (p->done >= 0 && p->done != it->iov_offset)
		return true;
	p->done = it->iov_offset;
	return false;
}

long ow_progress(struct ow_dead *d, bool source)
{
	struct ow_progress p = { source, -ENOENT };
	struct iov_iter it;

	if (ow_search_stack(d, &it, sizeof(it), ow_is_other_iterator, &p))
		return -ENOENT;
	return p.done;
}

/* Of a call over several buffers: can it have moved a part of them? */
static bool ow_all_or_nothing(struct ow_dead *d, const struct ow_transfer *t)
{
	size_t total = 0;
	struct iovec iov;
	unsigned long i;

	if (t == &ow_reading)
		return !ow_in_function(d, "copy_page_to_iter");
	for (i = 0; i < d->regs.dx && total <= PIPE_BUF; i++) {
		if (!ow_read_user(d, &iov, d->regs.si + i * sizeof(iov),
				  sizeof(iov)))
			return false;
		total = min_t(size_t, iov.iov_len, PIPE_BUF + 1) + total;
	}
	return total <= PIPE_BUF;
}

static void ow_transfer_slept(struct ow_dead *d, const struct ow_transfer *t)
{
	bool one = d->regs.orig_ax == __NR_read ||
		   d->regs.orig_ax == __NR_write;
	long done = one ? ow_progress(d, t->source) : -ENOENT;

	d->call.outcome = OW_RESTART;
	/* These move all at once, and sleep before that, or in a page fault. */
	if (ow_calls_anonymous(d) && !ow_in_function(d, "handle_mm_fault"))
		return;
	if (done > 0)
		ow_answer(d, OW_RETURN, done);
	else if (done < 0 && ow_moves(d, t) &&
		 (one || !ow_all_or_nothing(d, t)))
		ow_refuse(d, t->reason);
}

static const struct ow_mover ow_counts[] = {
	{ "eventfd_read", NULL, { "eventfd_ctx_do_read" } },
	{ "eventfd_write" }, { "timerfd_read" },
};

/* Would a call that takes or adds all at once still do it? */
static bool ow_has_yet_to_count(struct ow_dead *d, const void *counter)
{
	u64 written, watched;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ow_counts); i++)
		if (ow_in_function(d, ow_counts[i].name))
			return ow_follow(d, &ow_counts[i], counter, counter,
					 &written, &watched) == OW_PIECE_COUNTS;
	return false;
}

static void ow_count_ran(struct ow_dead *d, const struct ow_transfer *t,
			 const void *counter)
{
	struct ow_rest rest;

	/* It reads the number from its caller first. */
	if (ow_in_function(d, "_copy_from_user") ||
	    ow_may_call(d, "eventfd_write", "_copy_from_user") ||
	    ow_has_yet_to_count(d, counter))
		ow_again_or(d, -EINTR);
	else if (!ow_foretell(d, counter, &rest))
		ow_refuse(d, t->reason);
	else if (rest.wrote)
		ow_again_or(d, -EINTR);
	else
		ow_answer_rest(d, &rest);
}

static void ow_pipe_ran(struct ow_dead *d, const struct ow_transfer *t)
{
	struct ow_rest rest;
	long done;

	if (!ow_flows(d, t->source) && ow_foretell(d, NULL, &rest))
		return ow_answer_rest(d, &rest);
	done = ow_counted(d, t->work, t->source);
	if (done < 0)
		ow_refuse(d, t->reason);
	else if (done)
		ow_answer(d, OW_RETURN, done);
	else
		ow_again_or(d, -EINTR);
}

static void ow_transfer_ran(struct ow_dead *d, const struct ow_transfer *t)
{
	const struct file *dead = ow_dead_fd(d, d->regs.di);
	const void *counter = dead ? ow_counter_of(dead) : NULL;
	struct ow_rest rest;

	if (!ow_moves(d, t))
		ow_again_or(d, -EINTR);
	else if (!ow_calls_anonymous(d))
		ow_pipe_ran(d, t);
	else if (counter)
		ow_count_ran(d, t, counter);
	else if (ow_in_function(d, "signalfd_read"))
		ow_read_signals(d);
	else if (!ow_works(d, t) && ow_foretell(d, NULL, &rest))
		ow_answer_rest(d, &rest);
	else
		ow_refuse(d, t->reason);
}

static void ow_transfer(struct ow_dead *d, const struct ow_transfer *t)
{
	if (d->was_current)
		ow_transfer_ran(d, t);
	else
		ow_transfer_slept(d, t);
}

void ow_read_pipe(struct ow_dead *d)
{
	ow_transfer(d, &ow_reading);
}

void ow_write_pipe(struct ow_dead *d)
{
	ow_transfer(d, &ow_writing);
}
