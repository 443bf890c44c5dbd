// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metadata the dead kernel had acknowledged but not yet committed. Every
 * metadata block it changed lies, in its newest state, in the page cache of
 * its block device, or, if the tree of that is damaged, in a page that says so.
 * Those blocks are written home before the file system is mounted, and the
 * journal, whose contents are all older, is marked empty.
 * docs/adr/0002-metadata-write-back.md says why this is right.
 */
#include <linux/blkdev.h>
#include <linux/crc32.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "replay.h"

#define OW_MAX_SUPERS	256
#define OW_MAX_BUFFERS	(PAGE_SIZE / 512)

/* --- finding the file system --- */

struct ow_find_super {
	const char *id;
	const struct super_block *found;
};

static int ow_visit_super(struct list_head *node, void *arg)
{
	struct super_block *sb = container_of(node, struct super_block, s_list);
	struct ow_find_super *f = arg;
	char id[sizeof(sb->s_id)];
	unsigned long magic;

	if (!ow_get(magic, &sb->s_magic) || magic != EXT4_SUPER_MAGIC ||
	    !ow_read(id, sb->s_id, sizeof(id)))
		return 0;
	id[sizeof(id) - 1] = 0;
	if (strcmp(id, f->id))
		return 0;
	f->found = sb;
	return 1;
}

const struct super_block *ow_dead_super(const char *id)
{
	struct ow_find_super f = { .id = id };
	void *head = (void *)ow_symbol("super_blocks");

	if (head)
		ow_walk_list(head, OW_MAX_SUPERS, ow_visit_super, &f);
	return f.found;
}

/* --- buffers --- */

int ow_walk_buffers(struct page *page,
		    int (*visit)(const struct buffer_head *bh, void *arg),
		    void *arg)
{
	const struct buffer_head *first = (void *)page->private, *at = first;
	struct buffer_head bh;
	unsigned int i;
	int ret;

	if (!PagePrivate(page) || !first)
		return 0;
	for (i = 0; i < OW_MAX_BUFFERS; i++) {
		if (!ow_get(bh, at))
			return -EUCLEAN;
		ret = visit(&bh, arg);
		if (ret)
			return ret;
		at = bh.b_this_page;
		if (at == first)
			return 0;
	}
	return -EUCLEAN;
}

int ow_read_block(struct ow_replay *r, sector_t block)
{
	loff_t pos = (loff_t)block * r->blocksize;
	ssize_t done = kernel_read(r->disk, r->data, r->blocksize, &pos);

	return done == r->blocksize ? 0 : done < 0 ? done : -EIO;
}

int ow_write_block(struct ow_replay *r, sector_t block, const void *data)
{
	loff_t pos = (loff_t)block * r->blocksize;
	ssize_t done = kernel_write(r->disk, data, r->blocksize, &pos);

	return done == r->blocksize ? 0 : done < 0 ? done : -EIO;
}

/*
 * On its way into a list of the journal a changed buffer is not called dirty
 * (do_get_write_access(), __jbd2_journal_file_buffer()). What it is instead is
 * modified by the running transaction, or waiting for its checkpoint; a
 * forgotten one is not modified.
 */
static bool ow_is_filed(const struct buffer_head *bh)
{
	struct journal_head jh;

	return buffer_jbd(bh) &&
	       ow_get(jh, (struct journal_head *)bh->b_private) &&
	       ((jh.b_transaction && jh.b_modified) ||
		(jh.b_cp_transaction && jh.b_jlist != BJ_Forget));
}

static int ow_replay_buffer(const struct buffer_head *bh, void *arg)
{
	struct ow_replay *r = arg;

	if (!buffer_mapped(bh) || !buffer_uptodate(bh) || buffer_freed(bh) ||
	    !(buffer_dirty(bh) || buffer_jbddirty(bh) || ow_is_filed(bh)))
		return 0;
	if (bh->b_bdev != r->bdev || bh->b_size != r->blocksize ||
	    !ow_read(r->data, bh->b_data, r->blocksize)) {
		r->damaged++;
		return 0;
	}
	ow_sum_super(r, bh->b_blocknr);
	if (r->handles)
		ow_sum_inodes(r, bh->b_blocknr);
	else
		ow_sum_known_inodes(r, bh->b_blocknr);
	r->blocks++;
	return ow_write_block(r, bh->b_blocknr, r->data);
}

static int ow_replay_page(unsigned long index, void *entry, unsigned int marks,
			  void *arg)
{
	struct ow_replay *r = arg;
	struct page page;

	if (xa_is_value(entry))
		return 0;
	r->pages++;
	if (!ow_get(page, (struct page *)entry) || page.mapping != r->mapping ||
	    page.index != index) {
		r->damaged++;
		return 0;
	}
	r->nr_pinned += (index == r->pinned[0]) + (index == r->pinned[1]);
	return ow_walk_buffers(&page, ow_replay_buffer, r);
}

/*
 * The superblock, and that of the journal, are in the page cache as long as the
 * file system is mounted. Where they are not found nothing is known of the rest.
 */
