// SPDX-License-Identifier: GPL-2.0-only
/*
 * epoll. Each process adds the files it watches by its own descriptors, when
 * its signals are back: what a signalfd tells depends on who asks. Who watches
 * by a descriptor that has been closed since is served at the end, when all
 * files are there. What does not come back is watched no more; so it is, too,
 * when the last descriptor of a file is closed.
 *
 * A file that is ready is reported once more even where only changes are to
 * be: whether it has changed since the death is not known.
 */
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>
#include <linux/eventpoll.h>
#include <asm/unistd.h>

#include "anonfds.h"

#define OW_MAX_WATCHED	65536

/* As in fs/eventpoll.c: bits of an interest that name no event. */
#define OW_NO_EVENT	(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)

/* As in fs/eventpoll.c, up to what is read. */
struct ow_epitem {
	union {
		struct rb_node rbn;
		struct rcu_head rcu;
	};
	struct list_head rdllink;
	struct ow_epitem *next;
	struct {
		struct file *file;
		int fd;
	} __packed ffd;
	bool dying;
	void *pwqlist;
	struct ow_eventpoll *ep;
	struct hlist_node fllink;
	void *ws;
	struct epoll_event event;
};

struct ow_eventpoll {
	struct mutex mtx;
	wait_queue_head_t wq;
	wait_queue_head_t poll_wait;
	struct list_head rdllist;
	spinlock_t lock;
	struct rb_root_cached rbr;
};

/* One of our epoll files. */
struct ow_epoll {
	struct file *file;
	const struct ow_eventpoll *dead;
	pid_t pid;			/* whom a loss is reported of */
};

/* It is being filled. */
struct ow_filling {
	const struct ow_epoll *epoll;
	int epfd;			/* its descriptor in this task */
	unsigned int lost;
};

/* Our file -> struct ow_epoll; ow_files_lock guards it (files.c). */
static DEFINE_XARRAY(ow_epolls);

/* --- the dead tree --- */

struct ow_items {
	const struct ow_eventpoll *dead;
	int (*visit)(const struct ow_epitem *item, void *arg);
	void *arg;
};

static int ow_visit_item(const struct rb_node *node, void *arg)
{
	const struct ow_items *items = arg;
	struct ow_epitem item;

	if (!ow_get(item, rb_entry(node, struct ow_epitem, rbn)) ||
	    item.ep != items->dead)
		return -EUCLEAN;
	return items->visit(&item, items->arg);
}

static int ow_walk_items(const struct ow_eventpoll *dead,
			 int (*visit)(const struct ow_epitem *item, void *arg),
			 void *arg)
{
	struct ow_items items = { dead, visit, arg };

	return ow_walk_tree(&dead->rbr.rb_root, OW_MAX_WATCHED, ow_visit_item,
			    &items);
}

static const struct ow_eventpoll *ow_dead_eventpoll(const struct file *epoll)
{
	const struct ow_eventpoll *dead;

	return ow_get(dead, (const struct ow_eventpoll **)&epoll->private_data) ?
	       dead : NULL;
}

static int ow_is_watched(const struct ow_epitem *item, void *arg)
{
	const struct ow_epitem *wanted = arg;

	return item->ffd.file == wanted->ffd.file &&
	       item->ffd.fd == wanted->ffd.fd;
}

bool ow_epoll_watches(const struct file *epoll, const struct file *target, int fd)
{
	struct ow_epitem wanted = {
		.ffd = { .file = (struct file *)target, .fd = fd },
	};

	return ow_walk_items(ow_dead_eventpoll(epoll), ow_is_watched, &wanted) == 1;
}

static bool ow_is_disabled(const struct ow_epitem *item)
{
	return !(item->event.events & ~OW_NO_EVENT);
}

static int ow_visit_disabled(const struct ow_epitem *item, void *arg)
{
	return ow_is_disabled(item);
}

bool ow_epoll_is_spent(const struct file *epoll)
{
	return ow_walk_items(ow_dead_eventpoll(epoll), ow_visit_disabled, NULL) == 1;
}

/* --- ours --- */

