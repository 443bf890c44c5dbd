// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calling a crash procedure. It is entered as a signal handler is: a frame on
 * its stack holds the registers at which the process was interrupted, so that
 * its return leads there, and so that the next death finds the frame in the
 * memory of the process like everything else. All signals wait meanwhile, and
 * so do the other threads unless it wants them to run.
 */
#include <linux/fdtable.h>
#include <linux/mutex.h>
#include <linux/rseq.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <asm/fpu/signal.h>
#include <asm/sigframe.h>
#include <asm/unistd.h>
#include <uapi/asm/ucontext.h>
#include <uapi/linux/close_range.h>

#include "procedure.h"

#define OW_RED_ZONE		128	/* below the stack pointer, of a leaf */
#define OW_FIRST_DESCRIPTOR	3	/* that a restart closes */

static LIST_HEAD(ow_runs);
static DEFINE_MUTEX(ow_runs_lock);
static DECLARE_WAIT_QUEUE_HEAD(ow_over);

static void ow_limit_reached(struct work_struct *work);

static struct ow_run *ow_run_of(pid_t tgid)
{
	struct ow_run *run;

	list_for_each_entry(run, &ow_runs, list)
		if (run->tgid == tgid)
			return run;
	return NULL;
}

static void ow_forget_run(struct ow_run *run)
{
	mutex_lock(&ow_runs_lock);
	list_del(&run->list);
	mutex_unlock(&ow_runs_lock);
	wake_up_all(&ow_over);
	put_pid(run->pid);
	kfree(run);
}

static void ow_report_run(const struct ow_run *run, const char *outcome)
{
	ow_mark("procedure pid=%d comm=%s outcome=%s losses=%#llx", run->tgid,
		run->comm, outcome, run->losses);
}

/* --- what is lost, while the process is judged and becomes --- */

void ow_plan_procedure(struct ow_dead *d)
{
	struct ow_run *run = kzalloc(sizeof(*run), GFP_KERNEL);

	if (!run || !ow_dead_procedure(d, &run->copy)) {
		kfree(run);
		return;
	}
	run->tgid = d->proc->pid;
	run->tid = run->tgid;
	run->losses = run->copy.losses;
	strscpy(run->comm, d->proc->comm, sizeof(run->comm));
	INIT_DELAYED_WORK(&run->limit, ow_limit_reached);
	mutex_lock(&ow_runs_lock);
	list_add(&run->list, &ow_runs);
	mutex_unlock(&ow_runs_lock);
	d->run = run;
}

void ow_drop_procedure(pid_t tgid)
{
	struct ow_run *run;

	mutex_lock(&ow_runs_lock);
	run = ow_run_of(tgid);
	mutex_unlock(&ow_runs_lock);
	if (run)
		ow_forget_run(run);
}

bool ow_may_lose(struct ow_dead *d, u64 loss)
{
	if (d->run)
		d->run->losses |= loss;
	return d->run;
}

void ow_degraded(pid_t pid, u64 loss, const char *what, ...)
{
	struct ow_run *run;
	char text[64];
	va_list args;

	va_start(args, what);
	vscnprintf(text, sizeof(text), what, args);
	va_end(args);
	ow_mark("degraded pid=%d what=%s", pid, text);
	mutex_lock(&ow_runs_lock);
	run = ow_run_of(pid) ?: ow_run_of(current->tgid);
	if (run)
		run->losses |= loss;
	mutex_unlock(&ow_runs_lock);
}

/* A half-made program, or moved memory, is nothing to go on with. */
bool ow_may_lose_call(struct ow_dead *d)
{
	switch (d->regs.orig_ax) {
	case __NR_execve:
	case __NR_execveat:
	case __NR_mremap:
	case __NR_otherworld:
		return false;
	}
	if (!ow_may_lose(d, OW_LOST_CALL))
		return false;
	d->call.outcome = OW_RETURN;
	d->call.value = -EINTR;
	d->call.rest.nr_puts = 0;
	return true;
}

void ow_run_thread(struct ow_dead *leader, struct ow_dead *t)
{
	t->run = leader->run;
	if (t->run && t->run->copy.tid == t->task->pid)
		t->run->tid = t->task->pid;
}

/* Before the gate: the next death must not find the process without it. */
void ow_become_procedure(struct ow_dead *d)
{
	struct ow_run *run = d->run;

	if (!run)
		return;
	run->copy.tid = run->tid;
	run->copy.losses = run->losses;
	run->pid = get_pid(task_tgid(current));
	run->entry = ow_keep_procedure(&run->copy);
	if (run->entry)
		return;
	d->run = NULL;
	ow_report_run(run, "no-memory");
	ow_forget_run(run);
}

