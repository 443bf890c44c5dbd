// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V shared memory. Every segment is made again under its identifier and
 * key before any process is back, because it lives without them; a process
 * attaches it through an open file of its own kind.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ipc_namespace.h>
#include <linux/otherworld_ipc.h>
#include <linux/slab.h>
#include <../ipc/util.h>

#include "resurrect.h"

#define OW_MAX_SEGMENTS	(1 << 15)

bool ow_is_segment(const struct file *copy)
{
	const struct file_operations *usual;

	/* Every other file of shared memory has the operations of its inode. */
	return ow_get(usual, &copy->f_inode->i_fop) && copy->f_op != usual;
}

struct file *ow_open_segment(const struct file *copy)
{
	size_t size = otherworld_shm_data_size();
	void *data = kmalloc(size, GFP_KERNEL);
	struct file *file;

	if (!data)
		return ERR_PTR(-ENOMEM);
	file = ow_read(data, copy->private_data, size) ?
	       otherworld_shm_open(otherworld_shm_data_id(data),
				   copy->f_flags & O_ACCMODE) :
	       ERR_PTR(-EUCLEAN);
	kfree(data);
	return file;
}

/* Its memory, then the segment around it. */
static int ow_add_segment(const void *copy, struct file *dead)
{
	struct file *file;
	int err;

	if (!ow_get(*dead, otherworld_shm_file(copy)))
		return -EUCLEAN;
	file = ow_shmem_file(dead);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = otherworld_shm_add(copy, file);
	if (err)
		fput(file);
	return err;
}

struct ow_segments {
	unsigned int made, lost;
};

static int ow_visit_segment(unsigned long index, void *entry,
			    unsigned int marks, void *arg)
{
	size_t size = otherworld_shm_size();
	struct file *dead = kmalloc(sizeof(*dead), GFP_KERNEL);
	void *copy = kmalloc(size, GFP_KERNEL);
	struct ow_segments *s = arg;

	if (dead && copy && ow_read(copy, entry, size) &&
	    !ow_add_segment(copy, dead))
		s->made++;
	else
		s->lost++;
	kfree(copy);
	kfree(dead);
	return 0;
}

/* The numbers given out next are those the dead kernel would have given. */
static void ow_go_on_counting(struct ipc_ids *ids)
{
	unsigned short seq;
	unsigned int next;
	int last;

	if (!ow_get(seq, &ids->seq) || !ow_get(last, &ids->last_idx) ||
	    !ow_get(next, &ids->ipcs_idr.idr_next))
		return;
	down_write(&ids->rwsem);
	ids->seq = seq;
	ids->last_idx = last;
	idr_set_cursor(&ids->ipcs_idr, next);
	up_write(&ids->rwsem);
}

/* ipc: make what System V calls had made; nobody else runs yet. */
int ow_cmd_ipc(char *args)
{
	struct ipc_ids *ids = &init_ipc_ns.ids[IPC_SHM_IDS];
	struct ow_segments s = { };
	int err;

	if (!ow_is_crash_kernel())
		return -EINVAL;
	err = ow_walk_xarray(&ids->ipcs_idr.idr_rt, OW_MAX_SEGMENTS,
			     ow_visit_segment, &s);
	ow_go_on_counting(ids);
	if (s.made || s.lost || err)
		ow_mark("ipc segments=%u lost=%u err=%d", s.made, s.lost, err);
	return err;
}

void ow_forget_segments(void)
{
	otherworld_shm_tidy();
}
