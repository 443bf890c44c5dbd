// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is a file without a name: shared anonymous mappings, memfds and
 * files of a tmpfs that were unlinked while open. One dead inode becomes one of
 * ours, whoever comes back with it; its pages are the dead ones, taken over
 * where they lie if nothing but the page cache and page tables has them.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mman.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/xarray.h>
#include <linux/otherworld_swap.h>

#include "swap.h"

#define OW_MAX_SHMEM_PAGES	(1 << 24)

struct ow_shmem {
	struct file *file;
	unsigned int seals;
};

/* Dead inode -> struct ow_shmem; ow_files_lock guards it (files.c). */
static DEFINE_XARRAY(ow_shmems);

bool ow_is_shmem(const struct inode *dead)
{
	struct super_block *sb;
	unsigned long magic;
	umode_t mode;

	return ow_get(mode, &dead->i_mode) && S_ISREG(mode) &&
	       ow_get(sb, &dead->i_sb) && ow_get(magic, &sb->s_magic) &&
	       magic == TMPFS_MAGIC;
}

/* --- pages --- */

/* @page becomes the page at @index of our file, its reference the cache's. */
static int ow_insert_shmem(struct inode *inode, pgoff_t index,
			   struct page *page)
{
	struct address_space *mapping = inode->i_mapping;
	struct folio *folio = page_folio(page);
	int err;

	if (!shmem_charge(inode, 1))
		return -ENOSPC;
	__folio_set_locked(folio);
	__folio_set_swapbacked(folio);
	folio->mapping = mapping;
	folio->index = index;
	err = xa_insert_irq(&mapping->i_pages, index, folio, GFP_KERNEL);
	if (err) {
		folio->mapping = NULL;
		__folio_clear_locked(folio);
		mapping->nrpages--;	/* which uncharging leaves to us */
		shmem_uncharge(inode, 1);
		return err;
	}
	mod_node_page_state(page_pgdat(page), NR_FILE_PAGES, 1);
	mod_node_page_state(page_pgdat(page), NR_SHMEM, 1);
	folio_mark_uptodate(folio);
	folio_mark_dirty(folio);
	folio_add_lru(folio);
	folio_unlock(folio);
	return 0;
}

struct ow_shmem_fill {
	struct inode *to;
	const struct inode *from;	/* dead */
};

/* The page at @index of our file is in swap, at @entry. */
static int ow_insert_swapped(struct inode *inode, pgoff_t index,
			     swp_entry_t entry)
{
	struct shmem_inode_info *info = SHMEM_I(inode);
	struct address_space *mapping = inode->i_mapping;
	int err = otherworld_swap_take(entry, SWAP_MAP_SHMEM);

	if (err)
		return err;
	err = -ENOSPC;
	if (!shmem_charge(inode, 1))
		goto out;
	/* It is charged as one in memory. */
	spin_lock_irq(&info->lock);
	info->swapped++;
	mapping->nrpages--;
	spin_unlock_irq(&info->lock);
	otherworld_shmem_swapped(info);
	err = xa_insert_irq(&mapping->i_pages, index,
			    swp_to_radix_entry(entry), GFP_KERNEL);
	if (!err)
		return 0;
	spin_lock_irq(&info->lock);
	info->swapped--;
	spin_unlock_irq(&info->lock);
	shmem_uncharge(inode, 1);
out:
	swap_free(entry);
	return err;
}

static int ow_fill_frame(struct ow_shmem_fill *f, unsigned long index,
			 unsigned long pfn, bool alone)
{
	struct page *page = ow_take_frame(pfn, alone);
	int err;

	if (IS_ERR(page))
		return PTR_ERR(page);
	err = ow_insert_shmem(f->to, index, page);
	if (err)
		put_page(page);
	return err;
}

/* Where it is: on the disk, or a dead frame in the swap cache. */
static int ow_fill_swapped(struct ow_shmem_fill *f, unsigned long index,
			   swp_entry_t dead)
{
	struct ow_slot slot;

	if (!ow_find_slot(dead, &slot))
		return -EOPNOTSUPP;
	if (!slot.pfn)
		return ow_insert_swapped(f->to, index, slot.ours);
	return ow_fill_frame(f, index, slot.pfn, slot.alone);
}

static int ow_fill_shmem_page(unsigned long index, void *entry,
			      unsigned int marks, void *arg)
{
	struct ow_shmem_fill *f = arg;
	struct page dead;
	bool alone;

	if (xa_is_value(entry))
		return ow_fill_swapped(f, index, radix_to_swp_entry(entry));
	if (!ow_get(dead, (struct page *)entry) || PageCompound(&dead) ||
	    dead.mapping != &f->from->i_data || dead.index != index)
		return -EUCLEAN;
	/* Never complete: nobody has seen anything but zeroes in it. */
	if (!PageUptodate(&dead))
		return 0;
	/* One reference is the cache's, one of each page table. */
	alone = page_ref_count(&dead) == atomic_read(&dead._mapcount) + 2;
	return ow_fill_frame(f, index, page_to_pfn((struct page *)entry),
			     alone);
}

