// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checksums a dying kernel left behind the contents they are of. What it was
 * changing is checked by e2fsck before the file system is mounted, but e2fsck
 * itself reads nothing behind a wrong checksum of the superblock, nor one that
 * describes another file system, and gives up at a wrong checksum of an inode in
 * the list of orphans. Where inodes lie never changes, and
 * is read from the disk: what the dead kernel had in memory of that may be what
 * was overwritten.
 *
 * Where nothing was being changed, a wrong checksum is no checksum left behind:
 * either it is wrong, since the kernel could not do sums any more, or what it is
 * of. It is mended if the inode says what the kernel's own inode says.
 */
#include <linux/crc32.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "replay.h"

#define OW_MAX_GROUPS	(1 << 16)

static bool ow_has_sums(const struct ext4_super_block *es)
{
	return es->s_magic == cpu_to_le16(EXT4_SUPER_MAGIC) &&
	       es->s_feature_ro_compat &
		       cpu_to_le32(EXT4_FEATURE_RO_COMPAT_METADATA_CSUM);
}

static __le32 ow_super_sum(const struct ext4_super_block *es)
{
	return cpu_to_le32(__crc32c_le(~0U, (void *)es,
			offsetof(struct ext4_super_block, s_checksum)));
}

static bool ow_is_summed(const struct ext4_super_block *es)
{
	return ow_has_sums(es) && es->s_checksum == ow_super_sum(es);
}

/* --- the superblock --- */

/* Fields from @first up to but without @behind. */
#define OW_FIELDS(first, behind)					\
	{ offsetof(struct ext4_super_block, first),			\
	  offsetof(struct ext4_super_block, behind) }

/*
 * What no kernel changes while the file system is mounted, but for the numbers
 * of inodes and blocks, which change together when it is resized.
 */
static const struct {
	u16 first, behind;
} ow_layout[] = {
	OW_FIELDS(s_inodes_count, s_free_blocks_count_lo),
	OW_FIELDS(s_first_data_block, s_mtime),
	OW_FIELDS(s_magic, s_state),
	OW_FIELDS(s_errors, s_feature_compat),
	OW_FIELDS(s_algorithm_usage_bitmap, s_last_orphan),
	OW_FIELDS(s_hash_seed, s_free_blocks_count_hi),
	OW_FIELDS(s_min_extra_isize, s_kbytes_written),
};

static bool ow_is_as_large(const struct ext4_super_block *es,
			   const struct ext4_super_block *disk)
{
	return es->s_blocks_count_lo == disk->s_blocks_count_lo &&
	       es->s_blocks_count_hi == disk->s_blocks_count_hi;
}

/*
 * Somebody was changing it, or has written into it what belongs elsewhere: a
 * wrong checksum does not say which. The disk's has a right one.
 */
static void ow_keep_layout(struct ext4_super_block *es,
			   const struct ext4_super_block *disk)
{
	unsigned int i, at, changed = 0;
	u8 *to = (u8 *)es;
	const u8 *from = (const u8 *)disk;

	for (i = 0; i < ARRAY_SIZE(ow_layout); i++)
		for (at = ow_layout[i].first; at < ow_layout[i].behind; at++) {
			changed += to[at] != from[at];
			to[at] = from[at];
		}
	if (changed)
		ow_mark("replay-super bytes=%u", changed);
}

void ow_sum_super(struct ow_replay *r, sector_t block)
{
	const struct ext4_super_block *disk = r->tables.super;
	struct ext4_super_block *es =
		(void *)(r->data + BLOCK_SIZE % r->blocksize);

	if (block != BLOCK_SIZE / r->blocksize)
		return;
	if (disk && !ow_is_summed(es) && ow_is_as_large(es, disk))
		ow_keep_layout(es, disk);
	if (ow_has_sums(es))
		es->s_checksum = ow_super_sum(es);
}

/* --- where inodes lie --- */

