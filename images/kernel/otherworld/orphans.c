// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of a disk that lost their last name while they were open. Mounting a
 * file system frees them, because after a power failure nobody can have them
 * open; after a resurrection somebody can. So the list of orphans on the disk
 * is emptied before the file system is mounted, and made again afterwards from
 * the dead kernel's own list, with every inode held until all processes have
 * opened what they had open. Whose file nobody claimed is freed then.
 */
#include <linux/err.h>
#include <linux/exportfs.h>
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "replay.h"
#include <../fs/ext4/ext4_jbd2.h>

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

static int ow_visit_nothing(struct list_head *node, void *arg)
{
	return 0;
}

/* Only if the list can be made again: the dead one must be whole. e2fsck, which
 * comes next if operations were under way, wants to see it, too.
 */
static bool ow_can_defer(struct ow_replay *r, const struct ext4_super_block *es)
{
	return !r->handles && es->s_last_orphan &&
	       !(es->s_feature_compat &
		 cpu_to_le32(EXT4_FEATURE_COMPAT_ORPHAN_FILE)) &&
	       !ow_walk_list(&r->sbi->s_orphan, OW_MAX_ORPHANS,
			     ow_visit_nothing, NULL);
}

int ow_defer_orphans(struct ow_replay *r, const struct super_block *dead)
{
	sector_t block = BLOCK_SIZE / r->blocksize;
	loff_t pos = (loff_t)block * r->blocksize;
	struct ext4_super_block *es =
		(void *)(r->data + BLOCK_SIZE % r->blocksize);
	struct ow_disk *disk;
	ssize_t done;

	done = kernel_read(r->disk, r->data, r->blocksize, &pos);
	if (done != r->blocksize)
		return done < 0 ? done : -EIO;
	if (!ow_can_defer(r, es))
		return 0;
	disk = ow_disk(dead);
	if (!disk)
		return -ENOMEM;
	disk->deferred = true;
	es->s_last_orphan = 0;
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

static int ow_take_orphan(struct super_block *sb, unsigned long ino)
{
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
	return inode->i_nlink ? ow_finish_truncate(inode) :
				ow_hold_orphan(inode);
}

struct ow_take {
	struct super_block *sb;		/* ours */
	unsigned int taken, lost;
};

static int ow_visit_orphan(struct list_head *node, void *arg)
{
	const struct ext4_inode_info *ei =
		container_of(node, struct ext4_inode_info, i_orphan);
	struct ow_take *t = arg;
	unsigned long ino;

	if (ow_get(ino, &ei->vfs_inode.i_ino) && !ow_take_orphan(t->sb, ino))
		t->taken++;
	else
		t->lost++;
	return 0;
}

bool ow_take_orphans(const struct super_block *dead, struct vfsmount *mnt)
{
	const struct ext4_sb_info *sbi;
	struct ow_take t = { .sb = mnt->mnt_sb };
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
