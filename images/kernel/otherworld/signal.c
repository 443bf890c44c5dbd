// SPDX-License-Identifier: GPL-2.0-only
/* Signals: dispositions, masks, what is pending, timers, the stopped state. */
#include <linux/hrtimer.h>
#include <linux/posix-timers.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/time.h>

#include "resurrect.h"

#define OW_MAX_QUEUED	1024

const char *ow_judge_signals(struct ow_dead *d)
{
	if (sigismember(&d->task->pending.signal, SIGKILL) ||
	    sigismember(&d->signal.shared_pending.signal, SIGKILL) ||
	    d->signal.flags & SIGNAL_GROUP_EXIT)
		return "killed";
	return ow_judge_timers(d);
}

struct ow_queue {
	sigset_t left;		/* pending, not found in the queue yet */
	enum pid_type type;
};

static int ow_requeue(struct list_head *node, void *arg)
{
	struct sigqueue *dead = container_of(node, struct sigqueue, list);
	struct ow_queue *q = arg;
	struct sigqueue copy;

	if (!ow_get(copy, dead) || !valid_signal(copy.info.si_signo) ||
	    !copy.info.si_signo)
		return -EUCLEAN;
	sigdelset(&q->left, copy.info.si_signo);
	if (ow_is_of_timer(&copy))
		return 0;
	do_send_sig_info(copy.info.si_signo, &copy.info, current, q->type);
	return 0;
}

/* A call that is issued again had taken it; which of the two it was pending for
 * makes no difference to a call of this thread.
 */
static void ow_give_back(struct ow_dead *d)
{
	struct sigqueue entry;

	if (ow_signal_in_hand(d, &entry) && !ow_is_of_timer(&entry))
		do_send_sig_info(entry.info.si_signo, &entry.info, current,
				 PIDTYPE_PID);
}

static void ow_copy_pending(const struct sigpending *dead,
			    const sigset_t *signals, enum pid_type type)
{
	struct ow_queue q = { .left = *signals, .type = type };
	int sig;

	if (ow_walk_list(&dead->list, OW_MAX_QUEUED, ow_requeue, &q))
		ow_degraded(current->pid, OW_LOST_SIGNAL, "siginfo");
	/* A signal may be pending without an entry: memory was short. */
	for (sig = 1; sig <= _NSIG; sig++)
		if (sigismember(&q.left, sig))
			do_send_sig_info(sig, SEND_SIG_NOINFO, current, type);
}

/*
 * Was stopped by job control: it will stop again behind the gate, without
 * telling its parent a second time.
 */
static void ow_mark_stopped(struct ow_dead *d)
{
	if (!(d->task->jobctl & JOBCTL_STOPPED))
		return;
	spin_lock_irq(&current->sighand->siglock);
	current->signal->flags |= d->signal.flags &
		(SIGNAL_STOP_STOPPED | SIGNAL_CLD_MASK);
	current->signal->group_exit_code = d->signal.group_exit_code;
	current->jobctl |= JOBCTL_STOPPED;
	spin_unlock_irq(&current->sighand->siglock);
}

void ow_become_own_signals(struct ow_dead *d)
{
	struct task_struct *t = d->task;
	sigset_t blocked = t->blocked;

	/* In a call that changed the mask for its duration the call sets it
	 * again when it is issued again.
	 */
	if (t->restore_sigmask || d->call.restore_mask)
		blocked = t->saved_sigmask;
	sigdelsetmask(&blocked, sigmask(SIGKILL) | sigmask(SIGSTOP));

	spin_lock_irq(&current->sighand->siglock);
	current->sas_ss_sp = t->sas_ss_sp;
	current->sas_ss_size = t->sas_ss_size;
	current->sas_ss_flags = t->sas_ss_flags;
	spin_unlock_irq(&current->sighand->siglock);
	set_current_blocked(&blocked);
	ow_give_back(d);
	ow_copy_pending(&d->va->pending, &t->pending.signal, PIDTYPE_PID);
	ow_mark_stopped(d);
}

int ow_become_signals(struct ow_dead *d)
{
	spin_lock_irq(&current->sighand->siglock);
	memcpy(current->sighand->action, d->sighand.action,
	       sizeof(current->sighand->action));
	spin_unlock_irq(&current->sighand->siglock);
	/* Those of the whole process too: threads must leave them alone. */
	flush_signals(current);
	ow_become_own_signals(d);
	ow_copy_pending(&d->task->signal->shared_pending,
			&d->signal.shared_pending.signal, PIDTYPE_TGID);
	return 0;
}

/*
 * CLOCK_MONOTONIC goes on from the dead kernel's value, so an expiry stays
 * what it was. A timer that was not queued had fired: its signal is pending
 * or delivered, and a periodic one is started again when it is dequeued.
 */
void ow_start_timers(struct ow_dead *d)
{
	const struct hrtimer *dead = &d->signal.real_timer;
	struct signal_struct *sig = current->signal;
	int i;

	spin_lock_irq(&current->sighand->siglock);
	sig->it_real_incr = d->signal.it_real_incr;
	if (dead->state & HRTIMER_STATE_ENQUEUED)
		hrtimer_start(&sig->real_timer, hrtimer_get_expires(dead),
			      HRTIMER_MODE_ABS);
	spin_unlock_irq(&current->sighand->siglock);

	for (i = 0; i < ARRAY_SIZE(d->signal.it); i++) {
		u64 spent = d->signal.utime + d->task->utime;
		u64 expires = d->signal.it[i].expires, left, old;

		if (!expires)
			continue;
		if (i == CPUCLOCK_PROF)
			spent += d->signal.stime + d->task->stime;
		left = expires > spent ? expires - spent : NSEC_PER_USEC;
		spin_lock_irq(&current->sighand->siglock);
		set_process_cpu_timer(current, i, &left, &old);
		sig->it[i].expires = left;
		sig->it[i].incr = d->signal.it[i].incr;
		spin_unlock_irq(&current->sighand->siglock);
	}
}

/* A SIGCONT sent from now on takes the mark away again. */
void ow_stop_again(struct ow_dead *d)
{
	spin_lock_irq(&current->sighand->siglock);
	if (!(current->jobctl & JOBCTL_STOPPED) ||
	    fatal_signal_pending(current)) {
		spin_unlock_irq(&current->sighand->siglock);
		return;
	}
	set_special_state(TASK_STOPPED);
	spin_unlock_irq(&current->sighand->siglock);
	schedule();
}
