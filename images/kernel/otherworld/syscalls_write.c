// SPDX-License-Identifier: GPL-2.0-only
/*
 * An interrupted write(). The file position moves only when the call is over,
 * so at a position of its own a write can be repeated: the same bytes to the
 * same place. An append cannot; how far it came is read off the dead file.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <asm/unistd.h>

#include "pty.h"
#include "syscalls.h"
#include "ttybuf.h"

#define OW_COMPARE_MAX	SZ_64K
#define OW_COMPARE_TTY	1024

/* Does the dead file hold the caller's first @len bytes at @pos? */
static bool ow_file_holds(struct ow_dead *d, const struct file *copy,
			  loff_t pos, unsigned long buf, size_t len)
{
	void *want = kmalloc(PAGE_SIZE, GFP_KERNEL);
	void *have = kmalloc(PAGE_SIZE, GFP_KERNEL);
	bool same = want && have && len && len <= OW_COMPARE_MAX && pos >= 0;

	while (same && len) {
		size_t part = min_t(size_t, len,
				    PAGE_SIZE - offset_in_page(pos));
		void *entry = ow_xarray_load(&copy->f_mapping->i_pages,
					     pos >> PAGE_SHIFT);

		same = entry && !xa_is_value(entry) &&
		       ow_read_frame(have, page_to_pfn((struct page *)entry)) &&
		       ow_read_user(d, want, buf, part) &&
		       !memcmp(have + offset_in_page(pos), want, part);
		pos += part;
		buf += part;
		len -= part;
	}
	kfree(want);
	kfree(have);
	return same;
}

/* Bytes the call asked for and where they lie, if in one piece. */
static bool ow_write_args(struct ow_dead *d, unsigned long *buf, size_t *count)
{
	struct iovec iov;

	*buf = d->regs.si;
	*count = d->regs.dx;
	if (d->regs.orig_ax == __NR_write)
		return true;
	if (d->regs.dx != 1 || !ow_read_user(d, &iov, d->regs.si, sizeof(iov)))
		return false;
	*buf = (unsigned long)iov.iov_base;
	*count = iov.iov_len;
	return true;
}

/* How much of an append is in the file: the whole, or whole pages of it. */
static long ow_appended(struct ow_dead *d, const struct file *copy,
			loff_t size, unsigned long buf, size_t count)
{
	size_t done;

	if (copy->f_pos && size >= copy->f_pos && size - copy->f_pos <= count)
		return size - copy->f_pos;
	if (ow_file_holds(d, copy, size - count, buf, count))
		return count;
	if (offset_in_page(size))
		return 0;
	for (done = min_t(size_t, count, OW_COMPARE_MAX); done; done--)
		if (ow_file_holds(d, copy, size - done, buf, done))
			return done;
	return 0;
}

static void ow_write_regular(struct ow_dead *d, const struct file *copy)
{
	bool inside = !d->was_current || ow_in_function(d, "vfs_write") ||
		      ow_in_function(d, "do_iter_write");
	unsigned long buf;
	size_t count;
	loff_t size;
	long done;

	if (!ow_write_args(d, &buf, &count) ||
	    !ow_get(size, &copy->f_inode->i_size))
		return ow_refuse(d, "write");
	if (!inside) {
		/* Before the work or after it: the position tells, and where
		 * it cannot, the contents do.
		 */
		if (ow_file_holds(d, copy, copy->f_pos - count, buf, count))
			ow_answer(d, OW_RETURN, count);
		else
			ow_again_or(d, -EINTR);
		return;
	}
	if (!(copy->f_flags & O_APPEND))
		return ow_again_or(d, -EINTR);
	done = ow_appended(d, copy, size, buf, count);
	if (done)
		ow_answer(d, OW_RETURN, done);
	else
		ow_again_or(d, -EINTR);
}

/* Output to a terminal: what is in the transmit ring has been written. */
static void ow_write_tty(struct ow_dead *d, const struct file *copy)
{
	bool inside = !d->was_current || ow_in_function(d, "n_tty_write");
	unsigned long buf;
	size_t count, done = 0;
	u8 *data;

	if (!ow_write_args(d, &buf, &count))
		return ow_again_or(d, -EINTR);
	/* A longer write is cut short, which every caller must expect. */
	count = min_t(size_t, count, OW_COMPARE_TTY);
	data = kmalloc(count, GFP_KERNEL);
	if (data && count && ow_read_user(d, data, buf, count))
		done = ow_tty_accepted(copy->private_data, data, count);
	kfree(data);
	if (done == count || (done && inside))
		ow_answer(d, OW_RETURN, done);
	else
		ow_again_or(d, -EINTR);
}

/* Not a file that holds data: what a handler did cannot be known, and a
 * caller that tries again after EINTR would trigger it again.
 */
static void ow_write_special(struct ow_dead *d)
{
	ow_again_or(d, -EIO);
}

static bool ow_holds_data(const struct file *copy)
{
	struct super_block *sb;
	struct block_device *bdev;
	unsigned long magic;

	return ow_get(sb, &copy->f_inode->i_sb) && ow_get(bdev, &sb->s_bdev) &&
	       ow_get(magic, &sb->s_magic) &&
	       (bdev || ow_is_ram_magic(magic));
}

void ow_rule_write(struct ow_dead *d)
{
	const struct file *dead = ow_dead_fd(d, d->regs.di);
	struct file *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	umode_t mode;
	dev_t rdev;

	if (!dead) {
		ow_answer(d, OW_RETURN, -EBADF);
	} else if (!copy || !ow_get(*copy, dead) ||
		   !ow_get(mode, &copy->f_inode->i_mode)) {
		ow_refuse(d, "damaged-file");
	} else if (S_ISREG(mode) && ow_holds_data(copy)) {
		ow_write_regular(d, copy);
	} else if (S_ISREG(mode)) {
		ow_write_special(d);
	} else if (S_ISCHR(mode) && ow_is_pty_file(copy)) {
		ow_write_pty(d, copy);
	} else if (S_ISCHR(mode) && ow_get(rdev, &copy->f_inode->i_rdev) &&
		   (MAJOR(rdev) == TTY_MAJOR || MAJOR(rdev) == TTYAUX_MAJOR)) {
		ow_write_tty(d, copy);
	} else if (ow_calls_pipe(d)) {
		ow_write_pipe(d);
	} else if (S_ISSOCK(mode)) {
		ow_rule_send(d);
	} else {
		ow_again_or(d, -EINTR);
	}
	kfree(copy);
}
