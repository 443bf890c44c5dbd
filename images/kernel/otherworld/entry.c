// SPDX-License-Identifier: GPL-2.0-only
/*
 * A death in the entry or exit code of the kernel. Everywhere else the user's
 * registers lie complete at the top of the task's stack. Here that copy may
 * be an old one, or half of one: what has been pushed, or not been popped,
 * is on a stack; the rest is still, or again, in the processor.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <asm/cpu_entry_area.h>

#include "syscalls.h"

/* From entry_SYSCALL_64_after_hwframe the pushes are this long (calling.h). */
#define OW_PUSHES	32

/* Registers that one push each saves, lowest first. */
#define OW_PUSHED	(offsetof(struct pt_regs, ip) / sizeof(long))

/* Pushed or not popped yet: memory at @at. Otherwise the processor's own. */
static const char *ow_merge(struct ow_dead *d, const struct pt_regs *now,
			    unsigned long base, unsigned long at)
{
	unsigned long *to = (unsigned long *)&d->regs;
	const unsigned long *own = (const unsigned long *)now;
	unsigned int i;

	/* Without the hardware's part there is nowhere to go back to. */
	if (now->sp > base + offsetof(struct pt_regs, ip) ||
	    !ow_get(d->regs, (struct pt_regs *)at))
		return "entry";
	for (i = 0; i < OW_PUSHED; i++)
		if (base + i * sizeof(long) < now->sp)
			to[i] = own[i];
	return NULL;
}

static const char *ow_exception_entry(struct ow_dead *d,
				      const struct pt_regs *now,
				      unsigned long top)
{
	unsigned long offset = sizeof(struct pt_regs);
	const char *reason = ow_merge(d, now, top - offset,
				      kallsyms_lookup_name("entry_stack_storage") +
				      sizeof(struct entry_stack) - offset);

	/* error_entry() moves its return address out of the way of RDI. */
	if (!reason && core_kernel_text(d->regs.di))
		d->regs.di = now->di;
	d->regs.orig_ax = -1;
	return reason;
}

static const char *ow_syscall_entry(struct ow_dead *d,
				    const struct pt_regs *now,
				    unsigned long base)
{
	const char *reason = ow_merge(d, now, base, base);

	if (now->sp > base + offsetof(struct pt_regs, orig_ax))
		d->regs.orig_ax = now->ax;
	/* What the pushes come to: a call that has not begun. */
	d->regs.ax = -ENOSYS;
	return reason;
}

const char *ow_judge_entry(struct ow_dead *d)
{
	const struct ow_record *record = ow_dead_record();
	unsigned long area = (unsigned long)cpu_entry_stack(0);
	unsigned long top = (unsigned long)d->task->stack + THREAD_SIZE;
	unsigned long base = top - sizeof(struct pt_regs);
	unsigned long pushes = kallsyms_lookup_name("entry_SYSCALL_64_after_hwframe");
	const struct pt_regs *now;

	if (!d->was_current || !record)
		return NULL;
	now = &record->regs;
	if (ow_ip_in(now->ip, "entry_SYSCALL_64") ||
	    ow_ip_in(now->ip, "entry_SYSCALL_64_safe_stack"))
		return "entry";
	if (now->sp > area && now->sp <= area + sizeof(struct entry_stack)) {
		/* On the way out only copies lie there. */
		if (ow_ip_in(now->ip, "entry_SYSCALL_64_after_hwframe") ||
		    ow_ip_in(now->ip, "swapgs_restore_regs_and_return_to_usermode") ||
		    ow_ip_in(now->ip, "native_irq_return_iret"))
			return NULL;
		return ow_exception_entry(d, now, area + sizeof(struct entry_stack));
	}
	if (now->sp <= base || now->sp > top)
		return NULL;
	return now->ip - pushes < OW_PUSHES ? ow_syscall_entry(d, now, base) :
					      ow_merge(d, now, base, base);
}
