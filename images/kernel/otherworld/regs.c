// SPDX-License-Identifier: GPL-2.0-only
/* The processor state of a process: user registers, segments, FPU. */
#include <linux/kallsyms.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <asm/cpu_entry_area.h>
#include <asm/fpu/api.h>
#include <asm/fpu/signal.h>
#include <asm/fpu/types.h>
#include <asm/fpu/xcr.h>
#include <asm/fpu/xstate.h>
#include <asm/prctl.h>
#include <asm/proto.h>
#include <asm/ptrace.h>
#include <asm/sigframe.h>
#include <asm/unistd.h>
#include <../arch/x86/kernel/fpu/legacy.h>

#include "course.h"
#include "syscalls.h"

/* What user mode can have set itself. */
#define OW_USER_FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | \
			 X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_TF | \
			 X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_NT | \
			 X86_EFLAGS_RF | X86_EFLAGS_AC | X86_EFLAGS_ID)

/*
 * A double fault from where the user's base of GS was in place puts another
 * over it, and keeps it in RBX (paranoid_entry), which its handler saves.
 */
static bool ow_double_fault_gs(unsigned long *gs)
{
	struct cpu_entry_area *area = get_cpu_entry_area(0);
	unsigned long regs = CEA_ESTACK_TOP(&area->estacks, DF) -
			     sizeof(struct pt_regs);
	unsigned long called = regs - sizeof(long), ret;

	return ow_get(ret, (unsigned long *)called) &&
	       ow_ip_in(ret, "asm_exc_double_fault") &&
	       ow_saved_register(ow_symbol("exc_double_fault"),
				 called - sizeof(long), OW_RBX, gs) &&
	       *gs < TASK_SIZE_MAX;
}

/*
 * In __switch_to(): behind the instruction that loads the next task's base of
 * FS? Its own bases have been put away before that.
 */
static bool ow_has_next_bases(unsigned long ip)
{
	unsigned long size, offset;
	const u8 *at, *end = (const u8 *)ip;

	if (!ip || !kallsyms_lookup_size_offset(ip - 1, &size, &offset))
		return false;
	/* WRFSBASE of 64 bits */
	for (at = end - 1 - offset; at + 5 <= end; at++)
		if (at[0] == 0xf3 && (at[1] & 0xf8) == 0x48 && at[2] == 0x0f &&
		    at[3] == 0xae && (at[4] & 0xf8) == 0xd0)
			return true;
	return false;
}

/*
 * Of the task that ran, parts were in the processor only. What the crash path
 * did not get hold of is lost; what was saved when it last slept is old.
 */
static const char *ow_judge_running(struct ow_dead *d)
{
	const struct ow_record *record = ow_dead_record();
	struct thread_struct *t = &d->task->thread;

	if (!record->fpu_saved && !test_tsk_thread_flag(d->task, TIF_NEED_FPU_LOAD))
		return "fpu";
	if (ow_has_next_bases(d->switching))
		return NULL;
	t->fsbase = record->fs_base;
	if (record->gs_known)
		t->gsbase = record->gs_base;
	else if (!ow_double_fault_gs(&t->gsbase))
		return "entry";
	return NULL;
}

/* A handler finds what it is told of on the stack; a call that is issued again
 * finds the registers that it had.
 */
static bool ow_enters_handler(const struct pt_regs *regs)
{
	return regs->dx - regs->sp == offsetof(struct rt_sigframe, uc) &&
	       regs->si - regs->sp == offsetof(struct rt_sigframe, info);
}

/*
 * A signal that was being delivered, or a call that was being issued again: between
 * the first and the last change to the registers they are neither those of
 * before nor those of behind.
 */
static void ow_judge_handler(struct ow_dead *d)
{
	const struct pt_regs *regs = &d->regs;
	struct pt_regs kernel;

	if (d->was_current && ow_stood(d, &kernel) &&
	    ow_ip_in(kernel.ip, "arch_do_signal_or_restart") &&
	    ow_finish_registers(d, &d->regs))
		d->fresh_fpu = ow_enters_handler(regs);
}

