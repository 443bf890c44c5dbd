// SPDX-License-Identifier: GPL-2.0-only
/*
 * Becoming a dead process. A fresh task with the right pid and parent writes
 * "become PID" to the control file. The process is judged at once; if it can
 * come back, the rest happens in task work on the way to user mode, where no
 * system call of the fresh task is left that could spoil the new registers.
 */
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/wait.h>
#include <asm/unistd.h>

#include "resurrect.h"

static DECLARE_WAIT_QUEUE_HEAD(ow_settled);
static atomic_t ow_unsettled;

/* A process that hangs while it becomes must not hold up all others. */
#define OW_SETTLE_TIMEOUT	(10 * HZ)

void ow_expect_one(void)
{
	atomic_inc(&ow_unsettled);
}

void ow_settle(void)
{
	if (atomic_dec_and_test(&ow_unsettled))
		wake_up_all(&ow_settled);
}

/* expect N: that many tasks are about to write "become". */
int ow_cmd_expect(char *args)
{
	unsigned int count;
	int err = kstrtouint(args, 10, &count);

	if (!err)
		atomic_set(&ow_unsettled, count);
	return err;
}

/* settle: wait until each of them stands at the gate or has failed. */
int ow_cmd_settle(char *args)
{
	long left = wait_event_killable_timeout(ow_settled,
						atomic_read(&ow_unsettled) <= 0,
						OW_SETTLE_TIMEOUT);

	if (left < 0)
		return left;
	ow_forget_files();
	ow_forget_ttys();
	ow_mark("settled read=%llu", ow_bytes_read());
	return left ? 0 : -ETIMEDOUT;
}

/* gate-wait: for tasks that stand for a process that does not come back. */
int ow_cmd_gate_wait(char *args)
{
	return ow_gate_wait();
}

static const char *ow_judge(struct ow_dead *d)
{
	static const char *(*const judges[])(struct ow_dead *d) = {
		ow_judge_identity, ow_judge_signals, ow_judge_regs,
		ow_judge_mm, ow_judge_files, ow_judge_tty, ow_judge_threads,
	};
	const char *reason;
	int i;

	for (i = 0; i < ARRAY_SIZE(judges); i++) {
		reason = judges[i](d);
		if (reason)
			return reason;
	}
	ow_judge_call(d);
	return d->call.outcome == OW_REFUSE && !ow_may_lose_call(d) ?
	       d->call.reason : NULL;
}

static int ow_rebuild(struct ow_dead *d, const char **step)
{
	static const struct {
		const char *name;
		int (*become)(struct ow_dead *d);
	} steps[] = {
		{ "memory", ow_become_mm },
		{ "aio", ow_become_aio },
		{ "seccomp", ow_become_seccomp },
		{ "files", ow_become_files },
		{ "identity", ow_become_identity },
		{ "terminal", ow_become_tty },
		{ "threads", ow_become_threads },
		{ "signals", ow_become_signals },
		{ "timers", ow_become_timers },
		{ "epoll", ow_become_epolls },
		{ "registers", ow_become_regs },
		{ "credentials", ow_become_creds },
	};
	int i, err;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		*step = steps[i].name;
		err = steps[i].become(d);
		if (err)
			return err;
	}
	return 0;
}

void ow_go_on(struct ow_dead *d)
{
	unsigned long nr = d->regs.orig_ax;
	enum ow_outcome outcome = d->call.outcome;
	bool dying = outcome == OW_EXIT;
	unsigned int deaths = d->deaths;
	bool ended = ow_gate_wait();
	int code = d->call.value;

	if (!ended) {
		if (d->va == d->proc->dead)
			ow_start_timers(d);
		ow_stop_again(d);
		ow_become_call(d);
		ow_call_procedure(d);
	}
	ow_unload(d);
	if (!ended && deaths &&
	    (outcome == OW_RESTART || outcome == OW_BLOCK || dying))
		ow_call_again(outcome, deaths);
	if (dying && nr == __NR_exit)
		do_exit(code);
	if (dying)
		do_group_exit(code);
}

static void ow_become(struct callback_head *work)
{
	struct ow_dead *d = container_of(work, struct ow_dead, work);
	const char *step;
	int err = ow_rebuild(d, &step);

	if (err) {
		ow_mark("not-resurrected pid=%d comm=%s reason=failed-%s err=%d",
			d->proc->pid, d->proc->comm, step, err);
		ow_drop_procedure(d->proc->pid);
		ow_unload(d);
		ow_settle();
		do_group_exit(SIGKILL);
	}
	ow_note_losses(d);
	ow_become_undo(d);
	ow_become_procedure(d);
	ow_complete_name(d);
	ow_end_tally(&d->tally);
	ow_mark("resurrected pid=%d comm=%s outcome=ok adopted=%u copied=%u read=%llu threads=%u call=%ld",
		d->proc->pid, d->proc->comm, d->adopted, d->copied,
		d->tally.bytes, d->nr_threads, (long)d->regs.orig_ax);
	ow_settle();
	ow_go_on(d);
}

static int ow_begin(const struct ow_process *p)
{
	struct ow_dead *d = NULL;
	const char *reason = "exited";
	int err;

	if (!p->exit_state) {
		d = ow_load(p, p->dead, &reason);
		if (d) {
			ow_begin_tally(&d->tally);
			ow_plan_procedure(d);
			reason = ow_judge(d);
		}
	}
	if (reason) {
		ow_mark("not-resurrected pid=%d comm=%s reason=%s", p->pid,
			p->comm, reason);
		ow_drop_procedure(p->pid);
		ow_unload(d);
		return -EOPNOTSUPP;
	}
	init_task_work(&d->work, ow_become);
	err = task_work_add(current, &d->work, TWA_RESUME);
	if (err)
		ow_unload(d);
	return err;
}

/* become PID: the calling task turns into the dead process of that number. */
int ow_cmd_become(char *args)
{
	const struct ow_process *p;
	int pid, err;

	err = kstrtoint(args, 10, &pid);
	if (err)
		return err;
	p = ow_find_process(pid);
	err = p ? ow_begin(p) : -ESRCH;
	if (err)
		ow_settle();
	return err;
}
