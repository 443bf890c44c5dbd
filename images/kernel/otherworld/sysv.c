// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V objects are made again under their identifiers and keys before any
 * process is back, because they live without them. Here shared memory, which a
 * process attaches through an open file of its own kind.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ipc_namespace.h>
#include <linux/otherworld_ipc.h>
#include <linux/slab.h>
#include <../ipc/util.h>

#include "resurrect.h"

#define OW_MAX_OBJECTS	(1 << 16)

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

static int ow_make_segment(const void *entry)
{
	size_t size = otherworld_shm_size();
	struct file *dead = kmalloc(sizeof(*dead), GFP_KERNEL);
	void *copy = kmalloc(size, GFP_KERNEL);
	int err = -ENOMEM;

	if (dead && copy)
		err = ow_read(copy, entry, size) ? ow_add_segment(copy, dead) :
						   -EUCLEAN;
	kfree(copy);
	kfree(dead);
	return err;
}

struct ow_ipc {
	int (*make)(const void *dead);
	unsigned int made, lost;
};

static int ow_visit_ipc(unsigned long index, void *entry, unsigned int marks,
			void *arg)
{
	struct ow_ipc *ipc = arg;

	if (ipc->make(entry))
		ipc->lost++;
	else
		ipc->made++;
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

/* ipc: make what System V calls had made, and POSIX message queues; nobody
 * else runs yet.
 */
int ow_cmd_ipc(char *args)
{
	static int (*const makers[])(const void *dead) = {
		[IPC_SEM_IDS] = ow_make_semaphores,
		[IPC_MSG_IDS] = ow_make_queue,
		[IPC_SHM_IDS] = ow_make_segment,
	};
	struct ow_ipc ipc = { };
	int i, err = 0;

	if (!ow_is_crash_kernel())
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(makers); i++) {
		struct ipc_ids *ids = &init_ipc_ns.ids[i];

		ipc.make = makers[i];
		err = ow_walk_xarray(&ids->ipcs_idr.idr_rt, OW_MAX_OBJECTS,
				     ow_visit_ipc, &ipc) ?: err;
		ow_go_on_counting(ids);
	}
	err = ow_make_mqueues(&ipc.made, &ipc.lost) ?: err;
	if (ipc.made || ipc.lost || err)
		ow_mark("ipc made=%u lost=%u err=%d", ipc.made, ipc.lost, err);
	return err;
}

void ow_forget_segments(void)
{
	otherworld_shm_tidy();
}
