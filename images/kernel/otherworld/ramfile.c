// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files on memory file systems: their page cache is all there is of
 * them, so they are made again from there.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "resurrect.h"

/* Dead inode -> name of the file of ours that has its contents already. */
static DEFINE_XARRAY(ow_ram_files);

const char *ow_ram_file_name(const struct inode *dead)
{
	return xa_load(&ow_ram_files, ow_key(dead));
}

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

static int ow_copy_ram_file(struct ow_ram_copy *c, const struct inode *dead)
{
	int err;

	c->page = (void *)__get_free_page(GFP_KERNEL);
	if (!c->page)
		return -ENOMEM;
	err = ow_walk_xarray(&dead->i_data.i_pages, 1 << 20, ow_copy_ram_page,
			     c);
	free_page((unsigned long)c->page);
	return err;
}

static int ow_note_ram_file(const struct inode *dead, const char *path)
{
	char *name = kstrdup(path, GFP_KERNEL);
	int err;

	if (!name)
		return -ENOMEM;
	err = xa_err(xa_store(&ow_ram_files, ow_key(dead), name,
			      GFP_KERNEL));
	if (err)
		kfree(name);
	return err;
}

int ow_restore_ram_file(const struct inode *dead, const char *path, bool force)
{
	struct ow_ram_copy c;
	struct path found;
	umode_t mode;
	int err;

	if (ow_ram_file_name(dead))
		return 0;
	err = kern_path(path, 0, &found);
	if (!err) {
		path_put(&found);
		if (!force)
			return 0;
	}
	if (!ow_get(c.size, &dead->i_size) || c.size < 0 ||
	    !ow_get(mode, &dead->i_mode))
		return -EUCLEAN;
	c.to = filp_open(path, O_CREAT | O_TRUNC | O_WRONLY | O_LARGEFILE,
			 mode & 07777);
	if (IS_ERR(c.to))
		return PTR_ERR(c.to);
	err = vfs_truncate(&c.to->f_path, c.size);
	if (!err)
		err = shmem_mapping(c.to->f_mapping) && ow_is_shmem(dead) ?
		      ow_fill_shmem(file_inode(c.to), dead) :
		      ow_copy_ram_file(&c, dead);
	fput(c.to);
	return err ?: ow_note_ram_file(dead, path);
}

void ow_forget_ram_files(void)
{
	unsigned long index;
	char *name;

	xa_for_each(&ow_ram_files, index, name)
		kfree(name);
	xa_destroy(&ow_ram_files);
}
