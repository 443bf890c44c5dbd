// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes of the dead kernel. They are looked for on two independent
 * ways, the task list and the pid allocator, so that damage to one of them
 * hides nobody.
 */
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "resurrect.h"

#define OW_TASK_COPY	offsetof(struct task_struct, thread.fpu.__fpstate.regs)

static struct {
	struct mutex lock;
	struct ow_process *table;
	unsigned int count;
	int list_result, idr_result;
} ow_scan = { .lock = __MUTEX_INITIALIZER(ow_scan.lock) };

pid_t ow_pid_number(const struct pid *dead)
{
	unsigned int level;
	struct upid upid;

	if (!dead || !ow_get(level, &dead->level) || level ||
	    !ow_get(upid, &dead->numbers[0]) || upid.ns != &init_pid_ns ||
	    upid.nr <= 0 || upid.nr >= PID_MAX_LIMIT)
		return 0;
	return upid.nr;
}

unsigned int ow_dead_pid_cursor(void)
{
	unsigned int next;

	if (!ow_get(next, &init_pid_ns.idr.idr_next) || next > PID_MAX_LIMIT)
		return 0;
	return next;
}

static bool ow_known(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < ow_scan.count; i++)
		if (ow_scan.table[i].pid == pid)
			return true;
	return false;
}

/* Fill @p from a dead task; false if it is damaged or no user process. */
static bool ow_read_process(const struct task_struct *dead,
			    struct ow_process *p)
{
	const struct task_struct *leader, *parent;
	struct signal_struct *signal;
	struct pid *pid, *pgrp, *session;
	pid_t tgid;

	if (!IS_ALIGNED((unsigned long)dead, L1_CACHE_BYTES) ||
	    !ow_get(p->pid, &dead->pid) || !ow_get(tgid, &dead->tgid) ||
	    p->pid != tgid || !ow_get(leader, &dead->group_leader) ||
	    leader != dead || !ow_get(pid, &dead->thread_pid) ||
	    ow_pid_number(pid) != p->pid ||
	    !ow_get(p->flags, &dead->flags) || p->flags & PF_KTHREAD ||
	    !ow_get(p->state, &dead->__state) ||
	    !ow_get(p->exit_state, &dead->exit_state) ||
	    !ow_get(p->exit_code, &dead->exit_code) ||
	    !ow_read(p->comm, dead->comm, sizeof(p->comm)) ||
	    !ow_get(parent, &dead->real_parent) ||
	    !ow_get(p->ppid, &parent->tgid) ||
	    !ow_get(signal, &dead->signal) ||
	    !ow_get(p->threads, &signal->nr_threads) ||
	    !ow_get(pgrp, &signal->pids[PIDTYPE_PGID]) ||
	    !ow_get(session, &signal->pids[PIDTYPE_SID]))
		return false;
	p->dead = dead;
	p->living = dead;
	p->comm[TASK_COMM_LEN - 1] = 0;
	p->pgid = ow_pid_number(pgrp);
	p->sid = ow_pid_number(session);
	return p->pgid && p->sid;
}

/*
 * A process on its way out is taken for what it was about to be. It is on its
 * way when all of its threads are, not when its leader is.
 */
static void ow_finish_exit(struct ow_process *p)
{
	bool gone = p->exit_state || p->flags & PF_EXITING;
	const struct signal_struct *signal;
	unsigned int flags;

	if (!ow_get(signal, &p->dead->signal) || !ow_get(flags, &signal->flags))
		return;
	if (flags & SIGNAL_GROUP_EXIT) {
		if (!ow_get(p->exit_code, &signal->group_exit_code))
			return;
	} else if (gone) {
		p->living = ow_living_thread(p->dead);
		p->exit_state = 0;
		gone = !p->living;
	}
	if (gone || flags & SIGNAL_GROUP_EXIT ||
	    ow_exit_given_up(p, &p->exit_code))
		p->exit_state = EXIT_ZOMBIE;
}

static void ow_add(const struct task_struct *dead)
{
	struct ow_process *p = &ow_scan.table[ow_scan.count];

	if (ow_scan.count == OW_MAX_TASKS || !ow_read_process(dead, p) ||
	    ow_known(p->pid))
		return;
	ow_finish_exit(p);
	ow_scan.count++;
}

static int ow_visit_list(struct list_head *node, void *arg)
{
	ow_add(container_of(node, struct task_struct, tasks));
	return 0;
}

static int ow_visit_pid(unsigned long index, void *entry, unsigned int marks,
			void *arg)
{
	const struct pid *pid = entry;
	struct hlist_node *first;

	if (xa_is_internal(entry) ||
	    !ow_get(first, &pid->tasks[PIDTYPE_TGID].first) || !first)
		return 0;
	ow_add(container_of(first, struct task_struct,
			    pid_links[PIDTYPE_TGID]));
	return 0;
}

