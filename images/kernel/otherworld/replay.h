/* SPDX-License-Identifier: GPL-2.0-only */
/* One dead file system whose metadata is being written home. */
#ifndef _OTHERWORLD_REPLAY_H
#define _OTHERWORLD_REPLAY_H

#include <linux/fs.h>
#include <linux/jbd2.h>
#include <linux/magic.h>
#include <../fs/ext4/ext4.h>

#include "writeback.h"

/* Where inodes lie, by what is on the disk. */
struct ow_tables {
	sector_t *inodes;			/* by group; NULL if unknown */
	sector_t first_descriptor;
	ext4_group_t groups;
	unsigned int descriptor_size, inode_size;
	unsigned long inodes_per_group;
	u32 seed;
	bool sums;				/* they have checksums */
	struct ext4_super_block *super;		/* the disk's, if it is whole */
};

struct ow_replay {
	struct file *disk;
	const struct block_device *bdev;	/* dead */
	const struct address_space *mapping;	/* dead */
	const struct super_block *dead;
	const struct ext4_sb_info *sbi;		/* dead */
	const struct journal_s *journal;	/* copy */
	journal_superblock_t *journal_super;	/* what the disk has, and is to */
	sector_t journal_block;			/* where */
	unsigned int blocksize;
	int handles;				/* operations under way */
	unsigned int blocks, damaged, sums;
	unsigned long pages;			/* in the page cache */
	unsigned long pinned[2];		/* places of two that must be */
	unsigned int nr_pinned;			/* how many of them are */
	char *data;				/* the block at hand */
	struct ow_tables tables;
};

void ow_read_tables(struct ow_replay *r);
void ow_drop_tables(struct ow_replay *r);

/*
 * Make checksums in the block at hand right, if it holds what they are of. What
 * never changes in a superblock whose own is wrong is taken from the disk.
 */
void ow_sum_super(struct ow_replay *r, sector_t block);
void ow_sum_inodes(struct ow_replay *r, sector_t block);
/* Likewise, but only of inodes that are what the dead kernel's memory says. */
void ow_sum_known_inodes(struct ow_replay *r, sector_t block);

/* Change an inode of @size bytes on the disk, once all changed blocks are
 * there; -ENOENT if it was never written.
 */
int ow_change_inode(struct ow_replay *r, unsigned long number,
		    void (*change)(struct ext4_inode *raw, int size,
				   unsigned long arg),
		    unsigned long arg);

/* Read one block of the disk, and write one home. */
int ow_read_block(struct ow_replay *r, sector_t block);
int ow_write_block(struct ow_replay *r, sector_t block, const void *data);

/* Keep mounting from freeing what lost its last name (orphans.c). */
int ow_defer_orphans(struct ow_replay *r, const struct super_block *dead);

#endif /* _OTHERWORLD_REPLAY_H */