static bool ow_measure(struct ow_tables *t, const struct ext4_super_block *es,
		       unsigned int blocksize)
{
	u32 per_group = le32_to_cpu(es->s_blocks_per_group);
	u32 incompat = le32_to_cpu(es->s_feature_incompat);
	u64 blocks = le32_to_cpu(es->s_blocks_count_lo);

	if (es->s_magic != cpu_to_le16(EXT4_SUPER_MAGIC) || !per_group ||
	    incompat & EXT4_FEATURE_INCOMPAT_META_BG)
		return false;
	t->descriptor_size = EXT4_MIN_DESC_SIZE;
	if (incompat & EXT4_FEATURE_INCOMPAT_64BIT) {
		blocks |= (u64)le32_to_cpu(es->s_blocks_count_hi) << 32;
		t->descriptor_size = le16_to_cpu(es->s_desc_size);
	}
	t->first_descriptor = le32_to_cpu(es->s_first_data_block) + 1;
	blocks -= le32_to_cpu(es->s_first_data_block);
	if (blocks > (u64)OW_MAX_GROUPS * per_group)
		return false;
	t->groups = DIV_ROUND_UP_ULL(blocks, per_group);
	t->inodes_per_group = le32_to_cpu(es->s_inodes_per_group);
	t->inode_size = le16_to_cpu(es->s_inode_size);
	t->sums = ow_has_sums(es);
	t->seed = incompat & EXT4_FEATURE_INCOMPAT_CSUM_SEED ?
		  le32_to_cpu(es->s_checksum_seed) :
		  __crc32c_le(~0U, es->s_uuid, sizeof(es->s_uuid));
	return t->groups && t->inodes_per_group &&
	       t->descriptor_size >= EXT4_MIN_DESC_SIZE &&
	       t->descriptor_size <= blocksize &&
	       t->inode_size >= EXT4_GOOD_OLD_INODE_SIZE &&
	       t->inode_size <= blocksize;
}

/* First block of the inode table that one descriptor names. */
static sector_t ow_inode_table(const struct ow_tables *t, const void *at)
{
	const struct ext4_group_desc *gd = at;
	u32 hi = t->descriptor_size >= EXT4_MIN_DESC_SIZE_64BIT ?
		 le32_to_cpu(gd->bg_inode_table_hi) : 0;

	return (sector_t)hi << 32 | le32_to_cpu(gd->bg_inode_table_lo);
}

static void ow_drop_inode_tables(struct ow_tables *t)
{
	kvfree(t->inodes);
	t->inodes = NULL;
}

static bool ow_read_descriptors(struct ow_replay *r)
{
	struct ow_tables *t = &r->tables;
	unsigned int per_block = r->blocksize / t->descriptor_size;
	ext4_group_t group;

	for (group = 0; group < t->groups; group++) {
		unsigned int at = group % per_block;

		if (!at && ow_read_block(r, t->first_descriptor +
					    group / per_block))
			return false;
		t->inodes[group] = ow_inode_table(t, r->data +
						  at * t->descriptor_size);
	}
	return true;
}

void ow_read_tables(struct ow_replay *r)
{
	struct ow_tables *t = &r->tables;
	const struct ext4_super_block *es =
		(void *)(r->data + BLOCK_SIZE % r->blocksize);

	if (ow_read_block(r, BLOCK_SIZE / r->blocksize))
		return;
	if (ow_is_summed(es))
		t->super = kmemdup(es, sizeof(*es), GFP_KERNEL);
	if (!ow_measure(t, es, r->blocksize))
		return;
	t->inodes = kvmalloc_array(t->groups, sizeof(*t->inodes), GFP_KERNEL);
	if (t->inodes && ow_read_descriptors(r))
		return;
	ow_drop_inode_tables(t);
}

void ow_drop_tables(struct ow_replay *r)
{
	ow_drop_inode_tables(&r->tables);
	kfree(r->tables.super);
	r->tables.super = NULL;
}

/* --- inodes --- */

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

/* The number of the first inode in a block; 0 if none is in it. */
static u32 ow_first_inode(const struct ow_replay *r, sector_t block)
{
	const struct ow_tables *t = &r->tables;
	unsigned int per_block;
	ext4_group_t group;

	if (!t->inodes || !t->sums)
		return 0;
	per_block = r->blocksize / t->inode_size;
	for (group = 0; group < t->groups; group++)
		if (t->inodes[group] && block >= t->inodes[group] &&
		    (block - t->inodes[group]) * per_block <
			    t->inodes_per_group)
			return group * t->inodes_per_group +
			       (block - t->inodes[group]) * per_block + 1;
	return 0;
}

void ow_sum_inodes(struct ow_replay *r, sector_t block)
{
	u32 number = ow_first_inode(r, block);
	unsigned int at;

	for (at = 0; number && at < r->blocksize; at += r->tables.inode_size)
		r->sums += ow_sum_inode(&r->tables, number++,
					(void *)(r->data + at));
}

/* --- inodes that memory has, too --- */

#define OW_MAX_INODES	(1 << 20)

struct ow_known {
	const struct ext4_inode *raw;
	const struct ow_replay *r;
	u32 number;
	struct ext4_inode_info *copy;
};

static u64 ow_sectors(const struct ext4_inode *raw, unsigned int blocksize)
{
	u64 blocks = le32_to_cpu(raw->i_blocks_lo) |
		     (u64)le16_to_cpu(raw->i_blocks_high) << 32;

	return raw->i_flags & cpu_to_le32(EXT4_HUGE_FILE_FL) ?
	       blocks * (blocksize >> SECTOR_SHIFT) : blocks;
}