/* --- the frame --- */

/* As if no handler ran: the interrupted call is made again, or goes on. */
static void ow_finish_call(struct ow_run *run, struct pt_regs *regs)
{
	if ((long)regs->orig_ax < 0)
		return;
	switch ((long)regs->ax) {
	case -ERESTART_RESTARTBLOCK:
		run->block = current->restart_block;
		run->sleeping = true;
		regs->ax = __NR_restart_syscall;
		regs->ip -= 2;
		break;
	case -ERESTARTNOHAND:
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
		regs->ax = regs->orig_ax;
		regs->ip -= 2;
		break;
	}
	regs->orig_ax = -1;
}

static void ow_fill_frame(struct rt_sigframe *frame, const struct pt_regs *regs,
			  void __user *fpstate, u64 restorer)
{
	struct ucontext *uc = &frame->uc;

	frame->pretcode = (char __user *)restorer;
	uc->uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (cpu_feature_enabled(X86_FEATURE_XSAVE))
		uc->uc_flags |= UC_FP_XSTATE;
	uc->uc_stack.ss_sp = (void __user *)current->sas_ss_sp;
	uc->uc_stack.ss_size = current->sas_ss_size;
	uc->uc_stack.ss_flags = current->sas_ss_size ? current->sas_ss_flags :
						       SS_DISABLE;
	uc->uc_mcontext = (struct sigcontext_64) {
		.r8 = regs->r8, .r9 = regs->r9, .r10 = regs->r10,
		.r11 = regs->r11, .r12 = regs->r12, .r13 = regs->r13,
		.r14 = regs->r14, .r15 = regs->r15, .di = regs->di,
		.si = regs->si, .bp = regs->bp, .bx = regs->bx,
		.dx = regs->dx, .ax = regs->ax, .cx = regs->cx,
		.sp = regs->sp, .ip = regs->ip, .flags = regs->flags,
		.cs = regs->cs, .ss = regs->ss,
		.fpstate = (u64)fpstate,
	};
	uc->uc_sigmask = *sigmask_to_save();
}

/* Where the frame begins, NULL if its stack does not take it. */
static struct rt_sigframe __user *ow_push_frame(struct ow_run *run,
						struct pt_regs *regs)
{
	const struct ow_registration *asked = &run->copy.asked;
	unsigned long sp, fpstate, buf_fx, size;
	struct rt_sigframe frame = { };

	sp = asked->stack ? asked->stack + asked->stack_size :
			    regs->sp - OW_RED_ZONE;
	fpstate = fpu__alloc_mathframe(sp, 0, &buf_fx, &size);
	/* At the entry of a function the stack is 8 off its alignment. */
	sp = round_down(fpstate - sizeof(frame), 16) - sizeof(long);
	if (asked->stack && sp < asked->stack)
		return NULL;
	if (!copy_fpstate_to_sigframe((void __user *)fpstate,
				      (void __user *)buf_fx, size))
		return NULL;
	ow_fill_frame(&frame, regs, (void __user *)fpstate, asked->restorer);
	if (copy_to_user((void __user *)sp, &frame, sizeof(frame)))
		return NULL;
	return (struct rt_sigframe __user *)sp;
}

static void ow_block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	clear_restore_sigmask();
	set_current_blocked(&all);
}

static int ow_enter(struct ow_run *run)
{
	struct pt_regs *regs = current_pt_regs();
	struct ksignal none = { };
	struct rt_sigframe __user *frame;

	rseq_signal_deliver(&none, regs);
	ow_finish_call(run, regs);
	frame = ow_push_frame(run, regs);
	if (!frame)
		return -EFAULT;
	ow_block_signals();
	run->entry->losses = run->losses;
	run->entry->frame = (u64)frame;
	regs->di = run->losses;
	regs->si = run->copy.asked.argument;
	regs->dx = (unsigned long)&frame->uc;
	regs->ax = 0;
	regs->ip = run->copy.asked.function;
	regs->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
	/* What says that it runs: last. */
	barrier();
	regs->sp = (unsigned long)frame;
	fpu__clear_user_states(&current->thread.fpu);
	return 0;
}

/* Did the death come while it ran, up to the call that ends it? */
static bool ow_is_inside(const struct ow_run *run, unsigned long sp)
{
	const struct ow_procedure *p = &run->copy;

	return p->frame && sp <= p->frame + sizeof(long) &&
	       sp >= p->asked.stack;
}

/* --- in the process, behind the gate --- */

