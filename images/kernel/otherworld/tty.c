// SPDX-License-Identifier: GPL-2.0-only
/*
 * Terminals: settings, window size, and which session and process group
 * own them.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/xarray.h>

#include "resurrect.h"
#include "pty.h"
#include "ttybuf.h"

/* Dead tty_struct -> our open file on it, until the gate opens. */
static DEFINE_XARRAY(ow_ttys);

static void ow_set_owner(struct tty_struct *tty, const struct tty_struct *copy)
{
	struct pid *session = find_get_pid(ow_pid_number(copy->ctrl.session));
	struct pid *pgrp = find_get_pid(ow_pid_number(copy->ctrl.pgrp));

	spin_lock_irq(&tty->ctrl.lock);
	swap(tty->ctrl.session, session);
	swap(tty->ctrl.pgrp, pgrp);
	spin_unlock_irq(&tty->ctrl.lock);
	put_pid(session);
	put_pid(pgrp);
}

static struct file *ow_open_tty(const struct tty_struct *dead,
				const struct tty_struct *copy)
{
	struct file *file = xa_load(&ow_ttys, (unsigned long)dead >> 3);
	struct tty_struct *tty;
	char name[80];
	int err;

	if (file)
		return file;
	snprintf(name, sizeof(name), "/dev/%s", copy->name);
	file = filp_open(name, O_RDWR | O_NOCTTY | O_NONBLOCK, 0);
	if (IS_ERR(file))
		return file;
	err = xa_err(xa_store(&ow_ttys, (unsigned long)dead >> 3, file,
			      GFP_KERNEL));
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	tty = ow_file_tty(file);
	ow_restore_tty_buffers(tty, copy);
	tty->winsize = copy->winsize;
	return file;
}

/* Settings of a terminal that a process merely holds open, and its name. */
int ow_restore_tty(const struct tty_file_private *dead, char *name, size_t size)
{
	struct tty_struct *tty, *copy;
	struct file *file;

	if (!ow_get(tty, &dead->tty))
		return -EUCLEAN;
	copy = ow_read_tty(tty);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	snprintf(name, size, "/dev/%s", copy->name);
	file = ow_open_tty(tty, copy);
	kfree(copy);
	return PTR_ERR_OR_ZERO(file);
}

void ow_forget_ttys(void)
{
	unsigned long index;
	struct file *file;

	xa_for_each(&ow_ttys, index, file)
		fput(file);
	xa_destroy(&ow_ttys);
	ow_forget_ptys();
}

const char *ow_judge_tty(struct ow_dead *d)
{
	const char *reason = NULL;
	struct tty_struct *copy;

	if (!d->signal.tty)
		return NULL;
	copy = ow_read_tty(d->signal.tty);
	if (IS_ERR(copy))
		return "damaged-terminal";
	if (ow_is_pty(copy) && IS_ERR(ow_pty_slave(copy)))
		reason = "pseudo-terminal";
	kfree(copy);
	return reason;
}

/* Ours for a dead controlling terminal. */
static struct tty_struct *ow_own_tty(const struct tty_struct *dead,
				     const struct tty_struct *copy)
{
	struct file *file;

	if (ow_is_pty(copy))
		return ow_pty_slave(copy);
	file = ow_open_tty(dead, copy);
	return IS_ERR(file) ? ERR_CAST(file) : ow_file_tty(file);
}

/* All processes of all sessions become one after the other: no lock. */
int ow_become_tty(struct ow_dead *d)
{
	struct tty_struct *copy, *tty;

	if (!d->signal.tty)
		return 0;
	copy = ow_read_tty(d->signal.tty);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	tty = ow_own_tty(d->signal.tty, copy);
	if (IS_ERR(tty)) {
		kfree(copy);
		return PTR_ERR(tty);
	}
	tty_kref_get(tty);
	ow_set_owner(tty, copy);
	kfree(copy);
	spin_lock_irq(&current->sighand->siglock);
	swap(current->signal->tty, tty);
	spin_unlock_irq(&current->sighand->siglock);
	tty_kref_put(tty);
	return 0;
}
