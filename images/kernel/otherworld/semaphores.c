// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V semaphores: their values, and what each process owes them when it
 * ends (SEM_UNDO).
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/ipc_namespace.h>
#include <linux/otherworld_ipc.h>
#include <linux/sem.h>
#include <linux/slab.h>
#include <../ipc/util.h>

#include "resurrect.h"

#define OW_MAX_SEMAPHORES	32000	/* SEMMSL */
#define OW_MAX_UNDOS		(1 << 15)
#define OW_MAX_SETS		(1 << 16)

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

/*
 * What a process owes stands in two lists, its own and that of each set. Either
 * is looked through before anything is taken from it: what is taken stays.
 */
struct ow_owed {
	const struct ow_undo_list *list;
	bool take;
	unsigned int own, others;	/* seen in the lists of sets */
};

static int ow_take_undo(const void *dead, struct ow_owed *owed, bool of_set)
{
	size_t size = otherworld_undo_size();
	void *copy = kmalloc(size, GFP_KERNEL);
	int err = -EUCLEAN;

	if (!copy)
		return -ENOMEM;
	if (!ow_read(copy, dead, size))
		goto out;
	if (otherworld_undo_owner(copy) == owed->list) {
		owed->own++;
		err = owed->take ? ow_add_undo(copy) : 0;
	} else if (of_set) {
		owed->others++;
		err = 0;
	}
out:
	kfree(copy);
	return err;
}

/* The link is its first member. */
static int ow_visit_own(struct list_head *node, void *owed)
{
	return ow_take_undo(node, owed, false);
}

static int ow_visit_of_set(struct list_head *node, void *owed)
{
	return ow_take_undo((void *)node - otherworld_undo_link(), owed, true);
}

static int ow_visit_set(unsigned long index, void *entry, unsigned int marks,
			void *owed)
{
	return ow_walk_list(entry + otherworld_sem_list(), OW_MAX_UNDOS,
			    ow_visit_of_set, owed);
}

static int ow_walk_own(struct ow_owed *owed)
{
	return ow_walk_list(&owed->list->list_proc, OW_MAX_UNDOS, ow_visit_own,
			    owed);
}

static int ow_walk_sets(struct ow_owed *owed)
{
	return ow_walk_xarray(&init_ipc_ns.ids[IPC_SEM_IDS].ipcs_idr.idr_rt,
			      OW_MAX_SETS, ow_visit_set, owed);
}

/*
 * The sets tell what is in a list that is damaged. When they know nothing of it
 * nobody may owe anything: the process might have had another list.
 */
static bool ow_sets_tell(struct ow_owed *owed)
{
	owed->own = 0;
	owed->others = 0;
	return !ow_walk_sets(owed) && (owed->own || !owed->others);
}

void ow_become_undo(struct ow_dead *d)
{
	struct ow_owed owed = { .list = (void *)d->task->sysvsem.undo_list };
	int (*walk)(struct ow_owed *owed) = ow_walk_own;
	bool lost = false;

	if (!owed.list)
		return;
	if (ow_walk_own(&owed)) {
		walk = ow_walk_sets;
		lost = !ow_sets_tell(&owed);
	}
	owed.take = true;
	if (lost || walk(&owed))
		ow_degraded(d->proc->pid, OW_LOST_IPC, "semaphore-undo");
}
