// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads. The leader judges all of them with itself, and clones them when it
 * has become the process; each then takes its own registers, signals and
 * credentials on its way to user mode, and waits at the gate like everybody.
 */
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <uapi/linux/sched.h>

#include "syscalls.h"

#define OW_MAX_THREADS	4096
#define OW_THREAD_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
			 CLONE_THREAD | CLONE_SYSVSEM | CLONE_UNTRACED)

/* --- judging --- */

/* Has it told user space of its end, so that nothing of it is missed? */
static int ow_thread_gone(const struct task_struct *dead)
{
	struct mm_struct *mm;
	unsigned int flags;
	int exit_state;

	if (!ow_get(exit_state, &dead->exit_state) ||
	    !ow_get(flags, &dead->flags) || !ow_get(mm, &dead->mm))
		return -EUCLEAN;
	return exit_state || (flags & PF_EXITING && !mm) ? 1 : 0;
}

static int ow_visit_living(struct list_head *node, void *arg)
{
	const struct task_struct *dead =
		container_of(node, struct task_struct, thread_node);
	const struct task_struct **found = arg, *leader;
	int gone = ow_thread_gone(dead);

	if (gone || !ow_get(leader, &dead->group_leader))
		return gone == 1 ? 0 : -EUCLEAN;
	if (dead == leader)
		return 0;
	*found = dead;
	return 1;
}

const struct task_struct *ow_living_thread(const struct task_struct *leader)
{
	const struct task_struct *found = NULL;
	const struct signal_struct *signal;

	if (ow_get(signal, &leader->signal))
		ow_walk_list(&signal->thread_head, OW_MAX_THREADS,
			     ow_visit_living, &found);
	return found;
}

static const char *ow_judge_thread(struct ow_dead *d, struct ow_dead *t)
{
	const char *reason;

	if (t->task->mm != d->task->mm || t->task->files != d->task->files ||
	    t->task->fs != d->task->fs || t->task->signal != d->task->signal ||
	    t->task->sighand != d->task->sighand)
		return "unshared-thread";
	t->inherited = d->task->seccomp;
	reason = ow_judge_task(t);
	if (!reason)
		reason = ow_judge_regs(t);
	if (reason)
		return reason;
	t->vmas = d->vmas;
	t->nr_vmas = d->nr_vmas;
	ow_judge_call(t);
	t->vmas = NULL;
	return t->call.outcome == OW_REFUSE && !ow_may_lose_call(t) ?
	       t->call.reason : NULL;
}

struct ow_muster {
	struct ow_dead *leader;
	struct ow_dead **end;		/* where the next one is linked */
	int seen;
};

static int ow_visit_thread(struct list_head *node, void *arg)
{
	const struct task_struct *dead =
		container_of(node, struct task_struct, thread_node);
	struct ow_muster *m = arg;
	struct ow_dead *d = m->leader, *t;
	int gone = ow_thread_gone(dead);

	m->seen++;
	if (gone || dead == d->va)
		return min(gone, 0);
	t = ow_load(d->proc, dead, &d->reason);
	if (!t)
		return -EUCLEAN;
	*m->end = t;
	m->end = &t->next_thread;
	d->nr_threads++;
	ow_run_thread(d, t);
	d->reason = ow_judge_thread(d, t);
	return d->reason ? -EOPNOTSUPP : 0;
}

const char *ow_judge_threads(struct ow_dead *d)
{
	const struct list_head *head = &d->task->signal->thread_head;
	struct ow_muster m = { .leader = d, .end = &d->next_thread };

	d->nr_threads = 1;
	if (d->signal.nr_threads == 1)
		return NULL;
	d->reason = "damaged-threads";
	if (ow_walk_list(head, OW_MAX_THREADS, ow_visit_thread, &m))
		return d->reason;
	return m.seen == d->signal.nr_threads ? NULL : "damaged-threads";
}

/* --- becoming --- */

