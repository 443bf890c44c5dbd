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
#include <asm/syscall.h>
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
 * An exception of its own stack that came where the user's base of GS was in
 * place puts another over it, and keeps it in RBX (paranoid_entry), which its
 * @handler saves. @frame: the registers that @stub has pushed.
 */
static bool ow_paranoid_gs(const char *stub, const char *handler,
			   unsigned long frame, unsigned long *gs)
{
	unsigned long called = frame - sizeof(long), ret;

	return ow_get(ret, (unsigned long *)called) && ow_ip_in(ret, stub) &&
	       ow_saved_register(ow_symbol(handler), called - sizeof(long),
				 OW_RBX, gs) &&
	       *gs < TASK_SIZE_MAX;
}

/*
 * What asm_exc_nmi, the end of which is end_repeat_nmi, keeps above the registers:
 * what the processor has pushed, RDX, whether an NMI is being handled, and one of
 * its two copies of the first.
 */
#define OW_NMI_WORDS	(5 + 1 + 1 + 5)

static bool ow_overwritten_gs(unsigned long *gs)
{
	struct cpu_entry_area *area = get_cpu_entry_area(0);
	unsigned long df = CEA_ESTACK_TOP(&area->estacks, DF);
	unsigned long nmi = CEA_ESTACK_TOP(&area->estacks, NMI) -
			    OW_NMI_WORDS * sizeof(long);

	if (ow_dead_record()->kind == OW_CRASH_NMI)
		return ow_paranoid_gs("end_repeat_nmi", "exc_nmi",
				      nmi - sizeof(struct pt_regs), gs);
	return ow_paranoid_gs("asm_exc_double_fault", "exc_double_fault",
			      df - sizeof(struct pt_regs), gs);
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
	else if (!ow_overwritten_gs(&t->gsbase))
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

/*
 * The number of the call a task is in, by where x64_sys_call() has called it;
 * -1 if it is in none, or that does not say.
 */
static int ow_called_number(struct ow_dead *d)
{
	unsigned long function = ow_target_of(d, "x64_sys_call");
	int nr, found = -1;

	for (nr = 0; function && nr < NR_syscalls; nr++) {
		if ((unsigned long)sys_call_table[nr] != function)
			continue;
		if (found >= 0)
			return -1;
		found = nr;
	}
	return found;
}

static bool ow_possible_flags(unsigned long flags)
{
	return flags & X86_EFLAGS_IF && flags & X86_EFLAGS_FIXED &&
	       !(flags & ~(OW_USER_FLAGS | X86_EFLAGS_IF | X86_EFLAGS_FIXED));
}

/* Is there a SYSCALL in front of @ip? */
static bool ow_behind_syscall(struct ow_dead *d, unsigned long ip)
{
	static const u8 syscall[] = { 0x0f, 0x05 };
	u8 at[sizeof(syscall)];

	return ip < TASK_SIZE_MAX &&
	       ow_read_user(d, at, ip - sizeof(at), sizeof(at)) &&
	       !memcmp(at, syscall, sizeof(at));
}

/*
 * While a call is in progress much of its register frame is known from
 * elsewhere: SYSCALL leaves RIP in RCX and RFLAGS in R11, entry code sets RAX
 * and the segments, and the chain of calls says which call it is. So damage
 * there is seen, and undone. Calls that make a frame of their own, and tracers,
 * may write others.
 */
static const char *ow_mend_frame(struct ow_dead *d)
{
	struct pt_regs *regs = &d->regs;
	int nr = ow_called_number(d);

	if (nr < 0 || nr == __NR_rt_sigreturn || nr == __NR_execve ||
	    nr == __NR_execveat || d->task->ptrace)
		return NULL;
	regs->orig_ax = nr;
	regs->ax = -ENOSYS;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	if (!ow_possible_flags(regs->flags))
		regs->flags = regs->r11;
	if (regs->ip == regs->cx)
		return NULL;
	if (ow_behind_syscall(d, regs->ip) == ow_behind_syscall(d, regs->cx))
		return "damaged-registers";
	if (!ow_behind_syscall(d, regs->ip))
		regs->ip = regs->cx;
	return NULL;
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
		reason = ow_mend_frame(d);
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
