// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of a disk that lost their last name while they were open. Mounting a
 * file system frees them, because after a power failure nobody can have them
 * open; after a resurrection somebody can. So the list of orphans on the disk
 * is emptied before the file system is mounted, and made again afterwards from
 * the dead kernel's own list, with every inode held until all processes have
 * opened what they had open. Whose file nobody claimed is freed then.
 *
 * A file system that has to be checked first would lose them to the checker,
 * list or no list. For that time each has a link, for which the checker makes
 * a name in lost+found.
 */
#include <linux/err.h>
#include <linux/exportfs.h>
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "replay.h"
#include <../fs/ext4/ext4_jbd2.h>
#include <../fs/ext4/xattr.h>

#define OW_MAX_ORPHANS	65536

/* A file system of the dead kernel, and where it is mounted now. */
struct ow_disk {
	bool deferred;		/* the list on the disk was emptied */
	struct vfsmount *mnt;
};

static DEFINE_XARRAY(ow_disks);		/* dead superblock -> struct ow_disk */
static DEFINE_XARRAY(ow_orphans);	/* our inodes, held */

static struct ow_disk *ow_disk(const struct super_block *dead)
{
	struct ow_disk *disk = xa_load(&ow_disks, ow_key(dead));

	if (disk)
		return disk;
	disk = kzalloc(sizeof(*disk), GFP_KERNEL);
	if (disk && xa_err(xa_store(&ow_disks, ow_key(dead), disk,
				    GFP_KERNEL))) {
		kfree(disk);
		return NULL;
	}
	return disk;
}

/* --- before mounting --- */

struct ow_defer {
	struct ow_replay *r;
	unsigned long first;		/* of the list on the disk */
	unsigned int found;
	bool change;
};

/* The head of a list of extended attributes, behind the fields of an inode. */
struct ow_attributes {
	struct ext4_xattr_ibody_header header;
	__le32 first;			/* 0: none */
};

/* The checker deletes what has neither data nor extended attributes. An empty
 * list of attributes keeps it from that.
 */
static void ow_give_attributes(struct ext4_inode *raw, int size)
{
	int at = EXT4_GOOD_OLD_INODE_SIZE + le16_to_cpu(raw->i_extra_isize);
	struct ow_attributes *list = (void *)raw + at;

	if (at + (int)sizeof(*list) > size ||
	    list->header.h_magic == cpu_to_le32(EXT4_XATTR_MAGIC))
		return;
	list->header.h_magic = cpu_to_le32(EXT4_XATTR_MAGIC);
	list->first = 0;
}

static void ow_give_link(struct ext4_inode *raw, int size, unsigned long links)
{
	raw->i_links_count = cpu_to_le16(links);
	raw->i_dtime = 0;
	if (size > EXT4_GOOD_OLD_INODE_SIZE)
		ow_give_attributes(raw, size);
}

static void ow_chain(struct ext4_inode *raw, int size, unsigned long next)
{
	raw->i_dtime = cpu_to_le32(next);
}

/* e2fsck, which comes next if operations were under way, frees what has no
 * links. Whoever may be open gets one: without a name it will be found in
 * lost+found. Truncations are its business, and stay on its list.
 */
static int ow_visit_deferred(struct list_head *node, void *arg)
{
	const struct inode *inode = &container_of(node, struct ext4_inode_info,
						  i_orphan)->vfs_inode;
	struct ow_defer *d = arg;
	unsigned long number;
	unsigned int nlink;
	int err;

	if (!ow_get(number, &inode->i_ino) || !ow_get(nlink, &inode->i_nlink))
		return -EUCLEAN;
	d->found++;
	if (!d->change)
		return 0;
	err = nlink ? ow_change_inode(d->r, number, ow_chain, d->first) :
		      ow_change_inode(d->r, number, ow_give_link, 1);
	if (!err && nlink)
		d->first = number;
	return err == -ENOENT ? 0 : err;
}

static int ow_walk_deferred(struct ow_defer *d)
{
	return ow_walk_list(&d->r->sbi->s_orphan, OW_MAX_ORPHANS,
			    ow_visit_deferred, d);
}

