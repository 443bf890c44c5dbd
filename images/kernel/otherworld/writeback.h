/* SPDX-License-Identifier: GPL-2.0-only */
/* Bringing the dead kernel's unwritten data to the disk. */
#ifndef _OTHERWORLD_WRITEBACK_H
#define _OTHERWORLD_WRITEBACK_H

#include <linux/buffer_head.h>
#include <linux/fs.h>

#include "resurrect.h"

/* Dead superblock of the ext4 on the block device named @id ("vda"). */
const struct super_block *ow_dead_super(const char *id);
/* Visit the dead buffer heads of a dead page; @bh is a copy. */
int ow_walk_buffers(struct page *page,
		    int (*visit)(const struct buffer_head *bh, void *arg),
		    void *arg);

/* --- orphans.c --- */
/* After mounting: the dead list becomes ours. False: there is none to keep. */
bool ow_take_orphans(const struct super_block *dead, struct vfsmount *mnt);
/* The ext4 file of a dead inode, by its number. */
struct file *ow_open_number(struct vfsmount *mnt, const struct inode *dead,
			    unsigned int flags);

#endif /* _OTHERWORLD_WRITEBACK_H */