/* After its one shot no event is of interest, not even an error. */
static void ow_disable(struct file *file, const struct file *target,
		       const struct ow_epitem *item)
{
	struct ow_eventpoll *ep = file->private_data;
	struct rb_node *node;

	mutex_lock(&ep->mtx);
	for (node = rb_first_cached(&ep->rbr); node; node = rb_next(node)) {
		struct ow_epitem *own = rb_entry(node, struct ow_epitem, rbn);

		if (own->ffd.file == target && own->ffd.fd == item->ffd.fd)
			WRITE_ONCE(own->event.events, item->event.events);
	}
	mutex_unlock(&ep->mtx);
}

/* With our file of the item at its descriptor. */
static int ow_add_item(const struct ow_filling *f, const struct file *target,
		       const struct ow_epitem *item)
{
	struct epoll_event event = item->event;
	int err = do_epoll_ctl(f->epfd, EPOLL_CTL_ADD, item->ffd.fd, &event,
			       false);

	if (!err && ow_is_disabled(item))
		ow_disable(f->epoll->file, target, item);
	return err == -EEXIST ? 0 : err;
}

/* The same, in a task that has something else there. */
static int ow_add_foreign_item(struct ow_filling *f, struct file *target,
			       const struct ow_epitem *item)
{
	int fd = item->ffd.fd, err;
	bool cloexec = fd < files_fdtable(current->files)->max_fds &&
		       get_close_on_exec(fd);
	struct file *own = fget_raw(fd);

	err = replace_fd(fd, target, 0);
	if (err >= 0)
		err = f->epfd = get_unused_fd_flags(0);
	if (err >= 0) {
		fd_install(f->epfd, get_file(f->epoll->file));
		err = ow_add_item(f, target, item);
		close_fd(f->epfd);
	}
	if (own) {
		replace_fd(fd, own, cloexec ? O_CLOEXEC : 0);
		fput(own);
	} else {
		close_fd(fd);
	}
	return err;
}

static int ow_fill_own(const struct ow_epitem *item, void *arg)
{
	struct file *there = fget_raw(item->ffd.fd);

	if (there && there == ow_reopened(item->ffd.file))
		ow_add_item(arg, there, item);
	if (there)
		fput(there);
	return 0;
}

static int ow_fill_foreign(const struct ow_epitem *item, void *arg)
{
	struct file *target = ow_reopened(item->ffd.file);
	struct ow_filling *f = arg;

	if (!target || ow_add_foreign_item(f, target, item))
		f->lost++;
	return 0;
}

struct file *ow_open_epoll(const struct file *copy)
{
	struct ow_epoll *e = kzalloc(sizeof(*e), GFP_KERNEL);
	struct file *file;
	int err;

	if (!e)
		return ERR_PTR(-ENOMEM);
	file = ow_file_by_call(__NR_epoll_create1, 0, 0);
	err = PTR_ERR_OR_ZERO(file);
	if (!err)
		err = xa_err(xa_store(&ow_epolls, ow_key(file), e,
				      GFP_KERNEL));
	if (err) {
		if (!IS_ERR(file))
			fput(file);
		kfree(e);
		return ERR_PTR(err);
	}
	e->dead = copy->private_data;
	e->pid = current->pid;
	e->file = get_file(file);
	return file;
}

int ow_become_epolls(struct ow_dead *d)
{
	unsigned int fd, max = files_fdtable(current->files)->max_fds;

	for (fd = 0; fd < max; fd++) {
		struct ow_filling f = { .epfd = fd };
		struct file *file = fget_raw(fd);

		if (!file)
			continue;
		f.epoll = xa_load(&ow_epolls, ow_key(file));
		if (f.epoll)
			ow_walk_items(f.epoll->dead, ow_fill_own, &f);
		fput(file);
	}
	return 0;
}

/* What is left to be watched, and what is lost. */
void ow_settle_epolls(void)
{
	unsigned long index;
	struct ow_epoll *e;

	xa_for_each(&ow_epolls, index, e) {
		struct ow_filling f = { .epoll = e };

		if (ow_walk_items(e->dead, ow_fill_foreign, &f) || f.lost)
			ow_degraded(e->pid, OW_LOST_WATCH, "epoll lost=%u",
				f.lost);
		fput(e->file);
		kfree(e);
	}
	xa_destroy(&ow_epolls);
}