/* Attributes behind the inode itself are nowhere else in memory. */
static bool ow_is_all_known(const struct ext4_inode *raw, unsigned int size,
			    const struct ext4_inode_info *ei)
{
	unsigned int known = EXT4_GOOD_OLD_INODE_SIZE;

	if (size == known)
		return true;
	known += le16_to_cpu(raw->i_extra_isize);
	return le16_to_cpu(raw->i_extra_isize) == ei->i_extra_isize &&
	       known <= size && !memchr_inv((const char *)raw + known, 0,
					    size - known);
}

static bool ow_says_the_same(const struct ext4_inode *raw,
			     const struct ow_replay *r,
			     const struct ext4_inode_info *ei)
{
	const struct inode *inode = &ei->vfs_inode;
	u64 size = le32_to_cpu(raw->i_size_lo) |
		   (u64)le32_to_cpu(raw->i_size_high) << 32;
	u32 uid = le16_to_cpu(raw->i_uid_low) |
		  le16_to_cpu(raw->i_uid_high) << 16;
	u32 gid = le16_to_cpu(raw->i_gid_low) |
		  le16_to_cpu(raw->i_gid_high) << 16;

	return le16_to_cpu(raw->i_mode) == inode->i_mode &&
	       uid == __kuid_val(inode->i_uid) &&
	       gid == __kgid_val(inode->i_gid) &&
	       le16_to_cpu(raw->i_links_count) == inode->i_nlink &&
	       le32_to_cpu(raw->i_generation) == inode->i_generation &&
	       le32_to_cpu(raw->i_flags) == (u32)ei->i_flags &&
	       le32_to_cpu(raw->i_file_acl_lo) == (u32)ei->i_file_acl &&
	       le32_to_cpu(raw->i_dtime) == ei->i_dtime &&
	       size == ei->i_disksize &&
	       ow_sectors(raw, r->blocksize) == inode->i_blocks &&
	       ow_is_all_known(raw, r->tables.inode_size, ei) &&
	       !memcmp(raw->i_block, ei->i_data, sizeof(ei->i_data));
}

/* 1 if this is it, and says the same; -ENOENT if it does not. */
static int ow_compare_inode(struct list_head *node, void *arg)
{
	const struct ow_known *k = arg;
	const struct inode *inode = container_of(node, struct inode,
						 i_sb_list);
	unsigned long number;

	if (!ow_get(number, &inode->i_ino) || number != k->number)
		return 0;
	return ow_get(*k->copy, container_of(inode, struct ext4_inode_info,
					      vfs_inode)) &&
	       ow_says_the_same(k->raw, k->r, k->copy) ? 1 : -ENOENT;
}

void ow_sum_known_inodes(struct ow_replay *r, sector_t block)
{
	struct ow_known k = { .r = r, .number = ow_first_inode(r, block) };
	unsigned int at;

	if (!k.number)
		return;
	k.copy = kmalloc(sizeof(*k.copy), GFP_KERNEL);
	for (at = 0; k.copy && at < r->blocksize;
	     at += r->tables.inode_size, k.number++) {
		struct ext4_inode *raw = (void *)(r->data + at);
		__le16 lo = raw->i_checksum_lo, hi = raw->i_checksum_hi;

		k.raw = raw;
		if (!ow_sum_inode(&r->tables, k.number, raw))
			continue;
		if (ow_walk_list(&r->dead->s_inodes, OW_MAX_INODES,
				 ow_compare_inode, &k) == 1) {
			r->sums++;
			continue;
		}
		raw->i_checksum_lo = lo;
		if (r->tables.inode_size > EXT4_GOOD_OLD_INODE_SIZE)
			raw->i_checksum_hi = hi;
	}
	kfree(k.copy);
}

int ow_change_inode(struct ow_replay *r, unsigned long number,
		    void (*change)(struct ext4_inode *raw, int size,
				   unsigned long arg),
		    unsigned long arg)
{
	const struct ow_tables *t = &r->tables;
	unsigned long index, group, per_block;
	struct ext4_inode *raw;
	sector_t block;
	int err;

	if (!number || !t->inodes)
		return -EUCLEAN;
	group = (number - 1) / t->inodes_per_group;
	index = (number - 1) % t->inodes_per_group;
	if (group >= t->groups || !t->inodes[group])
		return -EUCLEAN;
	per_block = r->blocksize / t->inode_size;
	block = t->inodes[group] + index / per_block;
	err = ow_read_block(r, block);
	if (err)
		return err;
	raw = (void *)(r->data + index % per_block * t->inode_size);
	if (!raw->i_mode)
		return -ENOENT;
	change(raw, t->inode_size, arg);
	if (t->sums)
		ow_sum_inode(t, number, raw);
	return ow_write_block(r, block, r->data);
}
