/* SPDX-License-Identifier: GPL-2.0-only */
/* Contexts of native AIO: as in fs/aio.c, up to what is read. */
#ifndef _OTHERWORLD_AIO_H
#define _OTHERWORLD_AIO_H

#include <linux/mutex.h>
#include <linux/percpu-refcount.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "resurrect.h"

struct ow_kioctx_table {
	struct rcu_head rcu;
	unsigned int nr;
	struct ow_kioctx *table[];
};

struct ow_kioctx {
	struct percpu_ref users;
	atomic_t dead;
	struct percpu_ref reqs;
	unsigned long user_id;
	unsigned int *cpu;		/* slots available there */
	unsigned int req_batch;
	unsigned int max_reqs;
	unsigned int nr_events;
	unsigned long mmap_base;
	unsigned long mmap_size;
	struct page **ring_pages;
	long nr_pages;
	struct rcu_work free_rwork;
	void *rq_wait;
	atomic_t reqs_available;
	spinlock_t ctx_lock;
	struct list_head active_reqs;
	struct mutex ring_lock;
	wait_queue_head_t wait;
	unsigned int tail;
	unsigned int completed_events;
};

/* The dead context of that name; NULL if the process has none. */
const struct ow_kioctx *ow_context(struct ow_dead *d, unsigned long id);
/* Requests in hand that the process will make again: they are not lost. */
unsigned int ow_unsubmitted(struct ow_dead *d, unsigned long id);

#endif /* _OTHERWORLD_AIO_H */
