// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protected mode: the registers of user mode are there twice.
 *
 * They lie at the top of the task's kernel stack, and nowhere else: the way in
 * clears what it has pushed. A copy into a buffer of that stack that is too long
 * runs over them, and most kernels that copy too much do. So they are copied to
 * the task itself when it comes into the kernel. They are good until it is on
 * its way out, where signals and restarted calls change them.
 *
 * The sum tells whether the copy is whole, and whose it is: a child begins with
 * its parent's, which is not its own.
 */
#include <linux/compiler.h>
#include <linux/otherworld_registers.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

static __always_inline unsigned long ow_sum(const struct pt_regs *r,
					    const struct task_struct *task)
{
	return (unsigned long)task + r->r15 + r->r14 + r->r13 + r->r12 + r->bp +
	       r->bx + r->r11 + r->r10 + r->r9 + r->r8 + r->ax + r->cx + r->dx +
	       r->si + r->di + r->orig_ax + r->ip + r->cs + r->flags + r->sp +
	       r->ss;
}

void otherworld_keep_registers(const struct pt_regs *regs)
{
	struct otherworld_registers *kept = &current->otherworld_registers;

	/* A tracer may change them at any stop. */
	if (unlikely(current->ptrace))
		return;
	kept->regs = *regs;
	/* An NMI in between is to find nothing. */
	barrier();
	kept->sum = ow_sum(regs, current);
}

const struct pt_regs *otherworld_kept_registers(const struct task_struct *copy,
						const struct task_struct *task)
{
	const struct otherworld_registers *kept = &copy->otherworld_registers;

	return kept->sum && kept->sum == ow_sum(&kept->regs, task) ?
	       &kept->regs : NULL;
}
