// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data the dead kernel had accepted but not written: the dirty pages of every
 * inode of the mounted file system, open or not, go into the files through
 * the ordinary file interface, found by inode number.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <../fs/ext4/ext4.h>

#include "writeback.h"

#define OW_MAX_INODES	(1 << 20)
#define OW_MAX_EXTENTS	(1 << 20)
#define OW_MAX_DEPTH	64
#define OW_UNWRITTEN	(BIT(PAGECACHE_TAG_DIRTY) | \
			 BIT(PAGECACHE_TAG_WRITEBACK) | \
			 BIT(PAGECACHE_TAG_TOWRITE))

struct ow_writeback {
	const struct path *root;	/* ours: where the disk is mounted */
	bool orphans;			/* they are still there */
	unsigned int files, pages, lost;
	void *data;
};

struct ow_flush {
	struct ow_writeback *w;
	const struct inode *inode;	/* dead */
	loff_t size;
	bool all;			/* dirty bits may be only in page tables */
	bool unwritten;			/* some blocks have no data on the disk */
	bool damaged;			/* the tree of its pages is not whole */
	struct file *file;
	struct page page;		/* copy of the page at hand */
	unsigned int pages;
	int err;
};

/* Is this what the tree says it is? A copy of it is in @f then. */
static bool ow_get_page(struct ow_flush *f, unsigned long index, void *entry)
{
	return ow_get(f->page, (struct page *)entry) &&
	       f->page.mapping == &f->inode->i_data && f->page.index == index;
}

/*
 * Blocks that ext4 has allocated, or only promised, but not written: the disk
 * reads as zeroes there. A page of such a block that is marked clean holds
 * these zeroes, too, or it is not clean.
 */
static bool ow_is_unwritten(const struct extent_status *es)
{
	return ext4_es_is_unwritten((struct extent_status *)es) ||
	       ext4_es_is_delayed((struct extent_status *)es);
}

static const struct rb_root *ow_extents(const struct inode *inode)
{
	return &container_of(inode, struct ext4_inode_info,
			     vfs_inode)->i_es_tree.root;
}

static int ow_see_extent(const struct rb_node *node, void *arg)
{
	struct extent_status es;

	if (!ow_get(es, rb_entry(node, struct extent_status, rb_node)))
		return -EUCLEAN;
	return ow_is_unwritten(&es);
}

static bool ow_block_unwritten(const struct inode *inode, ext4_lblk_t block)
{
	const struct rb_node *at;
	struct extent_status es;
	unsigned int depth;

	if (!ow_get(at, &ow_extents(inode)->rb_node))
		return true;
	for (depth = 0; at && depth < OW_MAX_DEPTH; depth++) {
		if (!ow_get(es, rb_entry(at, struct extent_status, rb_node)))
			return true;
		if (block >= es.es_lblk && block - es.es_lblk < es.es_len)
			return ow_is_unwritten(&es);
		at = block < es.es_lblk ? es.rb_node.rb_left :
					  es.rb_node.rb_right;
	}
	return at;
}

static bool ow_page_unwritten(const struct ow_flush *f, unsigned long index)
{
	unsigned int shift = PAGE_SHIFT -
			     f->w->root->mnt->mnt_sb->s_blocksize_bits;
	ext4_lblk_t block = index << shift, i;

	for (i = 0; i < 1U << shift; i++)
		if (ow_block_unwritten(f->inode, block + i))
			return true;
	return false;
}

static bool ow_must_flush(const struct ow_flush *f, unsigned long index,
			  unsigned int marks)
{
	return f->all || marks & OW_UNWRITTEN ||
	       (f->unwritten && ow_page_unwritten(f, index));
}

struct ow_seen_pages {
	struct ow_flush *f;
	unsigned long pages;
	bool dirty;
};

static int ow_see_page(unsigned long index, void *entry, unsigned int marks,
		       void *arg)
{
	struct ow_seen_pages *seen = arg;

	if (xa_is_value(entry))
		return 0;
	seen->pages += ow_get_page(seen->f, index, entry);
	seen->dirty |= ow_must_flush(seen->f, index, marks);
	return 0;
}

/* Is there anything to write? Most inodes have nothing. */
static bool ow_needs_flush(struct ow_flush *f)
{
	const struct address_space *mapping = &f->inode->i_data;
	struct ow_seen_pages seen = { .f = f };
	atomic_t writable;
	unsigned long nrpages;
	int found;

	if (!ow_get(nrpages, &mapping->nrpages) || !nrpages ||
	    !ow_get(writable, &mapping->i_mmap_writable))
		return false;
	found = ow_walk_tree(ow_extents(f->inode), OW_MAX_EXTENTS, ow_see_extent,
			     NULL);
	f->unwritten = found > 0;
	f->all = atomic_read(&writable) > 0 || found < 0;
	f->damaged = ow_walk_xarray(&mapping->i_pages, OW_MAX_INODES,
				    ow_see_page, &seen) ||
		     seen.pages != nrpages;
	return f->all || f->damaged || seen.dirty;
}

static int ow_flush_range(struct ow_flush *f, unsigned int from,
			  unsigned int len)
{
	loff_t pos = ((loff_t)f->page.index << PAGE_SHIFT) + from;
	ssize_t done;

	if (pos >= f->size)
		return 0;
	len = min_t(loff_t, len, f->size - pos);
	done = kernel_write(f->file, f->w->data + from, len, &pos);
	return done == len ? 0 : done < 0 ? done : -ENOSPC;
}

