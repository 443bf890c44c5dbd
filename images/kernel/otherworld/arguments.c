// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses that a process has given to the call it is in. They stand in its
 * registers of user mode, from where they are taken when the call is issued
 * again, and in frames of the functions that were to use them. One that leads
 * nowhere, and would lead to an area of the process but for one bit, as it
 * stands in these frames, is damaged.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/sched/task_stack.h>
#include <asm/unistd.h>

#include "syscalls.h"

/* The parameters of a system call. */
#define OW_DI	BIT(0)
#define OW_SI	BIT(1)
#define OW_DX	BIT(2)
#define OW_R10	BIT(3)
#define OW_R8	BIT(4)
#define OW_R9	BIT(5)

/* Those that are addresses, of calls that may last. */
static const u8 ow_addresses[] = {
	[__NR_read] = OW_SI, [__NR_write] = OW_SI,
	[__NR_readv] = OW_SI, [__NR_writev] = OW_SI,
	[__NR_poll] = OW_DI, [__NR_ppoll] = OW_DI | OW_DX | OW_R10,
	[__NR_select] = OW_SI | OW_DX | OW_R10 | OW_R8,
	[__NR_pselect6] = OW_SI | OW_DX | OW_R10 | OW_R8 | OW_R9,
	[__NR_epoll_wait] = OW_SI, [__NR_epoll_pwait] = OW_SI | OW_R8,
	[__NR_accept] = OW_SI | OW_DX, [__NR_accept4] = OW_SI | OW_DX,
	[__NR_connect] = OW_SI,
	[__NR_recvfrom] = OW_SI | OW_R8 | OW_R9,
	[__NR_sendto] = OW_SI | OW_R8,
	[__NR_recvmsg] = OW_SI, [__NR_sendmsg] = OW_SI,
	[__NR_wait4] = OW_SI | OW_R10, [__NR_waitid] = OW_DX | OW_R8,
	[__NR_futex] = OW_DI,
	[__NR_msgrcv] = OW_SI, [__NR_msgsnd] = OW_SI,
	[__NR_semop] = OW_SI, [__NR_semtimedop] = OW_SI | OW_R10,
	[__NR_rt_sigtimedwait] = OW_DI | OW_SI | OW_DX,
};

static bool ow_is_in_area(const struct ow_dead *d, unsigned long address)
{
	unsigned int i;

	for (i = 0; i < d->nr_vmas; i++)
		if (address >= d->vmas[i].start && address < d->vmas[i].end)
			return true;
	return false;
}

/* What is not @wrong but for one bit; 0 if there is none, or more than one. */
static unsigned long ow_right_address(const struct ow_dead *d,
				      unsigned long wrong)
{
	unsigned long end = (unsigned long)d->task->stack + THREAD_SIZE -
			    sizeof(struct pt_regs);
	unsigned long at, word, found = 0;
	unsigned int i;

	for (i = 0; i < d->nr_calls; i++) {
		const struct ow_frame *frame = &d->frames[i];

		if (ow_ip_in(d->calls[i], "do_syscall_64"))
			break;
		if (!frame->low || frame->high > end ||
		    frame->high - frame->low > THREAD_SIZE)
			continue;
		for (at = frame->low; at < frame->high; at += sizeof(word)) {
			if (!ow_get(word, (unsigned long *)at) ||
			    word == found || hweight_long(word ^ wrong) != 1 ||
			    !ow_is_in_area(d, word))
				continue;
			if (found)
				return 0;
			found = word;
		}
	}
	return found;
}

void ow_mend_addresses(struct ow_dead *d)
{
	struct pt_regs *regs = &d->regs;
	unsigned long *const given[] = { &regs->di, &regs->si, &regs->dx,
					 &regs->r10, &regs->r8, &regs->r9 };
	unsigned long right;
	unsigned int i;

	if (regs->orig_ax >= ARRAY_SIZE(ow_addresses) || d->task->ptrace ||
	    !ow_in_function(d, "do_syscall_64"))
		return;
	for (i = 0; i < ARRAY_SIZE(given); i++) {
		if (!(ow_addresses[regs->orig_ax] & BIT(i)) || !*given[i] ||
		    ow_is_in_area(d, *given[i]))
			continue;
		right = ow_right_address(d, *given[i]);
		if (right)
			*given[i] = right;
	}
}
