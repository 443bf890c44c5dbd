// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files on memory file systems: their page cache is all there is of
 * them, so a file a process holds open is written again from there.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include <linux/slab.h>

#include "resurrect.h"

bool ow_is_ram_magic(unsigned long magic)
{
	return magic == RAMFS_MAGIC || magic == TMPFS_MAGIC;
}

struct ow_ram_copy {
	struct file *to;
	void *page;
	loff_t size;
};

static int ow_copy_ram_page(unsigned long index, void *entry,
			    unsigned int marks, void *arg)
{
	struct ow_ram_copy *c = arg;
	loff_t pos = (loff_t)index << PAGE_SHIFT;
	ssize_t len;

	if (xa_is_value(entry))
		return -EOPNOTSUPP;
	if (pos >= c->size)
		return 0;
	/* The folio pointer says which frame; its contents are not needed. */
	if (!ow_read_frame(c->page, page_to_pfn((struct page *)entry)))
		return -EUCLEAN;
	len = min_t(loff_t, PAGE_SIZE, c->size - pos);
	return kernel_write(c->to, c->page, len, &pos) == len ? 0 : -EIO;
}

int ow_restore_ram_file(const struct file *copy, const char *path, bool force)
{
	struct ow_ram_copy c;
	struct path found;
	umode_t mode;
	int err;

	err = kern_path(path, 0, &found);
	if (!err) {
		path_put(&found);
		if (!force)
			return 0;
	}
	if (!ow_get(c.size, &copy->f_inode->i_size) || c.size < 0 ||
	    !ow_get(mode, &copy->f_inode->i_mode))
		return -EUCLEAN;
	c.page = (void *)__get_free_page(GFP_KERNEL);
	if (!c.page)
		return -ENOMEM;
	c.to = filp_open(path, O_CREAT | O_TRUNC | O_WRONLY | O_LARGEFILE,
			 mode & 07777);
	err = PTR_ERR_OR_ZERO(c.to);
	if (!err) {
		err = vfs_truncate(&c.to->f_path, c.size);
		if (!err)
			err = ow_walk_xarray(&copy->f_mapping->i_pages,
					     1 << 20, ow_copy_ram_page, &c);
		fput(c.to);
	}
	free_page((unsigned long)c.page);
	return err;
}