static struct ext4_super_block *ow_read_super(struct ow_replay *r)
{
	int err = ow_read_block(r, BLOCK_SIZE / r->blocksize);

	if (err)
		return ERR_PTR(err);
	return (void *)(r->data + BLOCK_SIZE % r->blocksize);
}

int ow_defer_orphans(struct ow_replay *r, const struct super_block *dead)
{
	sector_t block = BLOCK_SIZE / r->blocksize;
	struct ow_defer d = { .r = r };
	struct ext4_super_block *es = ow_read_super(r);
	struct ow_disk *disk;
	int err;

	if (IS_ERR(es))
		return PTR_ERR(es);
	/* Only if the list can be made again: the dead one must be whole. */
	if (es->s_feature_compat &
		    cpu_to_le32(EXT4_FEATURE_COMPAT_ORPHAN_FILE) ||
	    ow_walk_deferred(&d) || !d.found)
		return 0;
	disk = ow_disk(dead);
	if (!disk)
		return -ENOMEM;
	d.change = r->handles;
	err = d.change ? ow_walk_deferred(&d) : 0;
	es = err ? ERR_PTR(err) : ow_read_super(r);
	if (IS_ERR(es))
		return PTR_ERR(es);
	disk->deferred = true;
	es->s_last_orphan = cpu_to_le32(d.first);
	ow_sum_super(r, block);
	return ow_write_block(r, block, r->data);
}

/* --- after mounting --- */

/* A truncation that was not finished, as mounting would have finished it. */
static int ow_finish_truncate(struct inode *inode)
{
	int err;

	inode_lock(inode);
	truncate_inode_pages(inode->i_mapping, inode->i_size);
	err = ext4_truncate(inode);
	inode_unlock(inode);
	iput(inode);
	return err;
}

/* The inode becomes an orphan again, for the next death of a kernel, and stays
 * for whoever had it open.
 */
static int ow_hold_orphan(struct inode *inode)
{
	handle_t *handle = ext4_journal_start(inode, EXT4_HT_MISC,
					      EXT4_RESERVE_TRANS_BLOCKS);
	int err;

	if (IS_ERR(handle))
		return PTR_ERR(handle);
	inode_lock(inode);
	err = ext4_orphan_add(handle, inode);
	inode_unlock(inode);
	ext4_journal_stop(handle);
	return err ?: xa_err(xa_store(&ow_orphans, ow_key(inode),
				      inode, GFP_KERNEL));
}

/* Takes back the name that the checker gave an inode without any, which makes
 * it an orphan again.
 */
static int ow_unlink_found(struct vfsmount *mnt, struct dentry *found,
			   struct inode *inode)
{
	struct inode *dir = d_inode(found);
	struct dentry *name;
	char number[24];
	int len, err;

	if (!dir || !S_ISDIR(dir->i_mode))
		return -ENOTDIR;
	len = snprintf(number, sizeof(number), "#%lu", inode->i_ino);
	inode_lock_nested(dir, I_MUTEX_PARENT);
	name = lookup_one_len(number, found, len);
	if (IS_ERR(name))
		err = PTR_ERR(name);
	else if (d_inode(name) != inode)
		err = -ENOENT;
	else if (S_ISDIR(inode->i_mode))
		err = vfs_rmdir(mnt_user_ns(mnt), dir, name);
	else
		err = vfs_unlink(mnt_user_ns(mnt), dir, name, NULL);
	if (!IS_ERR(name))
		dput(name);
	inode_unlock(dir);
	return err;
}

static int ow_take_name(struct vfsmount *mnt, struct inode *inode)
{
	struct dentry *found = lookup_one_len_unlocked("lost+found",
						       mnt->mnt_root, 10);
	int err;

	if (IS_ERR(found))
		return PTR_ERR(found);
	err = ow_unlink_found(mnt, found, inode);
	dput(found);
	return err ?: xa_err(xa_store(&ow_orphans, ow_key(inode), inode,
				      GFP_KERNEL));
}