const char *ow_judge_regs(struct ow_dead *d)
{
	const struct pt_regs *top = d->task->stack + THREAD_SIZE;
	struct pt_regs *regs = &d->regs;
	const char *reason;

	if (d->gone) {
		regs->orig_ax = __NR_exit;
		return NULL;
	}
	if (!IS_ALIGNED((unsigned long)d->task->stack, THREAD_SIZE) ||
	    !ow_get(*regs, top - 1))
		return "damaged-stack";
	reason = ow_judge_entry(d);
	if (!reason && (d->was_current || d->switching))
		reason = ow_judge_running(d);
	if (!reason)
		ow_judge_handler(d);
	if (reason)
		return reason;
	if (regs->cs != __USER_CS || regs->ss != __USER_DS)
		return "damaged-registers";
	if (regs->ip >= TASK_SIZE_MAX || !(regs->flags & X86_EFLAGS_IF))
		return "damaged-registers";
	return NULL;
}

/* Nothing the processor would refuse to load may reach it. */
static bool ow_xstate_sane(const struct fpstate *new, union fpregs_state *regs)
{
	const struct xstate_header *hdr = &regs->xsave.header;
	int i;

	regs->fxsave.mxcsr &= mxcsr_feature_mask;
	if (!cpu_feature_enabled(X86_FEATURE_XSAVE))
		return true;
	if (hdr->xfeatures & ~new->xfeatures)
		return false;
	if (hdr->xcomp_bv && (hdr->xcomp_bv & ~XCOMP_BV_COMPACTED_FORMAT) !=
			     new->xfeatures)
		return false;
	if (!hdr->xcomp_bv != !new->regs.xsave.header.xcomp_bv)
		return false;
	for (i = 0; i < ARRAY_SIZE(hdr->reserved); i++)
		if (hdr->reserved[i])
			return false;
	return true;
}

static int ow_become_fpu(struct ow_dead *d)
{
	const struct fpu *dead = &d->va->thread.fpu;
	struct fpu *fpu = &current->thread.fpu;
	struct fpstate *new = fpu->fpstate;
	union fpregs_state *regs;
	int err = -EUCLEAN;

	if (d->task->thread.fpu.fpstate != &dead->__fpstate ||
	    d->task->thread.fpu.__fpstate.size != new->size)
		return -EUCLEAN;
	regs = kvzalloc(new->size, GFP_KERNEL);
	if (!regs)
		return -ENOMEM;
	if (ow_read(regs, &dead->__fpstate.regs, new->size) &&
	    ow_xstate_sane(new, regs)) {
		fpregs_lock();
		memcpy(&new->regs, regs, new->size);
		set_thread_flag(TIF_NEED_FPU_LOAD);
		fpu->last_cpu = -1;
		fpregs_unlock();
		err = 0;
	}
	kvfree(regs);
	return err;
}

int ow_become_regs(struct ow_dead *d)
{
	const struct thread_struct *t = &d->task->thread;
	struct pt_regs *regs = current_pt_regs();
	int err;

	/* It ends before it comes to user mode. */
	if (d->gone)
		return 0;
	err = ow_become_fpu(d);
	if (err)
		return err;
	if (d->fresh_fpu)
		fpu__clear_user_states(&current->thread.fpu);
	err = do_arch_prctl_64(current, ARCH_SET_FS, t->fsbase);
	if (!err)
		err = do_arch_prctl_64(current, ARCH_SET_GS, t->gsbase);
	if (err)
		return err;
	memcpy(current->thread.tls_array, t->tls_array, sizeof(t->tls_array));
	*regs = d->regs;
	regs->flags &= OW_USER_FLAGS;
	regs->flags |= X86_EFLAGS_IF | X86_EFLAGS_FIXED;

	current->set_child_tid = NULL;
	current->clear_child_tid = d->task->clear_child_tid;
	current->robust_list = d->task->robust_list;
#ifdef CONFIG_RSEQ
	current->rseq = d->task->rseq;
	current->rseq_sig = d->task->rseq_sig;
	if (current->rseq)
		rseq_set_notify_resume(current);
#endif
	return 0;
}