int ow_fill_shmem(struct inode *to, const struct inode *dead)
{
	struct ow_shmem_fill f = { .to = to, .from = dead };

	return ow_walk_xarray(&dead->i_data.i_pages, OW_MAX_SHMEM_PAGES,
			      ow_fill_shmem_page, &f);
}

/* --- files --- */

static int ow_shmem_name(const struct file *copy, char *name)
{
	const struct dentry *dentry = copy->f_path.dentry;
	struct qstr q;

	if (!ow_get(q, &dentry->d_name) || q.len > NAME_MAX ||
	    !ow_read(name, q.name, q.len))
		return -EUCLEAN;
	name[q.len] = 0;
	return 0;
}

/* Memory promised as a whole is promised again, even while most of it is not
 * yet ours to give.
 */
static void ow_account_shmem(struct inode *inode, unsigned long flags)
{
	if (flags & VM_NORESERVE)
		return;
	SHMEM_I(inode)->flags &= ~VM_NORESERVE;
	vm_acct_memory(PAGE_ALIGN(inode->i_size) >> PAGE_SHIFT);
}

static struct file *ow_new_shmem(const struct file *copy,
				 const struct inode *dead, unsigned long flags)
{
	char *name = kmalloc(NAME_MAX + 1, GFP_KERNEL);
	struct file *file = ERR_PTR(-ENOMEM);
	unsigned int own;
	loff_t size;

	if (!name)
		return file;
	file = ERR_PTR(-EUCLEAN);
	if (ow_get(size, &dead->i_size) && ow_get(own, &dead->i_flags) &&
	    !ow_shmem_name(copy, name))
		file = own & S_PRIVATE ?
		       shmem_kernel_file_setup(name, size, VM_NORESERVE) :
		       shmem_file_setup(name, size, VM_NORESERVE);
	if (!IS_ERR(file))
		ow_account_shmem(file_inode(file), flags);
	kfree(name);
	return file;
}

/* What fstat() says of it. */
static int ow_own_shmem(struct inode *inode, const struct inode *dead)
{
	umode_t mode;

	if (!ow_get(mode, &dead->i_mode) ||
	    !ow_get(inode->i_uid, &dead->i_uid) ||
	    !ow_get(inode->i_gid, &dead->i_gid) ||
	    !ow_get(inode->i_ino, &dead->i_ino) ||
	    !ow_get(inode->i_atime, &dead->i_atime) ||
	    !ow_get(inode->i_mtime, &dead->i_mtime) ||
	    !ow_get(inode->i_ctime, &dead->i_ctime))
		return -EUCLEAN;
	inode->i_mode = S_IFREG | (mode & 07777);
	return 0;
}

static int ow_make_shmem(struct ow_shmem *s, const struct file *copy,
			 const struct inode *dead)
{
	const struct shmem_inode_info *info =
		container_of(dead, struct shmem_inode_info, vfs_inode);
	unsigned long flags;
	int err;

	if (!ow_get(s->seals, &info->seals) || !ow_get(flags, &info->flags))
		return -EUCLEAN;
	s->file = ow_new_shmem(copy, dead, flags);
	if (IS_ERR(s->file))
		return PTR_ERR(s->file);
	err = ow_fill_shmem(file_inode(s->file), dead);
	return err ?: ow_own_shmem(file_inode(s->file), dead);
}

static struct ow_shmem *ow_find_shmem(const struct file *copy)
{
	const struct inode *dead = copy->f_inode;
	struct ow_shmem *s = xa_load(&ow_shmems, ow_key(dead));
	int err;

	if (s)
		return s;
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return ERR_PTR(-ENOMEM);
	err = ow_make_shmem(s, copy, dead);
	if (!err)
		err = xa_err(xa_store(&ow_shmems, ow_key(dead), s,
				      GFP_KERNEL));
	if (err) {
		if (!IS_ERR_OR_NULL(s->file))
			fput(s->file);
		kfree(s);
		return ERR_PTR(err);
	}
	return s;
}

struct file *ow_shmem_file(const struct file *copy)
{
	struct ow_shmem *s = ow_find_shmem(copy);

	return IS_ERR(s) ? ERR_CAST(s) : get_file(s->file);
}

struct file *ow_open_shmem(const struct file *copy, unsigned int flags)
{
	struct ow_shmem *s = ow_find_shmem(copy);

	if (IS_ERR(s))
		return ERR_CAST(s);
	return dentry_open(&s->file->f_path, flags | O_LARGEFILE,
			   current_cred());
}

/* Seals come last: they forbid mappings that were made before them. */
static void ow_seal(struct ow_shmem *s)
{
	struct inode *inode = file_inode(s->file);

	if (s->seals & F_SEAL_WRITE && mapping_deny_writable(inode->i_mapping))
		ow_mark("degraded what=seal");
	else
		SHMEM_I(inode)->seals = s->seals;
}

void ow_forget_shmem(void)
{
	unsigned long index;
	struct ow_shmem *s;

	xa_for_each(&ow_shmems, index, s) {
		ow_seal(s);
		fput(s->file);
		kfree(s);
	}
	xa_destroy(&ow_shmems);
}
