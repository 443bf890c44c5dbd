/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Otherworld: the registers of user mode, kept where no copy to a stack of the
 * kernel reaches.
 */
#ifndef _LINUX_OTHERWORLD_REGISTERS_H
#define _LINUX_OTHERWORLD_REGISTERS_H

#include <asm/ptrace.h>

struct task_struct;

/* In each task. */
struct otherworld_registers {
	struct pt_regs regs;
	unsigned long sum;		/* of these and the task; 0: nothing is kept */
};

#ifdef CONFIG_OTHERWORLD_REGISTERS

/* The current task has entered the kernel from user mode, with @regs. */
void otherworld_keep_registers(const struct pt_regs *regs);

/* From here on they may change, on the way to user mode. */
#define otherworld_drop_registers() \
	WRITE_ONCE(current->otherworld_registers.sum, 0)

/* What @task, of which @copy is a copy, has kept; NULL if there is nothing, or
 * it is damaged.
 */
const struct pt_regs *otherworld_kept_registers(const struct task_struct *copy,
						const struct task_struct *task);

#else

static inline void otherworld_keep_registers(const struct pt_regs *regs) { }
static inline void otherworld_drop_registers(void) { }
static inline const struct pt_regs *
otherworld_kept_registers(const struct task_struct *copy,
			  const struct task_struct *task)
{
	return NULL;
}

#endif

#endif /* _LINUX_OTHERWORLD_REGISTERS_H */