static bool ow_know_pinned(struct ow_replay *r)
{
	sector_t block;

	r->pinned[0] = BLOCK_SIZE >> PAGE_SHIFT;
	if (!ow_get(block, &r->journal->j_sb_buffer->b_blocknr))
		return false;
	r->pinned[1] = block * r->blocksize >> PAGE_SHIFT;
	return true;
}

static bool ow_has_pinned(const struct ow_replay *r)
{
	return r->nr_pinned == ARRAY_SIZE(r->pinned);
}

/* All pages that say of themselves that they are of the block device. */
static int ow_replay_memory(struct ow_replay *r)
{
	int err;

	r->pages = 0;
	r->nr_pinned = 0;
	err = ow_scan_pages(r->mapping, ow_replay_page, r);
	ow_mark("replay-memory pages=%lu", r->pages);
	return !err && !ow_has_pinned(r) ? -EUCLEAN : err;
}

/* The tree of the page cache, if it is whole and has as many as are counted. */
static int ow_replay_pages(struct ow_replay *r)
{
	unsigned long counted;
	int err;

	if (!ow_know_pinned(r))
		return -EUCLEAN;
	err = ow_walk_xarray(&r->mapping->i_pages, 1 << 22, ow_replay_page, r);
	if (err && err != -EUCLEAN)
		return err;
	if (!err && !r->damaged && ow_get(counted, &r->mapping->nrpages) &&
	    counted == r->pages && ow_has_pinned(r))
		return 0;
	r->blocks = 0;
	r->damaged = 0;
	return ow_replay_memory(r);
}

/* --- the journal --- */

/* Operations that were under way: their metadata is half changed. */
static int ow_open_handles(const struct journal_s *journal)
{
	const transaction_t *t = journal->j_running_transaction;
	atomic_t updates;

	if (!t)
		return 0;
	if (!ow_get(updates, &t->t_updates) || atomic_read(&updates) < 0)
		return -EUCLEAN;
	return atomic_read(&updates);
}

static __be32 ow_journal_sum(const journal_superblock_t *jsb)
{
	u32 sum = __crc32c_le(~0U, (void *)jsb, offsetof(journal_superblock_t,
							 s_checksum));

	/* The checksum itself counts as zeroes. */
	sum = __crc32c_le(sum, (void *)&(__be32){ 0 }, sizeof(__be32));
	return cpu_to_be32(__crc32c_le(sum, jsb->s_users,
				       sizeof(jsb->s_users)));
}

static bool ow_journal_has_sum(const journal_superblock_t *jsb)
{
	return jsb->s_feature_incompat &
	       cpu_to_be32(JBD2_FEATURE_INCOMPAT_CSUM_V2 |
			   JBD2_FEATURE_INCOMPAT_CSUM_V3);
}

static bool ow_is_journal(const struct ow_replay *r,
			  const journal_superblock_t *jsb)
{
	return jsb->s_header.h_magic == cpu_to_be32(JBD2_MAGIC_NUMBER) &&
	       jsb->s_header.h_blocktype ==
		       cpu_to_be32(JBD2_SUPERBLOCK_V2) &&
	       jsb->s_blocksize == cpu_to_be32(r->blocksize) &&
	       be32_to_cpu(jsb->s_first) < be32_to_cpu(jsb->s_maxlen);
}

static bool ow_is_right_journal(const struct ow_replay *r,
				const journal_superblock_t *jsb)
{
	return ow_is_journal(r, jsb) &&
	       (!ow_journal_has_sum(jsb) ||
		jsb->s_checksum == ow_journal_sum(jsb));
}

/* Do they say the same of what never changes while a journal is in use? */
static bool ow_is_same_journal(const journal_superblock_t *a,
			       const journal_superblock_t *b)
{
	return !memcmp(a, b, offsetof(journal_superblock_t, s_sequence)) &&
	       !memcmp(a->s_uuid, b->s_uuid,
		       offsetof(journal_superblock_t, s_checksum_type) -
		       offsetof(journal_superblock_t, s_uuid));
}

/*
 * The journal's superblock as it is on the disk, before anything is written
 * home. In memory a wrong byte gets a right checksum when the kernel writes it
 * next. That of the disk may be wrong for a kernel that cannot do sums any more.
 */
static int ow_read_journal(struct ow_replay *r)
{
	journal_superblock_t *jsb, *dead = (void *)r->data;
	struct buffer_head bh;

	if (!ow_get(bh, r->journal->j_sb_buffer) || bh.b_bdev != r->bdev ||
	    bh.b_size != r->blocksize || ow_read_block(r, bh.b_blocknr))
		return -EUCLEAN;
	r->journal_block = bh.b_blocknr;
	jsb = kmemdup(r->data, sizeof(*jsb), GFP_KERNEL);
	r->journal_super = jsb;
	if (!jsb)
		return -ENOMEM;
	if (!ow_read(dead, bh.b_data, sizeof(*dead)))
		memset(dead, 0, sizeof(*dead));
	if (ow_is_same_journal(jsb, dead))
		return ow_is_journal(r, jsb) ? 0 : -EUCLEAN;
	if (!ow_is_right_journal(r, jsb))
		return -EUCLEAN;
	ow_mark("replay-journal block=%llu", (u64)r->journal_block);
	return 0;
}