static int ow_scan_once(void)
{
	int ret = 0;

	mutex_lock(&ow_scan.lock);
	if (!ow_scan.table && ow_is_crash_kernel()) {
		ow_scan.table = kvcalloc(OW_MAX_TASKS + 1,
					 sizeof(*ow_scan.table), GFP_KERNEL);
		if (!ow_scan.table) {
			ret = -ENOMEM;
			goto out;
		}
		ow_scan.list_result = ow_walk_list(&init_task.tasks,
						   OW_MAX_TASKS,
						   ow_visit_list, NULL);
		ow_scan.idr_result = ow_walk_xarray(&init_pid_ns.idr.idr_rt,
						    4 * OW_MAX_TASKS,
						    ow_visit_pid, NULL);
		if (ow_scan.list_result || ow_scan.idr_result)
			ow_mark("scan damaged list=%d idr=%d",
				ow_scan.list_result, ow_scan.idr_result);
	}
out:
	mutex_unlock(&ow_scan.lock);
	return ret;
}

const struct ow_process *ow_find_process(pid_t pid)
{
	unsigned int i;

	if (ow_scan_once())
		return NULL;
	for (i = 0; i < ow_scan.count; i++)
		if (ow_scan.table[i].pid == pid)
			return &ow_scan.table[i];
	return NULL;
}

int ow_visit_processes(ow_process_visitor visit, void *arg)
{
	unsigned int i;
	int ret = ow_scan_once();

	for (i = 0; !ret && i < ow_scan.count; i++)
		ret = visit(&ow_scan.table[i], arg);
	return ret;
}

/* --- reading one process completely --- */

/* What is the process's, a leader that has ended has no more: of a thread. */
static bool ow_borrow(struct ow_dead *d)
{
	const struct task_struct *from = d->proc->living;
	struct task_struct *t = d->task;

	d->gone = d->va == d->proc->dead && from != d->va && !t->mm;
	return !d->gone ||
	       (ow_get(t->mm, &from->mm) && ow_get(t->fs, &from->fs) &&
		ow_get(t->files, &from->files) &&
		ow_get(t->nsproxy, &from->nsproxy) &&
		ow_get(t->sysvsem, &from->sysvsem));
}

static bool ow_load_parts(struct ow_dead *d)
{
	struct task_struct *t = d->task;

	return ow_read(t, d->va, OW_TASK_COPY) && t->tgid == d->proc->pid &&
	       ow_borrow(d) && ow_get(d->signal, t->signal) &&
	       ow_get(d->sighand, t->sighand) &&
	       ow_get(d->cred, t->real_cred) && ow_get(d->fs, t->fs);
}

struct ow_dead *ow_load(const struct ow_process *p,
			const struct task_struct *dead, const char **reason)
{
	struct ow_dead *d = kvzalloc(sizeof(*d), GFP_KERNEL);
	const struct ow_record *record = ow_dead_record();

	*reason = "no-memory";
	if (!d)
		return NULL;
	d->task = kvzalloc(sizeof(*d->task), GFP_KERNEL);
	if (!d->task)
		goto fail;
	d->proc = p;
	d->va = dead;
	*reason = "damaged-task";
	if (!ow_load_parts(d))
		goto fail;
	*reason = "exiting";
	if (!d->task->mm)
		goto fail;
	*reason = "damaged-mm";
	if (!ow_get(d->mm, d->task->mm))
		goto fail;
	d->was_current = record && record->task == d->va;
	ow_notice_switch(d);
	*reason = NULL;
	return d;
fail:
	ow_unload(d);
	return NULL;
}

struct ow_dead *ow_load_stack(const struct task_struct *dead)
{
	struct ow_dead *d = kvzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return NULL;
	d->va = dead;
	d->task = kvzalloc(sizeof(*d->task), GFP_KERNEL);
	if (!d->task || !ow_read(d->task, dead, OW_TASK_COPY)) {
		ow_unload(d);
		return NULL;
	}
	d->was_current = dead == ow_dead_current();
	ow_notice_switch(d);
	return d;
}

struct ow_dead *ow_load_current(void)
{
	const struct ow_process *p = NULL;
	const char *reason;
	pid_t tgid;

	if (ow_dead_current() && ow_get(tgid, &ow_dead_current()->tgid))
		p = ow_find_process(tgid);
	return p ? ow_load(p, ow_dead_current(), &reason) : NULL;
}

void ow_unload(struct ow_dead *d)
{
	while (d) {
		struct ow_dead *next = d->next_thread;

		ow_end_tally(&d->tally);
		kvfree(d->task);
		kvfree(d->vmas);
		kvfree(d->found);
		kvfree(d);
		d = next;
	}
}

/* --- /proc/otherworld/tasks --- */

static int ow_show_process(const struct ow_process *p, void *arg)
{
	struct seq_file *m = arg;
	int i;

	seq_printf(m, "%d %d %d %d %x %x %d %d ", p->pid, p->ppid, p->pgid,
		   p->sid, p->state, p->exit_state, p->exit_code, p->threads);
	for (i = 0; p->comm[i]; i++)
		seq_putc(m, p->comm[i] > ' ' && p->comm[i] < 0x7f ?
			 p->comm[i] : '_');
	seq_puts(m, i ? "\n" : "-\n");
	return 0;
}

static int ow_tasks_show(struct seq_file *m, void *v)
{
	return ow_visit_processes(ow_show_process, m);
}

static int __init ow_tasks_init(void)
{
	if (ow_is_crash_kernel() &&
	    !proc_create_single("otherworld/tasks", 0400, NULL, ow_tasks_show))
		return -ENOMEM;
	return 0;
}
late_initcall(ow_tasks_init);
