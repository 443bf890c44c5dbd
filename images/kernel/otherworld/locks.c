// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hangs on an open file besides its position: locks of all three kinds
 * (flock, POSIX records, open file description), and who gets its SIGIO.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/signal.h>

#include "resurrect.h"

#define OW_MAX_LOCKS	4096

struct ow_locks {
	struct ow_dead *d;
	const struct file *dead;
	struct file *file;	/* ours */
	int err;
};

/* Is it held through this file, and if it is a record lock, by @d? */
static bool ow_lock_is_ours(const struct ow_locks *l, const struct file_lock *fl)
{
	if (fl->fl_file != l->dead)
		return false;
	return !(fl->fl_flags & FL_POSIX) || fl->fl_flags & FL_OFDLCK ||
	       fl->fl_owner == l->d->task->files;
}

static int ow_visit_lock(struct list_head *node, void *arg)
{
	struct ow_locks *l = arg;
	struct file_lock dead, *fl;

	if (!ow_get(dead, container_of(node, struct file_lock, fl_list)))
		return -EUCLEAN;
	if (!ow_lock_is_ours(l, &dead))
		return 0;
	fl = locks_alloc_lock();
	if (!fl)
		return -ENOMEM;
	fl->fl_flags = dead.fl_flags & (FL_FLOCK | FL_POSIX | FL_OFDLCK);
	fl->fl_type = dead.fl_type;
	fl->fl_start = dead.fl_start;
	fl->fl_end = dead.fl_end;
	fl->fl_file = l->file;
	fl->fl_owner = dead.fl_owner == l->d->task->files ?
		       (fl_owner_t)current->files : (fl_owner_t)l->file;
	fl->fl_pid = fl->fl_flags & FL_OFDLCK ? -1 : current->tgid;
	/* Nobody else runs yet: what the dead held does not conflict. */
	l->err = locks_lock_file_wait(l->file, fl) ?: l->err;
	locks_free_lock(fl);
	return 0;
}

static int ow_visit_lease(struct list_head *node, void *arg)
{
	struct ow_locks *l = arg;
	struct file_lock dead;

	if (!ow_get(dead, container_of(node, struct file_lock, fl_list)))
		return -EUCLEAN;
	if (dead.fl_file == l->dead)
		ow_degraded(l->d->proc->pid, OW_LOST_LOCK, "lease");
	return 0;
}

void ow_become_locks(struct ow_dead *d, const struct file *dead,
		     struct file *file)
{
	struct ow_locks l = { .d = d, .dead = dead, .file = file };
	const struct file_lock_context *ctx;
	const struct inode *inode;

	if (!ow_get(inode, &dead->f_inode) || !ow_get(ctx, &inode->i_flctx))
		l.err = -EUCLEAN;
	else if (ctx &&
		 (ow_walk_list(&ctx->flc_flock, OW_MAX_LOCKS, ow_visit_lock, &l) ||
		  ow_walk_list(&ctx->flc_posix, OW_MAX_LOCKS, ow_visit_lock, &l) ||
		  ow_walk_list(&ctx->flc_lease, OW_MAX_LOCKS, ow_visit_lease, &l)))
		l.err = -EUCLEAN;
	if (l.err)
		ow_degraded(d->proc->pid, OW_LOST_LOCK, "lock err=%d", l.err);
}

/* F_SETOWN, F_SETSIG and O_ASYNC. */
void ow_restore_owner(struct file *file, const struct file *copy)
{
	const struct fown_struct *dead = &copy->f_owner;
	struct pid *pid = find_get_pid(ow_pid_number(dead->pid));

	if (pid && dead->pid_type < PIDTYPE_MAX)
		__f_setown(file, pid, dead->pid_type, 1);
	put_pid(pid);
	write_lock_irq(&file->f_owner.lock);
	file->f_owner.uid = dead->uid;
	file->f_owner.euid = dead->euid;
	write_unlock_irq(&file->f_owner.lock);
	file->f_owner.signum = valid_signal(dead->signum) ? dead->signum : 0;
	if (copy->f_flags & FASYNC && file->f_op->fasync)
		file->f_op->fasync(-1, file, 1);
}
