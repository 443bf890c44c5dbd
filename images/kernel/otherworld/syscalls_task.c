// SPDX-License-Identifier: GPL-2.0-only
/* What the rules ask about the dead process: stack, memory, files, children. */
#include <linux/fdtable.h>
#include <linux/kallsyms.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <asm/processor.h>

#include "syscalls.h"

/* Lowest live word of the dead task's stack. */
static unsigned long ow_stack_pointer(struct ow_dead *d)
{
	unsigned long stack = (unsigned long)d->task->stack;
	const struct ow_record *record = ow_dead_record();
	unsigned long sp = d->task->thread.sp;

	if (d->was_current && record) {
		sp = record->regs.sp;
		/* On the interrupt stack: its top word leads back to ours. */
		if (sp - stack >= THREAD_SIZE) {
			unsigned long *top;

			if (!ow_get(top, &hardirq_stack_ptr) ||
			    !ow_get(sp, top))
				sp = stack;
		}
	}
	return sp - stack < THREAD_SIZE ? sp & ~7UL : stack;
}

bool ow_in_function(struct ow_dead *d, const char *fn)
{
	unsigned long start = kallsyms_lookup_name(fn), size = 0, offset;
	unsigned long top = (unsigned long)d->task->stack + THREAD_SIZE -
			    sizeof(struct pt_regs);
	unsigned long at, word;

	if (!start || !kallsyms_lookup_size_offset(start, &size, &offset))
		return false;
	for (at = ow_stack_pointer(d); at < top; at += sizeof(long))
		if (ow_get(word, (unsigned long *)at) && word > start &&
		    word < start + size)
			return true;
	return false;
}

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

const struct file *ow_dead_fd(struct ow_dead *d, unsigned long fd)
{
	struct fdtable *fdt, table;
	struct file *file;

	if (!ow_get(fdt, &d->task->files->fdt) || !ow_get(table, fdt) ||
	    fd >= table.max_fds || !ow_get(file, &table.fd[fd]))
		return NULL;
	return file;
}

struct ow_unborn {
	pid_t parent, child;
};

static int ow_find_unborn(const struct ow_process *p, void *arg)
{
	struct ow_unborn *u = arg;
	unsigned long voluntary, involuntary;

	if (p->ppid != u->parent || p->exit_state ||
	    !ow_get(voluntary, &p->dead->nvcsw) ||
	    !ow_get(involuntary, &p->dead->nivcsw))
		return 0;
	/* The last one, if several never ran. */
	if (p->state & TASK_NEW || voluntary + involuntary == 0)
		u->child = p->pid;
	return 0;
}

pid_t ow_unborn_child(struct ow_dead *d)
{
	struct ow_unborn u = { .parent = d->proc->pid };

	ow_for_each_process(ow_find_unborn, &u);
	return u.child;
}
