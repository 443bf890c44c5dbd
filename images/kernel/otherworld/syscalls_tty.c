// SPDX-License-Identifier: GPL-2.0-only
/*
 * A read() of a terminal: what the line discipline has given is on the stack, on
 * its way to the caller; the rest of the call says how much, and what. One that
 * sleeps mostly waits for input, and has none; but it may also wait for a lock.
 *
 * A write() to a pseudo-terminal. It goes through a buffer of the terminal,
 * piece by piece: the kernel's iterator over the caller's buffer says which piece
 * a sleeping call is at, and how much of it is left the stack of the line
 * discipline, where a place in the buffer and what is left from there on to
 * its end stand together.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/otherworld.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/tty.h>
#include <linux/uio.h>
#include <asm/unistd.h>

#include "pty.h"
#include "syscalls.h"

bool ow_is_terminal(const struct file *dead)
{
	struct inode *inode;
	umode_t mode;
	dev_t rdev;

	if (!ow_get(inode, &dead->f_inode) || !ow_get(mode, &inode->i_mode) ||
	    !ow_get(rdev, &inode->i_rdev) || !S_ISCHR(mode))
		return false;
	return MAJOR(rdev) == TTY_MAJOR || MAJOR(rdev) == TTYAUX_MAJOR ||
	       MAJOR(rdev) == UNIX98_PTY_SLAVE_MAJOR;
}

/* What counts the bytes that have been read of it; NULL if that is not known. */
static const void *ow_read_count(const struct file *dead)
{
	struct tty_file_private *priv;
	struct tty_struct *tty;
	void *data;

	if (!ow_get(priv, (struct tty_file_private **)&dead->private_data) ||
	    !ow_get(tty, &priv->tty) || !ow_get(data, &tty->disc_data) || !data)
		return NULL;
	return otherworld_n_tty_count(data);
}

/* It asks the line discipline again and again, and has given what it got. */
static long ow_given(struct ow_dead *d)
{
	static const char * const frames[] = { "vfs_read", NULL };
	const struct iov_iter *it;
	long given = ow_copied_bytes(d, frames, ITER_DEST, ow_wanted(d), &it);

	return max(given, 0L);
}

/* Is it where it has bytes that neither the line discipline nor the caller has? */
static bool ow_has_in_hand(struct ow_dead *d)
{
	return ow_in_call(d, "n_tty_read", "n_tty_check_unthrottle") ||
	       ow_in_call(d, "n_tty_read", "n_tty_kick_worker") ||
	       ow_in_call(d, "tty_read", "_copy_to_iter");
}

void ow_read_terminal(struct ow_dead *d, const struct file *dead)
{
	const void *count = ow_read_count(dead);
	long given = ow_in_function(d, "tty_read") ? ow_given(d) : 0;
	struct ow_rest rest;
	bool told = count && ow_foretell(d, count, &rest);

	/* What would still be taken can be taken again. */
	if (told && !rest.wrote && rest.answer > 0)
		ow_answer_rest(d, &rest);
	else if (given && (told || given == ow_wanted(d)))
		ow_answer(d, OW_RETURN, given);
	else if (told || (!given && !ow_has_in_hand(d) &&
			  !ow_behind_any(d, ow_read_ends)))
		ow_again_or(d, -EINTR);
	else
		ow_refuse(d, "read");
}

/* As in do_tty_write(). */
#define OW_PIECE	2048

/* What the line discipline has on its stack while it waits for room. */
struct ow_waiting_line {
	unsigned long *words;
	unsigned int count;
	unsigned long buf, end;		/* the piece */
};

static bool ow_has_word(const struct ow_waiting_line *w, unsigned long word)
{
	unsigned int i;

	for (i = 0; i < w->count; i++)
		if (w->words[i] == word)
			return true;
	return false;
}

/* Bytes of the piece that are left; negative if the stack does not say. */
static long ow_left_in(const struct ow_waiting_line *w)
{
	long left = -ENOENT;
	unsigned int i;

	for (i = 0; i < w->count; i++) {
		unsigned long at = w->words[i];

		if (at <= w->buf || at >= w->end || !ow_has_word(w, w->end - at))
			continue;
		if (left >= 0 && left != w->end - at)
			return -EUCLEAN;
		left = w->end - at;
	}
	if (left < 0 && ow_has_word(w, w->buf))
		left = w->end - w->buf;
	return left;
}

/* @size: of the piece it is at. */
static long ow_left_of_piece(struct ow_dead *d, const struct tty_struct *tty,
			     size_t size)
{
	struct ow_waiting_line w = {
		.buf = (unsigned long)tty->write_buf,
		.end = (unsigned long)tty->write_buf + size,
	};
	unsigned long low = d->task->thread.sp;
	struct ow_frame frame;
	long left = -ENOENT;

	if (!ow_frame_of(d, "n_tty_write", &frame) || frame.high <= low ||
	    frame.high - low > THREAD_SIZE)
		return left;
	w.count = (frame.high - low) / sizeof(*w.words);
	w.words = kmalloc_array(w.count, sizeof(*w.words), GFP_KERNEL);
	if (w.words && ow_read(w.words, (void *)low,
			       w.count * sizeof(*w.words)))
		left = ow_left_in(&w);
	kfree(w.words);
	return left;
}

static void ow_write_pty_slept(struct ow_dead *d, const struct file *copy)
{
	long taken = ow_progress(d, ITER_SOURCE), left = 0;
	struct tty_struct *tty;

	if (taken < 0)
		taken = ow_in_function(d, "n_tty_write") ? taken : 0;
	if (taken > 0 && ow_in_function(d, "n_tty_write")) {
		tty = ow_read_file_tty(copy);
		if (IS_ERR(tty))
			return ow_refuse(d, "write");
		left = ow_left_of_piece(d, tty, (taken - 1) % OW_PIECE + 1);
		kfree(tty);
	}
	if (taken < 0 || left < 0)
		ow_refuse(d, "write");
	else if (taken == left)
		ow_answer(d, OW_RESTART, 0);
	else
		ow_answer(d, OW_RETURN, taken - left);
}

static void ow_write_pty_ran(struct ow_dead *d)
{
	bool works = ow_in_function(d, "vfs_write") ||
		     ow_in_function(d, "vfs_writev");
	struct ow_rest rest;

	if (!works && !ow_behind_any(d, ow_write_ends))
		ow_again_or(d, -EINTR);
	else if (!works && ow_foretell(d, NULL, &rest))
		ow_answer_rest(d, &rest);
	else
		ow_refuse(d, "write");
}

void ow_write_pty(struct ow_dead *d, const struct file *copy)
{
	if (d->was_current)
		ow_write_pty_ran(d);
	else
		ow_write_pty_slept(d, copy);
}
