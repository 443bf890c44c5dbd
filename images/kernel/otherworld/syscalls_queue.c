// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that sleep at semaphores and message queues. Whether such an operation
 * has happened is told to the sleeper in an entry on its own stack, which
 * hangs in the queue of the object until somebody has done the operation for it.
 */
#include <linux/err.h>
#include <linux/msg.h>
#include <linux/sem.h>
#include <asm/unistd.h>

#include "syscalls.h"

/* As in ipc/sem.c. */
struct ow_sem_queue {
	struct list_head list;
	struct task_struct *sleeper;
	struct sem_undo *undo;
	struct pid *pid;
	int status;
	struct sembuf *sops;
	struct sembuf *blocking;
	int nsops;
};

/* As in ipc/msg.c. */
struct ow_msg_receiver {
	struct list_head r_list;
	struct task_struct *r_tsk;
	int r_mode;
	long r_msgtype;
	long r_maxsize;
	struct msg_msg *r_msg;
};

/* As in ipc/mqueue.c. */
struct ow_mq_waiter {
	struct task_struct *task;
	struct list_head list;
	struct msg_msg *msg;
	int state;			/* 1: somebody has done it */
};

/* It hangs in a list, or has been taken out of one. */
static bool ow_was_listed(const struct list_head *entry)
{
	struct list_head *forth, *back;

	if (entry->next == LIST_POISON1 && entry->prev == LIST_POISON2)
		return true;
	return ow_get(forth, &entry->next->prev) &&
	       ow_get(back, &entry->prev->next) && forth == back;
}

static bool ow_is_sem_queue(const struct ow_dead *d, const void *object,
			    void *arg)
{
	const struct ow_sem_queue *q = object;

	return q->sleeper == d->va && q->nsops == (int)d->regs.dx &&
	       ow_pid_number(q->pid) == d->proc->pid;
}

static bool ow_is_msg_receiver(const struct ow_dead *d, const void *object,
			       void *arg)
{
	const struct ow_msg_receiver *r = object;

	return r->r_tsk == d->va && ow_was_listed(&r->r_list);
}

static bool ow_is_mq_waiter(const struct ow_dead *d, const void *object,
			    void *arg)
{
	const struct ow_mq_waiter *w = object;

	return w->task == d->va && (w->state == 0 || w->state == 1) &&
	       ow_was_listed(&w->list);
}

void ow_rule_semop(struct ow_dead *d)
{
	struct ow_sem_queue q;

	if (d->was_current ||
	    !ow_search_stack(d, &q, sizeof(q), ow_is_sem_queue, NULL))
		return ow_refuse(d, "system-call");
	if (q.status == -EINTR)
		return ow_answer(d, OW_RESTART, 0);
	ow_answer(d, OW_RETURN, q.status);
}

/* A sender sleeps before its work only. */
void ow_rule_msgsnd(struct ow_dead *d)
{
	if (d->was_current)
		ow_refuse(d, "system-call");
	else
		ow_answer(d, OW_RESTART, 0);
}

/* A message that has been handed to a sleeper is in no queue any more. */
void ow_rule_msgrcv(struct ow_dead *d)
{
	struct ow_msg_receiver r;

	if (d->was_current ||
	    !ow_search_stack(d, &r, sizeof(r), ow_is_msg_receiver, NULL))
		return ow_refuse(d, "system-call");
	if (!IS_ERR(r.r_msg))
		ow_refuse(d, "read");
	else if (PTR_ERR(r.r_msg) == -EAGAIN)
		ow_answer(d, OW_RESTART, 0);
	else
		ow_answer(d, OW_RETURN, PTR_ERR(r.r_msg));
}

/* Their timeouts name a moment. */
void ow_rule_mq_send(struct ow_dead *d)
{
	struct ow_mq_waiter w;

	if (d->was_current)
		ow_refuse(d, "system-call");
	else if (ow_search_stack(d, &w, sizeof(w), ow_is_mq_waiter, NULL) &&
		 w.state)
		ow_answer(d, OW_RETURN, 0);
	else
		ow_answer(d, OW_RESTART, 0);
}

void ow_rule_mq_receive(struct ow_dead *d)
{
	struct ow_mq_waiter w;

	if (d->was_current ||
	    !ow_search_stack(d, &w, sizeof(w), ow_is_mq_waiter, NULL))
		ow_refuse(d, "system-call");
	else if (w.state)
		ow_refuse(d, "read");
	else
		ow_answer(d, OW_RESTART, 0);
}

/* Asleep for one event it has taken none; of several, some may be gone. */
void ow_rule_io_getevents(struct ow_dead *d)
{
	if (d->was_current || (long)d->regs.si > 1)
		ow_refuse(d, "system-call");
	else
		ow_answer(d, OW_RESTART, 0);
}
