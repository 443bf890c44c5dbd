// SPDX-License-Identifier: GPL-2.0-only
/*
 * inotify. An instance comes back empty; its watches, under their numbers, and
 * the events nobody has read are put into it when all files are there: what is
 * opened and closed to bring processes back is no event. What is watched is
 * found by a name it has, on a disk by its inode number.
 */
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/idr.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#include <../fs/mount.h>
#include <../fs/notify/inotify/inotify.h>

#include "anonfds.h"

#define OW_MAX_WATCHES	65536
#define OW_MAX_EVENTS	65536

/* One of our instances. */
struct ow_inotify {
	struct list_head list;
	struct file *file;
	const struct fsnotify_group *dead;
	pid_t pid;		/* whom a loss is reported of */
	/* While it is filled: */
	int fd;
	unsigned long page;	/* of user memory, for a name */
	char *buf;
	unsigned int lost;
};

/* ow_files_lock guards it (files.c). */
static LIST_HEAD(ow_inotifies);

static struct fsnotify_group *ow_group(const struct ow_inotify *i)
{
	return i->file->private_data;
}

struct file *ow_open_inotify(const struct file *copy)
{
	struct ow_inotify *i = kzalloc(sizeof(*i), GFP_KERNEL);
	const struct fsnotify_group *dead = copy->private_data;
	struct fsnotify_group *group;
	struct file *file;

	if (!i)
		return ERR_PTR(-ENOMEM);
	file = ow_file_by_call(__NR_inotify_init1, 0, 0);
	if (IS_ERR(file)) {
		kfree(i);
		return file;
	}
	group = file->private_data;
	if (!ow_get(group->max_events, &dead->max_events)) {
		fput(file);
		kfree(i);
		return ERR_PTR(-EUCLEAN);
	}
	i->dead = dead;
	i->pid = current->pid;
	i->file = get_file(file);
	list_add_tail(&i->list, &ow_inotifies);
	return file;
}

/* --- events --- */

static int ow_copy_event(struct list_head *node, void *arg)
{
	const struct inotify_event_info *dead =
		container_of(node, struct inotify_event_info, fse.list);
	struct inotify_event_info head, *event;
	struct ow_inotify *i = arg;

	if (!ow_get(head, dead))
		return -EUCLEAN;
	if (fsnotify_is_overflow_event(head.mask)) {
		fsnotify_queue_overflow(ow_group(i));
		return 0;
	}
	if (head.name_len < 0 || head.name_len > NAME_MAX)
		return -EUCLEAN;
	event = kzalloc(sizeof(*event) + head.name_len + 1, GFP_KERNEL);
	if (!event)
		return -ENOMEM;
	*event = head;
	fsnotify_init_event(&event->fse);
	if (!ow_read(event->name, dead->name, head.name_len) ||
	    fsnotify_add_event(ow_group(i), &event->fse, NULL)) {
		kfree(event);
		return -EUCLEAN;
	}
	return 0;
}

/* --- watches --- */

/* A dead inode's first name that leads to it. */
static char *ow_inode_name(const struct inode *dead, char *buf)
{
	const struct super_block *sb;
	struct hlist_node *alias;
	struct list_head *mount;
	struct path path;

	if (!ow_get(sb, &dead->i_sb) || !ow_get(mount, &sb->s_mounts.next) ||
	    !ow_get(alias, &dead->i_dentry.first))
		return ERR_PTR(-EUCLEAN);
	if (!alias || mount == &sb->s_mounts)
		return ERR_PTR(-ENOENT);
	path.mnt = &list_entry(mount, struct mount, mnt_instance)->mnt;
	path.dentry = hlist_entry(alias, struct dentry, d_u.d_alias);
	return ow_path(&path, buf);
}

