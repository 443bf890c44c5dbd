// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checksums a dying kernel left behind the contents they are of. What it was
 * changing is checked by e2fsck before the file system is mounted, but e2fsck
 * itself reads nothing behind a wrong checksum of the superblock, and gives up
 * at one of an inode in the list of orphans.
 */
#include <linux/crc32.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "replay.h"

#define OW_MAX_GROUPS	(1 << 16)

static bool ow_has_sums(const struct ext4_super_block *es)
{
	return es->s_magic == cpu_to_le16(EXT4_SUPER_MAGIC) &&
	       es->s_feature_ro_compat &
		       cpu_to_le32(EXT4_FEATURE_RO_COMPAT_METADATA_CSUM);
}

void ow_sum_super(struct ow_replay *r, sector_t block)
{
	struct ext4_super_block *es =
		(void *)(r->data + BLOCK_SIZE % r->blocksize);

	if (block != BLOCK_SIZE / r->blocksize || !ow_has_sums(es))
		return;
	es->s_checksum = cpu_to_le32(__crc32c_le(~0U, (void *)es,
			offsetof(struct ext4_super_block, s_checksum)));
}

/* What of the dead file system says where inodes lie; it never changes. */
struct ow_tables {
	struct buffer_head * __rcu *descriptors;
	ext4_group_t groups;
	unsigned long descriptor_size, descriptors_per_block;
	unsigned long inodes_per_group, blocks_per_table;
	int inode_size;
	u32 seed;
	bool sums;			/* they have checksums */
};

static bool ow_read_tables(const struct ext4_sb_info *sbi, struct ow_tables *t)
{
	struct ext4_super_block *es;
	__le32 features;
	__le16 magic;

	if (!ow_get(es, &sbi->s_es) || !ow_get(magic, &es->s_magic) ||
	    magic != cpu_to_le16(EXT4_SUPER_MAGIC) ||
	    !ow_get(features, &es->s_feature_ro_compat))
		return false;
	t->sums = features & cpu_to_le32(EXT4_FEATURE_RO_COMPAT_METADATA_CSUM);
	return ow_get(t->descriptors, &sbi->s_group_desc) &&
	       ow_get(t->groups, &sbi->s_groups_count) &&
	       ow_get(t->descriptor_size, &sbi->s_desc_size) &&
	       ow_get(t->descriptors_per_block, &sbi->s_desc_per_block) &&
	       ow_get(t->inodes_per_group, &sbi->s_inodes_per_group) &&
	       ow_get(t->blocks_per_table, &sbi->s_itb_per_group) &&
	       ow_get(t->inode_size, &sbi->s_inode_size) &&
	       ow_get(t->seed, &sbi->s_csum_seed) &&
	       t->groups <= OW_MAX_GROUPS && t->descriptors_per_block &&
	       t->inodes_per_group &&
	       t->inode_size >= EXT4_GOOD_OLD_INODE_SIZE;
}

/* First block of a group's inode table; 0 if it cannot be told. */
static sector_t ow_inode_table(const struct ow_tables *t, ext4_group_t group)
{
	struct buffer_head *bh;
	struct ext4_group_desc *gd;
	__le32 lo, hi = 0;
	char *data;

	if (!ow_get(bh, &t->descriptors[group / t->descriptors_per_block]) ||
	    !ow_get(data, &bh->b_data))
		return 0;
	gd = (void *)(data + group % t->descriptors_per_block *
			     t->descriptor_size);
	if (!ow_get(lo, &gd->bg_inode_table_lo) ||
	    (t->descriptor_size >= EXT4_MIN_DESC_SIZE_64BIT &&
	     !ow_get(hi, &gd->bg_inode_table_hi)))
		return 0;
	return (sector_t)le32_to_cpu(hi) << 32 | le32_to_cpu(lo);
}

/* As ext4_inode_csum_set(), for an inode that is not in memory. */
static bool ow_sum_inode(const struct ow_tables *t, u32 number,
			 struct ext4_inode *raw)
{
	bool wide = t->inode_size > EXT4_GOOD_OLD_INODE_SIZE &&
		    le16_to_cpu(raw->i_extra_isize) >=
			    offsetofend(struct ext4_inode, i_checksum_hi) -
				    EXT4_GOOD_OLD_INODE_SIZE;
	__le16 lo = raw->i_checksum_lo, hi = wide ? raw->i_checksum_hi : 0;
	__le32 le_number = cpu_to_le32(number);
	u32 sum;

	if (!raw->i_mode)
		return false;
	raw->i_checksum_lo = 0;
	if (wide)
		raw->i_checksum_hi = 0;
	sum = __crc32c_le(t->seed, (void *)&le_number, sizeof(le_number));
	sum = __crc32c_le(sum, (void *)&raw->i_generation,
			  sizeof(raw->i_generation));
	sum = __crc32c_le(sum, (void *)raw, t->inode_size);
	raw->i_checksum_lo = cpu_to_le16(sum & 0xffff);
	if (wide)
		raw->i_checksum_hi = cpu_to_le16(sum >> 16);
	return raw->i_checksum_lo != lo || (wide && raw->i_checksum_hi != hi);
}

void ow_sum_inodes(struct ow_replay *r, sector_t block)
{
	struct ow_tables t;
	ext4_group_t group;
	sector_t first;
	u32 number;
	int at;

	if (!ow_read_tables(r->sbi, &t) || !t.sums)
		return;
	for (group = 0; group < t.groups; group++) {
		first = ow_inode_table(&t, group);
		if (first && block >= first &&
		    block < first + t.blocks_per_table)
			break;
	}
	if (group == t.groups)
		return;
	number = group * t.inodes_per_group +
		 (block - first) * (r->blocksize / t.inode_size) + 1;
	for (at = 0; at + t.inode_size <= r->blocksize; at += t.inode_size)
		r->sums += ow_sum_inode(&t, number++, (void *)(r->data + at));
}

int ow_change_inode(struct ow_replay *r, unsigned long number,
		    void (*change)(struct ext4_inode *raw, int size,
				   unsigned long arg),
		    unsigned long arg)
{
	unsigned long index, at;
	struct ext4_inode *raw;
	struct ow_tables t;
	sector_t block;
	ssize_t done;
	loff_t pos;

	if (!number || !ow_read_tables(r->sbi, &t) ||
	    (number - 1) / t.inodes_per_group >= t.groups)
		return -EUCLEAN;
	block = ow_inode_table(&t, (number - 1) / t.inodes_per_group);
	if (!block)
		return -EUCLEAN;
	index = (number - 1) % t.inodes_per_group;
	at = index % (r->blocksize / t.inode_size) * t.inode_size;
	block += index / (r->blocksize / t.inode_size);
	pos = (loff_t)block * r->blocksize;
	done = kernel_read(r->disk, r->data, r->blocksize, &pos);
	if (done != r->blocksize)
		return done < 0 ? done : -EIO;
	raw = (void *)(r->data + at);
	if (!raw->i_mode)
		return -ENOENT;
	change(raw, t.inode_size, arg);
	if (t.sums)
		ow_sum_inode(&t, number, raw);
	return ow_write_block(r, block, r->data);
}