/*
 * A number that no transaction in the journal has. Each takes a block at
 * least, and the disk says which may be the first.
 */
static tid_t ow_next_transaction(const struct ow_replay *r)
{
	const journal_superblock_t *jsb = r->journal_super;
	tid_t first = be32_to_cpu(jsb->s_sequence);
	tid_t last = first + be32_to_cpu(jsb->s_maxlen);
	tid_t next = r->journal->j_transaction_sequence;

	return tid_geq(next, first) && tid_geq(last, next) ? next + 1 :
							     last + 1;
}

/* Everything in the journal is older than what was written home: empty it. */
static int ow_empty_journal(struct ow_replay *r)
{
	journal_superblock_t *jsb = r->journal_super;
	int err = ow_read_block(r, r->journal_block);

	if (err)
		return err;
	jsb->s_sequence = cpu_to_be32(ow_next_transaction(r));
	jsb->s_start = 0;
	if (ow_journal_has_sum(jsb))
		jsb->s_checksum = ow_journal_sum(jsb);
	memcpy(r->data, jsb, sizeof(*jsb));
	return ow_write_block(r, r->journal_block, r->data);
}

static int ow_replay_all(struct ow_replay *r, const struct super_block *dead)
{
	int err = ow_read_journal(r);

	if (!err)
		err = ow_replay_pages(r);
	/* An incomplete set must not be called complete. */
	if (!err && r->damaged)
		err = -EUCLEAN;
	if (!err)
		err = ow_defer_orphans(r, dead);
	if (!err)
		err = vfs_fsync(r->disk, 0);
	if (!err)
		err = ow_empty_journal(r);
	if (!err)
		err = vfs_fsync(r->disk, 0);
	return err;
}

/* As in block/bdev.c. */
struct ow_bdev_inode {
	struct block_device bdev;
	struct inode vfs_inode;
};

/* The pages of a device: where its inode is says the device, and where it lies. */
static bool ow_get_mapping(struct ow_replay *r)
{
	const struct inode *inode =
		&container_of(r->bdev, struct ow_bdev_inode, bdev)->vfs_inode;
	const struct inode *host;

	r->mapping = &inode->i_data;
	if (ow_get(host, &r->mapping->host) && host == inode)
		return true;
	return ow_get(inode, &r->bdev->bd_inode) &&
	       ow_get(r->mapping, &inode->i_mapping);
}

static int ow_replay_super(const struct super_block *dead, const char *device)
{
	struct ow_replay r = { };
	struct journal_s *journal = kmalloc(sizeof(*journal), GFP_KERNEL);
	unsigned long blocksize;
	const struct journal_s *j;
	int err = -EUCLEAN;

	r.data = kmalloc(EXT4_MAX_BLOCK_SIZE, GFP_KERNEL);
	if (!journal || !r.data) {
		err = -ENOMEM;
		goto out;
	}
	r.dead = dead;
	r.journal = journal;
	if (!ow_get(r.bdev, &dead->s_bdev) || !ow_get_mapping(&r) ||
	    !ow_get(blocksize, &dead->s_blocksize) ||
	    !ow_get(r.sbi, (struct ext4_sb_info **)&dead->s_fs_info) ||
	    !ow_get(j, &r.sbi->s_journal) || !ow_get(*journal, j) ||
	    blocksize < 1024 || blocksize > PAGE_SIZE ||
	    journal->j_blocksize != blocksize)
		goto out;
	r.blocksize = blocksize;
	r.handles = ow_open_handles(journal);
	if (r.handles < 0)
		goto out;
	r.disk = filp_open(device, O_RDWR | O_EXCL | O_LARGEFILE, 0);
	if (IS_ERR(r.disk)) {
		err = PTR_ERR(r.disk);
		goto out;
	}
	ow_read_tables(&r);
	err = ow_replay_all(&r, dead);
	ow_drop_tables(&r);
	kfree(r.journal_super);
	fput(r.disk);
	ow_mark("replay device=%s blocks=%u damaged=%u handles=%d sums=%u err=%d",
		device, r.blocks, r.damaged, r.handles, r.sums, err);
	if (!err && r.handles)
		err = -EUCLEAN;
out:
	kfree(r.data);
	kfree(journal);
	return err;
}

/* replay DEVICE: -EUCLEAN if the file system must be checked before mounting. */
int ow_cmd_replay(char *args)
{
	const struct super_block *dead;

	if (!ow_is_crash_kernel())
		return -EINVAL;
	dead = ow_dead_super(kbasename(args));
	if (!dead) {
		ow_mark("replay device=%s was not mounted", args);
		return 0;
	}
	return ow_replay_super(dead, args);
}