static int ow_take_orphan(struct vfsmount *mnt, unsigned long ino,
			  unsigned int nlink)
{
	struct super_block *sb = mnt->mnt_sb;
	struct ext4_sb_info *sbi = EXT4_SB(sb);
	struct inode *inode;

	if (ino < EXT4_FIRST_INO(sb) ||
	    ino > le32_to_cpu(sbi->s_es->s_inodes_count))
		return -EUCLEAN;
	/* Otherwise an inode without links counts as deleted. */
	sbi->s_mount_state |= EXT4_ORPHAN_FS;
	inode = ext4_iget(sb, ino, EXT4_IGET_NORMAL);
	sbi->s_mount_state &= ~EXT4_ORPHAN_FS;
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	NEXT_ORPHAN(inode) = 0;
	if (!inode->i_nlink)
		return ow_hold_orphan(inode);
	return nlink ? ow_finish_truncate(inode) : ow_take_name(mnt, inode);
}

struct ow_take {
	struct vfsmount *mnt;		/* ours */
	unsigned int taken, lost;
};

static int ow_visit_orphan(struct list_head *node, void *arg)
{
	const struct ext4_inode_info *ei =
		container_of(node, struct ext4_inode_info, i_orphan);
	struct ow_take *t = arg;
	unsigned long ino;
	unsigned int nlink;

	if (ow_get(ino, &ei->vfs_inode.i_ino) &&
	    ow_get(nlink, &ei->vfs_inode.i_nlink) &&
	    !ow_take_orphan(t->mnt, ino, nlink))
		t->taken++;
	else
		t->lost++;
	return 0;
}

bool ow_take_orphans(const struct super_block *dead, struct vfsmount *mnt)
{
	const struct ext4_sb_info *sbi;
	struct ow_take t = { .mnt = mnt };
	struct ow_disk *disk = ow_disk(dead);

	if (!disk)
		return false;
	if (!disk->mnt)
		disk->mnt = mntget(mnt);
	if (!disk->deferred)
		return false;
	if (!ow_get(sbi, (struct ext4_sb_info **)&dead->s_fs_info) ||
	    ow_walk_list(&sbi->s_orphan, OW_MAX_ORPHANS, ow_visit_orphan, &t))
		t.lost++;
	ow_mark("orphans taken=%u lost=%u", t.taken, t.lost);
	return true;
}

/* --- opening --- */

struct file *ow_open_number(struct vfsmount *mnt, const struct inode *dead,
			    unsigned int flags)
{
	struct path path = { .mnt = mnt };
	struct inode *inode;
	struct file *file;
	unsigned long ino;
	u32 generation;
	umode_t mode;

	if (!ow_get(generation, &dead->i_generation) ||
	    !ow_get(ino, &dead->i_ino) || !ow_get(mode, &dead->i_mode))
		return ERR_PTR(-EUCLEAN);
	inode = ext4_iget(mnt->mnt_sb, ino, EXT4_IGET_NORMAL);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	if (inode->i_generation != generation || inode->i_mode != mode) {
		iput(inode);
		return ERR_PTR(-ESTALE);
	}
	path.dentry = d_obtain_alias(inode);
	if (IS_ERR(path.dentry))
		return ERR_CAST(path.dentry);
	file = dentry_open(&path, flags | O_LARGEFILE, current_cred());
	dput(path.dentry);
	return file;
}

struct file *ow_open_nameless(const struct inode *dead, unsigned int flags)
{
	const struct super_block *sb;
	const struct ow_disk *disk;

	if (!ow_get(sb, &dead->i_sb))
		return ERR_PTR(-EUCLEAN);
	disk = xa_load(&ow_disks, ow_key(sb));
	return disk && disk->mnt ? ow_open_number(disk->mnt, dead, flags) :
				   ERR_PTR(-ENOENT);
}

void ow_forget_orphans(void)
{
	struct ow_disk *disk;
	struct inode *inode;
	unsigned long index;

	xa_for_each(&ow_orphans, index, inode)
		iput(inode);
	xa_destroy(&ow_orphans);
	xa_for_each(&ow_disks, index, disk) {
		mntput(disk->mnt);
		kfree(disk);
	}
	xa_destroy(&ow_disks);
}