static int ow_watch(struct ow_inotify *i, const char *name, int wd, u32 mask)
{
	struct pt_regs regs = {
		.orig_ax = __NR_inotify_add_watch,
		.di = i->fd, .si = i->page, .dx = mask,
	};
	struct fsnotify_group *group = ow_group(i);
	long got;

	if (copy_to_user((void __user *)i->page, name, strlen(name) + 1))
		return -EFAULT;
	spin_lock(&group->inotify_data.idr_lock);
	idr_set_cursor(&group->inotify_data.idr, wd);
	spin_unlock(&group->inotify_data.idr_lock);
	got = sys_call_table[__NR_inotify_add_watch](&regs);
	return got < 0 ? got : got == wd ? 0 : -EBUSY;
}

/* By a descriptor: the name is not known any more. */
static int ow_watch_nameless(struct ow_inotify *i, const struct inode *dead,
			     int wd, u32 mask)
{
	struct file *file = ow_open_nameless(dead, O_PATH);
	char name[32];
	int fd, err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	fd = get_unused_fd_flags(0);
	if (fd < 0) {
		fput(file);
		return fd;
	}
	fd_install(fd, file);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	err = ow_watch(i, name, wd, mask);
	close_fd(fd);
	return err;
}

static int ow_copy_watch(unsigned long index, void *entry, unsigned int marks,
			 void *arg)
{
	const struct inotify_inode_mark *dead = entry;
	struct fsnotify_mark_connector *connector;
	struct inotify_inode_mark mark;
	struct ow_inotify *i = arg;
	fsnotify_connp_t *object;
	struct inode *inode;
	char *name;
	int err;

	if (!ow_get(mark, dead) || mark.wd != index)
		return -EUCLEAN;
	/* It has been taken away, and only its number is left. */
	connector = mark.fsn_mark.connector;
	if (!connector || !(mark.fsn_mark.flags & FSNOTIFY_MARK_FLAG_ATTACHED))
		return 0;
	if (!ow_get(object, &connector->obj))
		return -EUCLEAN;
	if (!object)
		return 0;
	inode = container_of(object, struct inode, i_fsnotify_marks);
	name = ow_inode_name(inode, i->buf);
	if (IS_ERR(name))
		err = ow_watch_nameless(i, inode, mark.wd,
					inotify_mark_user_mask(&mark.fsn_mark));
	else
		err = ow_watch(i, name, mark.wd,
			       inotify_mark_user_mask(&mark.fsn_mark) |
			       IN_DONT_FOLLOW);
	i->lost += err != 0;
	return 0;
}

static int ow_fill_inotify(struct ow_inotify *i)
{
	struct fsnotify_group *group = ow_group(i);
	unsigned int cursor;
	int err;

	err = ow_walk_list(&i->dead->notification_list, OW_MAX_EVENTS,
			   ow_copy_event, i);
	i->fd = get_unused_fd_flags(0);
	if (i->fd < 0)
		return i->fd;
	fd_install(i->fd, get_file(i->file));
	if (!err)
		err = ow_walk_xarray(&i->dead->inotify_data.idr.idr_rt,
				     OW_MAX_WATCHES, ow_copy_watch, i);
	if (ow_get(cursor, &i->dead->inotify_data.idr.idr_next))
		idr_set_cursor(&group->inotify_data.idr, cursor);
	close_fd(i->fd);
	return err;
}

void ow_settle_inotifies(void)
{
	struct ow_inotify *i, *next;
	unsigned long page;
	char *buf;
	int err;

	if (list_empty(&ow_inotifies))
		return;
	/* What is closed is closed before anybody watches. */
	task_work_run();
	buf = kmalloc(OW_MAX_PATH, GFP_KERNEL);
	page = vm_mmap(NULL, 0, OW_MAX_PATH, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	list_for_each_entry_safe(i, next, &ow_inotifies, list) {
		i->page = page;
		i->buf = buf;
		err = buf && !IS_ERR_VALUE(page) ? ow_fill_inotify(i) :
						   -ENOMEM;
		if (err || i->lost)
			ow_degraded(i->pid, OW_LOST_WATCH,
				    "inotify lost=%u err=%d", i->lost, err);
		fput(i->file);
		kfree(i);
	}
	INIT_LIST_HEAD(&ow_inotifies);
	if (!IS_ERR_VALUE(page))
		vm_munmap(page, OW_MAX_PATH);
	kfree(buf);
}