static bool ow_is_held(void)
{
	struct ow_run *run;
	bool held;

	mutex_lock(&ow_runs_lock);
	run = ow_run_of(current->tgid);
	held = run && !(run->copy.asked.flags & OW_PROCEDURE_OTHERS_RUN);
	mutex_unlock(&ow_runs_lock);
	return held;
}

static void ow_start_run(struct ow_run *run)
{
	bool inside = ow_is_inside(run, current_pt_regs()->sp);

	if (!inside && !run->losses &&
	    run->copy.asked.flags & OW_PROCEDURE_IF_LOST) {
		ow_report_run(run, "not-needed");
		return ow_forget_run(run);
	}
	if (!inside && ow_enter(run)) {
		ow_report_run(run, "bad-stack");
		if (run->losses)
			send_sig(SIGKILL, current, 1);
		return ow_forget_run(run);
	}
	run->called = true;
	ow_report_run(run, inside ? "continues" : "called");
	schedule_delayed_work(&run->limit,
			      msecs_to_jiffies(run->copy.asked.limit_ms));
}

void ow_call_procedure(struct ow_dead *d)
{
	struct ow_run *run;

	mutex_lock(&ow_runs_lock);
	run = ow_run_of(current->tgid);
	mutex_unlock(&ow_runs_lock);
	if (!run)
		return;
	if (run->tid != current->pid)
		wait_event_killable(ow_over, !ow_is_held());
	else if (d->call.outcome == OW_EXIT)
		ow_forget_run(run);
	else
		ow_start_run(run);
}

static void ow_limit_reached(struct work_struct *work)
{
	struct ow_run *run = container_of(to_delayed_work(work), struct ow_run,
					  limit);
	struct task_struct *task;
	bool ended;

	mutex_lock(&ow_runs_lock);
	ended = run->ended;
	run->ended = true;
	mutex_unlock(&ow_runs_lock);
	if (ended)
		return;
	task = get_pid_task(run->pid, PIDTYPE_TGID);
	ow_report_run(run, task && !task->exit_state ? "timeout" : "died");
	if (task)
		put_task_struct(task);
	kill_pid(run->pid, SIGKILL, 1);
	ow_forget_run(run);
}

long ow_told_losses(void)
{
	long losses = -EINVAL;
	struct ow_run *run;

	mutex_lock(&ow_runs_lock);
	run = ow_run_of(current->tgid);
	if (run && run->called && !run->ended)
		losses = run->losses;
	mutex_unlock(&ow_runs_lock);
	return losses;
}

/* --- its end --- */

/* Nothing of the old program is left but its number and its terminal. */
static long ow_restart(struct ow_run *run)
{
	const struct ow_registration *asked = &run->copy.asked;
	struct pt_regs args = {
		.di = asked->path, .si = asked->argv, .dx = asked->envp,
	};
	sigset_t none;
	long err = -EINVAL;

	sigemptyset(&none);
	__close_range(OW_FIRST_DESCRIPTOR, ~0U, CLOSE_RANGE_CLOEXEC);
	set_current_blocked(&none);
	if (asked->path)
		err = __x64_sys_execve(&args);
	ow_report_run(run, err ? "restart-failed" : "restarted");
	ow_forget_run(run);
	if (err)
		do_group_exit(SIGKILL);
	return 0;
}

static long ow_continue(struct ow_run *run)
{
	struct restart_block block = run->block;
	bool sleeping = run->sleeping;
	long ret;

	run->entry->frame = 0;
	run->entry->losses = 0;
	ow_report_run(run, "continued");
	ow_forget_run(run);
	ret = __x64_sys_rt_sigreturn(current_pt_regs());
	if (sleeping)
		current->restart_block = block;
	return ret;
}

/* The run that the calling thread is to end; NULL if there is none. */
static struct ow_run *ow_claim_run(void)
{
	unsigned long frame = current_pt_regs()->sp - sizeof(long);
	struct ow_run *run;

	mutex_lock(&ow_runs_lock);
	run = ow_run_of(current->tgid);
	if (run && (!run->called || run->ended || run->tid != current->pid ||
		    run->entry->frame != frame))
		run = NULL;
	if (run)
		run->ended = true;
	mutex_unlock(&ow_runs_lock);
	return run;
}

long ow_end_procedure(unsigned long answer)
{
	struct ow_run *run;

	if (answer > OW_ANSWER_RESTART)
		return -EINVAL;
	run = ow_claim_run();
	if (!run)
		return -EINVAL;
	cancel_delayed_work_sync(&run->limit);
	return answer == OW_ANSWER_RESTART ? ow_restart(run) : ow_continue(run);
}