static int ow_rebuild_thread(struct ow_dead *t)
{
	int err;

	ow_become_task(t);
	ow_become_own_signals(t);
	err = ow_become_seccomp(t);
	if (!err)
		err = ow_become_regs(t);
	return err ?: ow_become_creds(t);
}

static void ow_become_thread(struct callback_head *work)
{
	struct ow_dead *t = container_of(work, struct ow_dead, work);
	int err = ow_rebuild_thread(t);

	if (err) {
		ow_mark("not-resurrected pid=%d comm=%s reason=failed-thread err=%d",
			t->proc->pid, t->proc->comm, err);
		ow_drop_procedure(t->proc->pid);
		ow_unload(t);
		ow_settle();
		do_group_exit(SIGKILL);
	}
	ow_note_losses(t);
	ow_complete_name(t);
	ow_settle();
	ow_go_on(t);
}

/* In the new thread. What it returns to user mode with is set behind this. */
static int ow_thread(void *arg)
{
	struct ow_dead *t = arg;

	init_task_work(&t->work, ow_become_thread);
	return task_work_add(current, &t->work, TWA_RESUME);
}

/* Before any signal is pending: with one nothing can be cloned. */
int ow_become_threads(struct ow_dead *d)
{
	struct ow_dead *t;
	pid_t tid = 0;

	while (tid >= 0 && (t = d->next_thread)) {
		struct kernel_clone_args args = {
			.flags = OW_THREAD_FLAGS,
			.set_tid = &tid,
			.set_tid_size = 1,
			.fn = ow_thread,
			.fn_arg = t,
		};

		/* From here on it is its own. */
		d->next_thread = t->next_thread;
		t->next_thread = NULL;
		tid = t->task->pid;
		ow_expect_one();
		tid = kernel_clone(&args);
		if (tid < 0) {
			ow_settle();
			ow_unload(t);
		}
	}
	return min(tid, 0);
}

/* --- a clone() of a thread that the death interrupted --- */

/* Stack and flags the call asked for. */
static bool ow_clone_args(struct ow_dead *d, struct clone_args *args)
{
	*args = (struct clone_args) {
		.flags = d->regs.di, .stack = d->regs.si,
		.parent_tid = d->regs.dx,
	};
	if (d->regs.orig_ax == __NR_clone)
		return true;
	if (d->regs.orig_ax != __NR_clone3 ||
	    !ow_read_user(d, args, d->regs.di,
			  min_t(size_t, d->regs.si, sizeof(*args))))
		return false;
	args->stack += args->stack_size;
	return true;
}

static int ow_visit_newborn(struct list_head *node, void *arg)
{
	const struct task_struct *dead =
		container_of(node, struct task_struct, thread_node);
	const struct pt_regs *regs;
	struct ow_dead *d = arg;
	unsigned long slept, preempted, sp;
	void *stack;
	pid_t tid;

	if (!ow_get(stack, &dead->stack) || !ow_get(slept, &dead->nvcsw) ||
	    !ow_get(preempted, &dead->nivcsw) || !ow_get(tid, &dead->pid))
		return -EUCLEAN;
	regs = (struct pt_regs *)(stack + THREAD_SIZE) - 1;
	if (!slept && !preempted && ow_get(sp, &regs->sp) &&
	    sp == d->call.stack)
		d->call.value = tid;
	return 0;
}

/* Was it a thread that was being made? If it was made, the call has happened. */
bool ow_cloned_thread(struct ow_dead *d)
{
	struct clone_args args = { };

	if (!ow_clone_args(d, &args) || !(args.flags & CLONE_THREAD))
		return false;
	d->call.stack = args.stack;
	d->call.value = 0;
	if (ow_walk_list(&d->task->signal->thread_head, OW_MAX_THREADS,
			 ow_visit_newborn, d))
		d->call.value = 0;
	if (args.flags & CLONE_PARENT_SETTID)
		d->call.parent_tid = args.parent_tid;
	return true;
}
