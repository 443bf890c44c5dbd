// SPDX-License-Identifier: GPL-2.0-only
/* What the rules ask about the dead process: memory, files, children. */
#include <linux/errno.h>
#include <linux/fdtable.h>
#include <linux/slab.h>

#include "syscalls.h"

static int ow_visit_user(unsigned long addr, pte_t pte, void *arg)
{
	unsigned long *pfn = arg;

	if (!pte_present(pte))
		return -ENOENT;
	*pfn = pte_pfn(pte);
	return 0;
}

bool ow_read_user(struct ow_dead *d, void *dst, unsigned long addr, size_t len)
{
	while (len) {
		size_t part = min_t(size_t, len,
				    PAGE_SIZE - offset_in_page(addr));
		unsigned long page = addr & PAGE_MASK, pfn = 0;

		if (page >= TASK_SIZE_MAX ||
		    ow_walk_ptes(d->mm.pgd, page, page + PAGE_SIZE,
				 ow_visit_user, &pfn) || !pfn ||
		    !ow_read(dst, __va(PFN_PHYS(pfn)) + offset_in_page(addr),
			     part))
			return false;
		dst += part;
		addr += part;
		len -= part;
	}
	return true;
}

bool ow_load_call(struct ow_dead *d)
{
	const struct pt_regs *top = d->task->stack + THREAD_SIZE;

	return ow_get(d->regs, top - 1) && (long)d->regs.ax == -ENOSYS;
}

const struct file *ow_dead_fd(struct ow_dead *d, unsigned long fd)
{
	struct fdtable *fdt, table;
	struct file *file;

	if (!ow_get(fdt, &d->task->files->fdt) || !ow_get(table, fdt) ||
	    fd >= table.max_fds || !ow_get(file, &table.fd[fd]))
		return NULL;
	return file;
}

bool ow_search_stack(struct ow_dead *d, void *object, size_t size,
		     bool (*is)(const struct ow_dead *d, const void *object,
				void *arg), void *arg)
{
	u8 *stack = kmalloc(THREAD_SIZE, GFP_KERNEL);
	bool found = false;
	size_t at;

	if (stack && ow_read(stack, d->task->stack, THREAD_SIZE))
		for (at = 0; !found && at <= THREAD_SIZE - size;
		     at += sizeof(long)) {
			memcpy(object, stack + at, size);
			found = is(d, object, arg);
		}
	kfree(stack);
	return found;
}

struct ow_unborn {
	pid_t parent, child;
	unsigned long stack;
};

static int ow_find_unborn(const struct ow_process *p, void *arg)
{
	struct ow_unborn *u = arg;
	unsigned long voluntary, involuntary, vfork_done;

	if (p->ppid != u->parent || p->exit_state ||
	    !ow_get(vfork_done, (unsigned long *)&p->dead->vfork_done) ||
	    !ow_get(voluntary, &p->dead->nvcsw) ||
	    !ow_get(involuntary, &p->dead->nivcsw))
		return 0;
	/* The one vfork() waits for, or the last one that never ran. */
	if (vfork_done - u->stack < THREAD_SIZE || p->state & TASK_NEW ||
	    voluntary + involuntary == 0)
		u->child = p->pid;
	return 0;
}

pid_t ow_unborn_child(struct ow_dead *d)
{
	struct ow_unborn u = {
		.parent = d->proc->pid,
		.stack = (unsigned long)d->task->stack,
	};

	ow_visit_processes(ow_find_unborn, &u);
	return u.child;
}
