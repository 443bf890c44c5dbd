// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system call otherworld(), and the table of crash procedures. The next
 * kernel finds the table as a symbol of the dead image; nothing of a task
 * changes its size, and nobody but the caller pays.
 */
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#include "procedure.h"

#define OW_MAX_PROCEDURES	256
#define OW_LIMIT_DEFAULT	(10 * MSEC_PER_SEC)
#define OW_LIMIT_MOST		(600 * MSEC_PER_SEC)

static struct ow_procedure ow_procedures[OW_MAX_PROCEDURES];
static DEFINE_MUTEX(ow_procedures_lock);

static bool ow_is_of(const struct ow_procedure *p,
		     const struct task_struct *leader)
{
	return p->start_time == leader->start_time &&
	       p->exec_id == leader->self_exec_id;
}

/* Does the process still exist, with the program that registered? */
static bool ow_is_stale(const struct ow_procedure *p)
{
	struct task_struct *leader;
	bool stale;

	rcu_read_lock();
	leader = find_task_by_pid_ns(p->tgid, &init_pid_ns);
	stale = !leader || !ow_is_of(p, leader);
	rcu_read_unlock();
	return stale;
}

static struct ow_procedure *ow_own_entry(void)
{
	int i;

	for (i = 0; i < OW_MAX_PROCEDURES; i++)
		if (ow_procedures[i].tgid == current->tgid)
			return &ow_procedures[i];
	return NULL;
}

static struct ow_procedure *ow_free_entry(void)
{
	int i;

	for (i = 0; i < OW_MAX_PROCEDURES; i++)
		if (!ow_procedures[i].tgid || ow_is_stale(&ow_procedures[i]))
			return &ow_procedures[i];
	return NULL;
}

/* A death in the middle leaves a free entry. */
static struct ow_procedure *ow_store(const struct ow_procedure *from)
{
	struct ow_procedure *p;

	mutex_lock(&ow_procedures_lock);
	p = ow_own_entry() ?: ow_free_entry();
	if (p) {
		WRITE_ONCE(p->tgid, 0);
		barrier();
		memcpy(&p->tid, &from->tid,
		       sizeof(*p) - offsetof(struct ow_procedure, tid));
		p->start_time = current->group_leader->start_time;
		p->exec_id = current->group_leader->self_exec_id;
		barrier();
		WRITE_ONCE(p->tgid, current->tgid);
	}
	mutex_unlock(&ow_procedures_lock);
	return p;
}

struct ow_procedure *ow_keep_procedure(const struct ow_procedure *dead)
{
	return ow_store(dead);
}

static bool ow_is_user_range(u64 start, u64 size)
{
	return start < TASK_SIZE_MAX && size <= TASK_SIZE_MAX - start;
}

static bool ow_is_sane(const struct ow_registration *asked)
{
	return !(asked->flags & ~OW_PROCEDURE_FLAGS) &&
	       asked->limit_ms <= OW_LIMIT_MOST && asked->function &&
	       ow_is_user_range(asked->function, 1) &&
	       ow_is_user_range(asked->restorer, 1) &&
	       ow_is_user_range(asked->stack, asked->stack_size) &&
	       !asked->stack == !asked->stack_size;
}

bool ow_dead_procedure(const struct ow_dead *d, struct ow_procedure *copy)
{
	struct ow_procedure *dead = ow_dead_symbol(ow_procedures);
	int i;

	for (i = 0; dead && i < OW_MAX_PROCEDURES; i++)
		if (ow_get(*copy, &dead[i]) && copy->tgid == d->proc->pid &&
		    ow_is_of(copy, d->task) && ow_is_sane(&copy->asked))
			return true;
	return false;
}

/* While it runs it must find its way back. */
static bool ow_is_running(const struct ow_procedure *p)
{
	return p && p->frame && !ow_is_stale(p);
}

static long ow_set_procedure(unsigned long argument, size_t size)
{
	struct ow_procedure new = { .tid = current->pid };
	int err;

	if (!ow_enabled())
		return -EOPNOTSUPP;
	err = copy_struct_from_user(&new.asked, sizeof(new.asked),
				    (void __user *)argument, size);
	if (err)
		return err;
	if (!ow_is_sane(&new.asked))
		return -EINVAL;
	if (ow_is_running(ow_own_entry()))
		return -EBUSY;
	if (!new.asked.limit_ms)
		new.asked.limit_ms = OW_LIMIT_DEFAULT;
	return ow_store(&new) ? 0 : -ENOSPC;
}

static long ow_clear_procedure(void)
{
	struct ow_procedure *p;
	long err = 0;

	mutex_lock(&ow_procedures_lock);
	p = ow_own_entry();
	if (!p || ow_is_stale(p))
		err = -ENOENT;
	else if (ow_is_running(p))
		err = -EBUSY;
	else
		WRITE_ONCE(p->tgid, 0);
	mutex_unlock(&ow_procedures_lock);
	return err;
}

SYSCALL_DEFINE3(otherworld, unsigned int, operation, unsigned long, argument,
		size_t, size)
{
	switch (operation) {
	case OW_PROCEDURE_SET:
		return ow_set_procedure(argument, size);
	case OW_PROCEDURE_CLEAR:
		return ow_clear_procedure();
	case OW_PROCEDURE_END:
		return ow_end_procedure(argument);
	case OW_PROCEDURE_LOSSES:
		return ow_told_losses();
	default:
		return -EINVAL;
	}
}
