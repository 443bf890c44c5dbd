// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers made by timer_create(). Each is made anew by that call, under its old
 * number, and started by the functions of its clock. One whose signal waits to
 * be taken is started again, as ever, when it is: so the signal must be its
 * own, and not a copy that knows of no timer.
 */
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/mman.h>
#include <linux/posix-timers.h>
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#include <../kernel/time/posix-timers.h>

#include "resurrect.h"

#define OW_MAX_TIMERS	4096

bool ow_is_of_timer(const struct sigqueue *copy)
{
	return copy->flags & SIGQUEUE_PREALLOC &&
	       copy->info.si_code == SI_TIMER;
}

/* What a timer needs of the dead one besides its own structure. */
struct ow_timer {
	struct k_itimer dead;
	struct sigqueue signal;
	pid_t target;
};

static bool ow_read_timer(struct ow_timer *t, struct list_head *node)
{
	const struct k_itimer *at = container_of(node, struct k_itimer, list);

	if (!ow_get(t->dead, at) || !ow_get(t->signal, t->dead.sigq) ||
	    t->dead.it_id < 0)
		return false;
	t->target = ow_pid_number(t->dead.it_pid);
	return t->target;
}

static int ow_judge_timer(struct list_head *node, void *arg)
{
	struct ow_dead *d = arg;
	struct ow_timer t;

	return ow_read_timer(&t, node) && t.dead.it_signal == d->task->signal ?
	       0 : -EUCLEAN;
}

const char *ow_judge_timers(struct ow_dead *d)
{
	return ow_walk_list(&d->task->signal->posix_timers, OW_MAX_TIMERS,
			    ow_judge_timer, d) ? "damaged-timers" : NULL;
}

static int ow_is_timer(struct list_head *node, void *arg)
{
	struct ow_timer t;

	return ow_read_timer(&t, node) && t.dead.it_id == *(timer_t *)arg;
}

bool ow_has_timer(struct ow_dead *d, timer_t id)
{
	return ow_walk_list(&d->task->signal->posix_timers, OW_MAX_TIMERS,
			    ow_is_timer, &id) == 1;
}

/* --- becoming --- */

struct ow_timers {
	struct ow_dead *of;
	unsigned long page;	/* of user memory, for the arguments of calls */
};

/* Make it by the call, under the number it had; the newest is the first. */
static struct k_itimer *ow_make_timer(struct ow_timers *all,
				      const struct ow_timer *t)
{
	struct sigevent event = {
		.sigev_notify = t->dead.it_sigev_notify,
		.sigev_signo = t->signal.info.si_signo,
		.sigev_value = t->signal.info.si_value,
		.sigev_notify_thread_id = t->target,
	};
	struct pt_regs regs = {
		.orig_ax = __NR_timer_create, .di = t->dead.it_clock,
		.si = all->page, .dx = all->page + sizeof(event),
	};
	long err;

	if (copy_to_user((void __user *)all->page, &event, sizeof(event)))
		return ERR_PTR(-EFAULT);
	current->signal->next_posix_timer_id = t->dead.it_id;
	err = sys_call_table[__NR_timer_create](&regs);
	return err ? ERR_PTR(err) :
		     list_first_entry(&current->signal->posix_timers,
				      struct k_itimer, list);
}

/* The processor time of the dead process, while a timer of it runs. */
static u64 ow_cpu_time(const struct ow_dead *d, clockid_t clock)
{
	const struct task_cputime_atomic *sum = &d->signal.cputimer.cputime_atomic;
	u64 user = atomic64_read(&sum->utime);

	switch (CPUCLOCK_WHICH(clock)) {
	case CPUCLOCK_VIRT:
		return user;
	case CPUCLOCK_PROF:
		return user + atomic64_read(&sum->stime);
	default:
		return atomic64_read(&sum->sum_exec_runtime);
	}
}

/* Processor time is counted anew: what counts is what was left of it. */
static void ow_start_cpu_timer(const struct ow_dead *d, struct k_itimer *timer,
			       const struct ow_timer *t)
{
	u64 expires = t->dead.it.cpu.node.expires;
	u64 spent = ow_cpu_time(d, timer->it_clock);
	struct itimerspec64 when = {
		.it_interval = ktime_to_timespec64(t->dead.it_interval),
	};

	if (CPUCLOCK_PERTHREAD(timer->it_clock))
		ow_degraded(current->pid, OW_LOST_TIMER, "timer id=%d",
			timer->it_id);
	else if (t->dead.it.cpu.head) {
		when.it_value = ns_to_timespec64(expires > spent ?
						 expires - spent : 1);
		timer->kclock->timer_set(timer, 0, &when, NULL);
	}
}

/*
 * One set relative to now on the real time clock runs on the monotonic one.
 * Without a signal to send, or with one that waits, it keeps the moment only.
 */
static void ow_start_timer(struct k_itimer *timer, const struct ow_timer *t,
			   bool waiting)
{
	const struct hrtimer *real = &t->dead.it.real.timer;
	bool idle = waiting || timer->it_sigev_notify == SIGEV_NONE;
	ktime_t expires = hrtimer_get_expires(real);
	clockid_t clock = timer->it_clock;
	bool absolute = true;

	if (timer->kclock == &alarm_clock) {
		expires = t->dead.it.alarm.alarmtimer.node.expires;
	} else if (ow_get(clock, &real->base->clockid) &&
		   clock != timer->it_clock && clock == CLOCK_MONOTONIC) {
		expires = ktime_sub(expires, ktime_get());
		absolute = false;
	}
	if (t->dead.it_active || idle)
		timer->kclock->timer_arm(timer, expires, absolute, idle);
}

static int ow_restore_timer(struct list_head *node, void *arg)
{
	struct ow_timers *all = arg;
	struct k_itimer *timer;
	struct ow_timer t;
	bool waiting;

	if (!ow_read_timer(&t, node))
		return -EUCLEAN;
	timer = ow_make_timer(all, &t);
	if (IS_ERR(timer)) {
		ow_degraded(current->pid, OW_LOST_TIMER, "timer id=%d err=%ld",
			    t.dead.it_id, PTR_ERR(timer));
		return 0;
	}
	/* An entry that is linked to itself is in no queue. */
	waiting = t.signal.list.next != &t.dead.sigq->list;
	timer->it_interval = t.dead.it_interval;
	timer->it_overrun = t.dead.it_overrun;
	timer->it_overrun_last = t.dead.it_overrun_last;
	timer->it_active = t.dead.it_active;
	if (!timer->kclock->timer_arm)
		ow_start_cpu_timer(all->of, timer, &t);
	else
		ow_start_timer(timer, &t, waiting);
	if (waiting)
		posix_timer_event(timer, t.dead.it_interval ?
				  ++timer->it_requeue_pending : 0);
	return 0;
}

int ow_become_timers(struct ow_dead *d)
{
	struct list_head *timers = &d->task->signal->posix_timers;
	struct ow_timers all = { .of = d };

	if (d->signal.posix_timers.next == timers)
		goto out;
	all.page = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(all.page))
		return (int)all.page;
	ow_walk_list(timers, OW_MAX_TIMERS, ow_restore_timer, &all);
	vm_munmap(all.page, PAGE_SIZE);
out:
	current->signal->next_posix_timer_id = d->signal.next_posix_timer_id;
	return 0;
}
