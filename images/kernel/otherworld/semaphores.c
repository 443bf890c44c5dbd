// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V semaphores: their values, and what each process owes them when it
 * ends (SEM_UNDO).
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/otherworld_ipc.h>
#include <linux/sem.h>
#include <linux/slab.h>

#include "resurrect.h"

#define OW_MAX_SEMAPHORES	32000	/* SEMMSL */
#define OW_MAX_UNDOS		(1 << 15)

/* As in ipc/sem.c. Threads share a list, mostly an empty one. */
struct ow_undo_list {
	refcount_t refcnt;
	spinlock_t lock;
	struct list_head list_proc;
};

int ow_make_semaphores(const void *dead)
{
	size_t size = otherworld_sem_size(0);
	void *copy = kmalloc(size, GFP_KERNEL);
	int count = 0, err = -EUCLEAN;

	if (!copy)
		return -ENOMEM;
	if (ow_read(copy, dead, size))
		count = otherworld_sem_count(copy);
	kfree(copy);
	if (count <= 0 || count > OW_MAX_SEMAPHORES)
		return -EUCLEAN;
	size = otherworld_sem_size(count);
	copy = kvmalloc(size, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	/* Their number again: it is what the copy was sized by. */
	if (ow_read(copy, dead, size) && otherworld_sem_count(copy) == count)
		err = otherworld_sem_add(copy);
	kvfree(copy);
	return err;
}

static int ow_add_undo(const void *copy)
{
	int id = otherworld_undo_id(copy), err = -EUCLEAN;
	int count = otherworld_undo_count(id);
	short *numbers;

	/* The set was removed, and is only not yet forgotten. */
	if (id < 0)
		return 0;
	if (count < 0)
		return count;
	numbers = kvmalloc_array(count, sizeof(*numbers), GFP_KERNEL);
	if (!numbers)
		return -ENOMEM;
	if (ow_read(numbers, otherworld_undo_numbers(copy),
		    count * sizeof(*numbers)))
		err = otherworld_undo_add(id, numbers, count);
	kvfree(numbers);
	return err;
}

static int ow_visit_undo(struct list_head *node, void *arg)
{
	size_t size = otherworld_undo_size();
	void *copy = kmalloc(size, GFP_KERNEL);
	int err = -EUCLEAN;

	if (!copy)
		return -ENOMEM;
	/* The link is its first member. */
	if (ow_read(copy, node, size))
		err = ow_add_undo(copy);
	kfree(copy);
	return err;
}

void ow_become_undo(struct ow_dead *d)
{
	const struct ow_undo_list *list = (void *)d->task->sysvsem.undo_list;

	if (list && ow_walk_list(&list->list_proc, OW_MAX_UNDOS, ow_visit_undo,
				 NULL))
		ow_degraded(d->proc->pid, OW_LOST_IPC, "semaphore-undo");
}
