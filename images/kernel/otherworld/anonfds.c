// SPDX-License-Identifier: GPL-2.0-only
/*
 * eventfd, timerfd, signalfd: a few numbers each, behind an inode that all of
 * them share. What they are is told by the functions they work by. The layout
 * of their numbers is private to the files named here.
 */
#include <linux/alarmtimer.h>
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/timerfd.h>
#include <linux/wait.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "anonfds.h"

struct file *ow_file_by_call(unsigned int nr, unsigned long a, unsigned long b)
{
	struct pt_regs regs = { .orig_ax = nr, .di = a, .si = b };
	long fd = sys_call_table[nr](&regs);
	struct file *file;

	if (fd < 0)
		return ERR_PTR(fd);
	file = fget(fd);
	close_fd(fd);
	return file ?: ERR_PTR(-EBADF);
}

/* --- eventfd: as in fs/eventfd.c --- */

struct ow_eventfd {
	struct kref kref;
	wait_queue_head_t wqh;
	__u64 count;
	unsigned int flags;
	int id;
};

static struct file *ow_open_eventfd(const struct file *copy)
{
	const struct ow_eventfd *at = copy->private_data;
	struct ow_eventfd dead;
	struct file *file;

	if (!ow_get(dead, at))
		return ERR_PTR(-EUCLEAN);
	file = ow_file_by_call(__NR_eventfd2, 0, dead.flags & EFD_SEMAPHORE);
	if (!IS_ERR(file))
		eventfd_signal(file->private_data, dead.count);
	return file;
}

/* --- timerfd: as in fs/timerfd.c --- */

struct ow_timerfd {
	union {
		struct hrtimer tmr;
		struct alarm alarm;
	} t;
	ktime_t tintv;
	ktime_t moffs;
	wait_queue_head_t wqh;
	u64 ticks;
	int clockid;
	unsigned short expired;
	unsigned short settime_flags;
	struct rcu_head rcu;
	struct list_head clist;
	spinlock_t cancel_lock;
	bool might_cancel;
};

static bool ow_is_alarm(const struct ow_timerfd *timer)
{
	return timer->clockid == CLOCK_REALTIME_ALARM ||
	       timer->clockid == CLOCK_BOOTTIME_ALARM;
}

/*
 * It expires at the same moment of its clock as before; if that has passed,
 * at once, and the ticks since are counted when they are read. A timer on the
 * real time clock that was set relative to now runs on the monotonic one.
 */
static int ow_start_timerfd(struct ow_timerfd *timer, const struct ow_timerfd *dead)
{
	const struct hrtimer *tmr = &dead->t.tmr;
	clockid_t clock;

	if (ow_is_alarm(dead)) {
		timer->t.alarm.node.expires = dead->t.alarm.node.expires;
		if (dead->t.alarm.state & ALARMTIMER_STATE_ENQUEUED)
			alarm_start(&timer->t.alarm, dead->t.alarm.node.expires);
		return 0;
	}
	if (!ow_get(clock, &tmr->base->clockid) || clock < 0 ||
	    clock >= MAX_CLOCKS)
		return -EUCLEAN;
	hrtimer_init(&timer->t.tmr, clock, HRTIMER_MODE_ABS);
	timer->t.tmr.function = (void *)ow_symbol("timerfd_tmrproc");
	hrtimer_set_expires(&timer->t.tmr, hrtimer_get_expires(tmr));
	if (tmr->state & HRTIMER_STATE_ENQUEUED)
		hrtimer_start_expires(&timer->t.tmr, HRTIMER_MODE_ABS);
	return 0;
}

static struct file *ow_open_timerfd(const struct file *copy)
{
	const struct ow_timerfd *at = copy->private_data;
	struct ow_timerfd dead, *timer;
	struct file *file;
	int err;

	if (!ow_get(dead, at))
		return ERR_PTR(-EUCLEAN);
	file = ow_file_by_call(__NR_timerfd_create, dead.clockid, 0);
	if (IS_ERR(file))
		return file;
	timer = file->private_data;
	timer->tintv = dead.tintv;
	timer->ticks = dead.ticks;
	timer->expired = dead.expired;
	timer->settime_flags = dead.settime_flags;
	err = ow_start_timerfd(timer, &dead);
	if (dead.might_cancel)
		ow_degraded(current->pid, OW_LOST_TIMER, "timerfd-cancel");
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* --- signalfd: as in fs/signalfd.c --- */

struct ow_signalfd {
	sigset_t sigmask;
};

static struct file *ow_open_signalfd(const struct file *copy)
{
	const struct ow_signalfd *at = copy->private_data;
	const void *operations = (void *)ow_symbol("signalfd_fops");
	struct ow_signalfd *mask = kmalloc(sizeof(*mask), GFP_KERNEL);
	struct file *file;

	if (!mask)
		return ERR_PTR(-ENOMEM);
	file = ow_get(*mask, at) ?
	       anon_inode_getfile("[signalfd]", operations, mask, O_RDWR) :
	       ERR_PTR(-EUCLEAN);
	if (IS_ERR(file))
		kfree(mask);
	return file;
}

/* --- all of them --- */

static const struct {
	const char *operations;
	struct file *(*open)(const struct file *copy);
	size_t counter;			/* where it is in their data, if any */
} ow_kinds[] = {
	{ "eventfd_fops", ow_open_eventfd, offsetof(struct ow_eventfd, count) },
	{ "timerfd_fops", ow_open_timerfd, offsetof(struct ow_timerfd, ticks) },
	{ "signalfd_fops", ow_open_signalfd },
	{ "eventpoll_fops", ow_open_epoll },
	{ "inotify_fops", ow_open_inotify },
};

/* Index in ow_kinds, or how many there are. */
static unsigned int ow_kind(const struct file_operations *operations)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ow_kinds); i++)
		if ((unsigned long)operations ==
		    ow_symbol(ow_kinds[i].operations))
			break;
	return i;
}

bool ow_is_anonymous(const struct file_operations *operations)
{
	return ow_kind(operations) < ARRAY_SIZE(ow_kinds);
}

const void *ow_counter_of(const struct file *dead)
{
	const struct file_operations *operations;
	unsigned int kind;
	void *data;

	if (!ow_get(operations, &dead->f_op) || !ow_get(data, &dead->private_data))
		return NULL;
	kind = ow_kind(operations);
	return kind < ARRAY_SIZE(ow_kinds) && ow_kinds[kind].counter ?
	       data + ow_kinds[kind].counter : NULL;
}

struct file *ow_open_anonymous(const struct file *copy)
{
	return ow_kinds[ow_kind(copy->f_op)].open(copy);
}