/* Of a page that was never complete only the buffers that are count. */
static int ow_flush_buffer(const struct buffer_head *bh, void *arg)
{
	unsigned long from = offset_in_page(bh->b_data);

	if (!buffer_uptodate(bh) || from + bh->b_size > PAGE_SIZE)
		return 0;
	return ow_flush_range(arg, from, bh->b_size);
}

/*
 * A page of its own. PageUptodate() would ask the page of which this is a part:
 * what points there may be damaged, and leads nowhere.
 */
static bool ow_is_uptodate(const struct page *page)
{
	return page->flags & BIT(PG_uptodate);
}

static int ow_flush_page(unsigned long index, void *entry, unsigned int marks,
			 void *arg)
{
	struct ow_flush *f = arg;
	int err;

	if (xa_is_value(entry) || !ow_must_flush(f, index, marks))
		return 0;
	if (!ow_get_page(f, index, entry) ||
	    !ow_read_frame(f->w->data, page_to_pfn((struct page *)entry))) {
		f->w->lost++;
		return 0;
	}
	err = ow_is_uptodate(&f->page) ?
	      ow_flush_range(f, 0, PAGE_SIZE) :
	      ow_walk_buffers(&f->page, ow_flush_buffer, f);
	if (err)
		f->w->lost++;
	else
		f->pages++;
	return 0;
}

/* The dead kernel's times, not the time of this rescue. */
static void ow_set_times(struct ow_flush *f)
{
	struct iattr attr = {
		.ia_valid = ATTR_MTIME | ATTR_MTIME_SET |
			    ATTR_ATIME | ATTR_ATIME_SET,
	};
	struct inode *inode = file_inode(f->file);

	if (!ow_get(attr.ia_mtime, &f->inode->i_mtime) ||
	    !ow_get(attr.ia_atime, &f->inode->i_atime))
		return;
	inode_lock(inode);
	notify_change(&init_user_ns, f->file->f_path.dentry, &attr, NULL);
	inode_unlock(inode);
}

/* Where the tree is damaged, the pages themselves say where they belong. */
static void ow_flush_pages(struct ow_flush *f)
{
	const struct address_space *mapping = &f->inode->i_data;

	if (f->damaged && !ow_scan_pages(mapping, ow_flush_page, f))
		return;
	if (ow_walk_xarray(&mapping->i_pages, OW_MAX_INODES, ow_flush_page,
			   f) || f->damaged)
		f->w->lost++;
}

static void ow_flush_file(struct ow_flush *f, unsigned long ino)
{
	f->file = ow_open_number(f->w->root->mnt, f->inode, O_WRONLY);
	if (IS_ERR(f->file)) {
		ow_mark("writeback-lost ino=%lu err=%ld", ino,
			PTR_ERR(f->file));
		f->w->lost++;
		return;
	}
	ow_flush_pages(f);
	if (i_size_read(file_inode(f->file)) != f->size &&
	    vfs_truncate(&f->file->f_path, f->size))
		f->w->lost++;
	ow_set_times(f);
	fput(f->file);
	f->w->files++;
	f->w->pages += f->pages;
}

static int ow_visit_inode(struct list_head *node, void *arg)
{
	struct ow_writeback *w = arg;
	struct ow_flush f = {
		.w = w,
		.inode = container_of(node, struct inode, i_sb_list),
	};
	unsigned int nlink;
	unsigned long ino;
	umode_t mode;

	if (!ow_get(mode, &f.inode->i_mode) || !S_ISREG(mode) ||
	    !ow_get(ino, &f.inode->i_ino) || !ow_get(f.size, &f.inode->i_size) ||
	    !ow_get(nlink, &f.inode->i_nlink) || f.size < 0 ||
	    ino < EXT4_GOOD_OLD_FIRST_INO || !ow_needs_flush(&f))
		return 0;
	/* Unlinked: mounting has cleaned it up, or somebody may have it open. */
	if (nlink || w->orphans)
		ow_flush_file(&f, ino);
	return 0;
}

/* writeback DIRECTORY: where the file system is mounted now. */
int ow_cmd_writeback(char *args)
{
	struct ow_writeback w = { };
	const struct super_block *dead;
	struct path root;
	int err;

	if (!ow_is_crash_kernel())
		return -EINVAL;
	err = kern_path(args, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &root);
	if (err)
		return err;
	err = -ENODEV;
	if (root.mnt->mnt_sb->s_magic != EXT4_SUPER_MAGIC)
		goto out;
	dead = ow_dead_super(root.mnt->mnt_sb->s_id);
	w.root = &root;
	w.data = (void *)__get_free_page(GFP_KERNEL);
	err = -ENOMEM;
	if (!w.data)
		goto out;
	if (dead)
		w.orphans = ow_take_orphans(dead, root.mnt);
	err = dead ? ow_walk_list(&dead->s_inodes, OW_MAX_INODES,
				  ow_visit_inode, &w) : 0;
	ow_mark("writeback files=%u pages=%u lost=%u err=%d", w.files, w.pages,
		w.lost, err);
	free_page((unsigned long)w.data);
out:
	path_put(&root);
	return err;
}
