// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pipes and FIFOs. A dead pipe becomes one of ours with a ring of the same
 * size and the same bytes, or packets, in it. Its open files are opened on it
 * one by one: it has a reader and a writer for each that comes back and for no
 * other, so whoever is left alone sees the end of the data, or SIGPIPE.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/magic.h>
#include <linux/mutex.h>
#include <linux/pipe_fs_i.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "resurrect.h"

#define OW_MAX_RING	(1 << 16)

/* One of our pipes, held open on both ends until the gate opens. */
struct ow_pipe {
	struct file *ends[2];	/* as made; none of a FIFO */
	struct file *both;
};

/* Dead inode -> struct ow_pipe; ow_files_lock guards it (files.c). */
static DEFINE_XARRAY(ow_pipes);

static void ow_put_pipe(struct ow_pipe *p)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(p->ends); i++)
		if (p->ends[i])
			fput(p->ends[i]);
	if (!IS_ERR_OR_NULL(p->both))
		fput(p->both);
	kfree(p);
}

static bool ow_is_nameless(const struct inode *dead)
{
	struct super_block *sb;
	unsigned long magic;

	return ow_get(sb, &dead->i_sb) && ow_get(magic, &sb->s_magic) &&
	       magic == PIPEFS_MAGIC;
}

/* Who may open it again through /proc/PID/fd. */
static int ow_own_pipe(struct inode *inode, const struct inode *dead)
{
	return ow_get(inode->i_uid, &dead->i_uid) &&
	       ow_get(inode->i_gid, &dead->i_gid) ? 0 : -EUCLEAN;
}

static int ow_make_pipe(struct ow_pipe *p, const struct inode *dead,
			const char *path)
{
	int err;

	if (!ow_is_nameless(dead)) {
		if (IS_ERR(path))
			return PTR_ERR(path);
		p->both = filp_open(path, O_RDWR | O_NONBLOCK, 0);
		return PTR_ERR_OR_ZERO(p->both);
	}
	err = create_pipe_files(p->ends, 0);
	if (err)
		return err;
	p->both = dentry_open(&p->ends[0]->f_path, O_RDWR | O_NONBLOCK,
			      current_cred());
	if (IS_ERR(p->both))
		return PTR_ERR(p->both);
	return ow_own_pipe(file_inode(p->both), dead);
}

/* One buffer of the dead ring; a packet stays one. */
static int ow_copy_buffer(struct file *both, const struct pipe_buffer *buf,
			  void *data)
{
	loff_t pos = 0;

	/* Half made when its writer took a fault: nobody was told of it. */
	if (!buf->len)
		return 0;
	if (buf->offset >= PAGE_SIZE || buf->len > PAGE_SIZE - buf->offset ||
	    !ow_read_frame(data, page_to_pfn(buf->page)))
		return -EUCLEAN;
	if (buf->flags & PIPE_BUF_FLAG_PACKET)
		both->f_flags |= O_DIRECT;
	else
		both->f_flags &= ~O_DIRECT;
	return kernel_write(both, data + buf->offset, buf->len, &pos) ==
	       buf->len ? 0 : -EIO;
}

static int ow_fill_pipe(struct file *both, const struct pipe_inode_info *dead,
			const struct inode *inode)
{
	unsigned int mask = dead->ring_size - 1, at;
	struct pipe_buffer buf;
	void *data;
	long err;

	if (!is_power_of_2(dead->ring_size) ||
	    dead->head - dead->tail > dead->ring_size ||
	    dead->ring_size > OW_MAX_RING)
		return -EUCLEAN;
	err = pipe_fcntl(both, F_SETPIPE_SZ, dead->ring_size << PAGE_SHIFT);
	if (err < 0)
		return err;
	data = (void *)__get_free_page(GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	err = 0;
	for (at = dead->tail; !err && at != dead->head; at++) {
		if (!ow_get(buf, &dead->bufs[at & mask])) {
			err = -EUCLEAN;
			break;
		}
		if (at == dead->tail)
			ow_first_place(inode, &buf);
		err = ow_copy_buffer(both, &buf, data);
	}
	free_page((unsigned long)data);
	return err;
}

static struct ow_pipe *ow_find_pipe(const struct inode *dead, const char *path)
{
	struct ow_pipe *p = xa_load(&ow_pipes, ow_key(dead));
	struct pipe_inode_info *at, copy;
	int err;

	if (p)
		return p;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);
	err = ow_get(at, &dead->i_pipe) && ow_get(copy, at) ?
	      ow_make_pipe(p, dead, path) : -EUCLEAN;
	if (!err)
		err = ow_fill_pipe(p->both, &copy, dead);
	if (!err)
		err = xa_err(xa_store(&ow_pipes, ow_key(dead), p,
				      GFP_KERNEL));
	if (err) {
		ow_put_pipe(p);
		return ERR_PTR(err);
	}
	return p;
}

struct file *ow_open_pipe(const struct file *copy, const char *path)
{
	struct ow_pipe *p = ow_find_pipe(copy->f_inode, path);

	if (IS_ERR(p))
		return ERR_CAST(p);
	return dentry_open(&p->both->f_path,
			   (copy->f_flags & O_ACCMODE) | O_NONBLOCK,
			   current_cred());
}

void ow_forget_pipes(void)
{
	unsigned long index;
	struct ow_pipe *p;

	xa_for_each(&ow_pipes, index, p)
		ow_put_pipe(p);
	xa_destroy(&ow_pipes);
}
