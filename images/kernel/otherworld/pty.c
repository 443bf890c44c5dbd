// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pseudo-terminals. A pair is made by opening its master, which stays open
 * until all processes are back: whose master nobody has by then is hung up, as
 * if its holder had ended. A new pair gets the lowest number that is free, so
 * those below the wanted one are taken first, and kept for who wants them.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/tty.h>
/* Behind what it takes for declared. */
#include <linux/devpts_fs.h>
#include <../drivers/tty/tty.h>
#include <../fs/internal.h>
#include <../fs/mount.h>

#include "pty.h"
#include "resurrect.h"
#include "ttybuf.h"

/* As in fs/devpts/inode.c. */
struct ow_pts_fs {
	struct ida allocated_ptys;
	struct {
		int setuid;
		int setgid;
		kuid_t uid;
		kgid_t gid;
		umode_t mode;
		umode_t ptmxmode;
		int reserve;
		int max;
	} mount_opts;
	struct super_block *sb;
	struct dentry *ptmx_dentry;
};

/* One of our pairs. */
struct ow_pty {
	struct list_head list;
	struct file *master;
	const struct tty_struct *dead;	/* its master; NULL: nobody's yet */
	bool locked;			/* its slave cannot be opened */
};

static LIST_HEAD(ow_ptys);
static DEFINE_MUTEX(ow_ptys_lock);

static bool ow_is_master(const struct tty_struct *copy)
{
	return (unsigned long)copy->ops ==
	       ow_symbol("ptm_unix98_ops");
}

bool ow_is_pty(const struct tty_struct *copy)
{
	return ow_is_master(copy) || (unsigned long)copy->ops ==
				     ow_symbol("pty_unix98_ops");
}

static struct tty_struct *ow_master_of(const struct ow_pty *p)
{
	return ow_file_tty(p->master);
}

/* --- the dead pair --- */

/* The one open file of a dead master, NULL if it has been closed. */
static const struct file *ow_master_file(const struct tty_struct *dead)
{
	const struct tty_file_private *priv;
	const struct list_head *first;
	const struct file *file;

	if (!ow_get(first, &dead->tty_files.next) || first == &dead->tty_files)
		return NULL;
	priv = list_entry(first, struct tty_file_private, list);
	return ow_get(file, &priv->file) ? file : NULL;
}

/* A name by which masters are opened in the dead file system of slaves. */
static char *ow_ptmx_name(const struct tty_struct *copy, char *buf)
{
	const struct ow_pts_fs *fs = copy->driver_data;
	const struct super_block *sb;
	struct list_head *first;
	struct path path;

	if (!ow_get(sb, &fs->sb) || !ow_get(first, &sb->s_mounts.next) ||
	    !ow_get(path.dentry, &fs->ptmx_dentry))
		return ERR_PTR(-EUCLEAN);
	if (first == &sb->s_mounts)
		return ERR_PTR(-ENOENT);
	path.mnt = &list_entry(first, struct mount, mnt_instance)->mnt;
	return ow_path(&path, buf);
}

/* The name by which the dead master was opened, or could have been. */
static char *ow_master_name(const struct tty_struct *dead,
			    const struct tty_struct *copy, char *buf)
{
	const struct file *file = ow_master_file(dead);
	struct path path;

	if (!file)
		return ow_ptmx_name(copy, buf);
	return ow_get(path, &file->f_path) ? ow_path(&path, buf) :
					     ERR_PTR(-EUCLEAN);
}

/* --- our pair --- */

static struct ow_pty *ow_keep_master(struct file *master)
{
	struct ow_pty *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p) {
		fput(master);
		return ERR_PTR(-ENOMEM);
	}
	p->master = master;
	list_add_tail(&p->list, &ow_ptys);
	return p;
}

/* Of the same file system of slaves, by whatever name that was reached. */
static struct ow_pty *ow_find_spare(const void *fs, int index)
{
	struct ow_pty *p;

	list_for_each_entry(p, &ow_ptys, list)
		if (!p->dead && ow_master_of(p)->driver_data == fs &&
		    ow_master_of(p)->index == index)
			return p;
	return NULL;
}

/* A pair nobody has yet with this number, in the file system @name leads to. */
static struct ow_pty *ow_make_pair(const char *name, int index)
{
	struct ow_pty *p, *made;
	struct file *file;

	do {
		file = filp_open(name, O_RDWR | O_NOCTTY, 0);
		if (IS_ERR(file))
			return ERR_CAST(file);
		made = ow_keep_master(file);
		if (IS_ERR(made))
			return made;
		p = ow_find_spare(ow_master_of(made)->driver_data, index);
	} while (!p && ow_master_of(made)->index < index);
	/* Numbers only grow: somebody else has this one. */
	return p ?: ERR_PTR(-EBUSY);
}

static void ow_restore_end(struct tty_struct *tty,
			   const struct tty_struct *copy)
{
	struct ktermios termios = copy->termios;

	tty_set_termios(tty, &termios);
	tty->termios_locked = copy->termios_locked;
	tty->winsize = copy->winsize;
	ow_restore_discipline(tty, copy);
	tty->flow.stopped = copy->flow.stopped;
	tty->flow.tco_stopped = copy->flow.tco_stopped;
	tty->ctrl.pktstatus = copy->ctrl.pktstatus;
	tty->ctrl.packet = copy->ctrl.packet;
	if (test_bit(TTY_EXCLUSIVE, &copy->flags))
		set_bit(TTY_EXCLUSIVE, &tty->flags);
}

/* Owner and mode of the slave's name. */
static void ow_restore_node(struct tty_struct *slave,
			    const struct tty_struct *copy)
{
	struct inode *inode = d_inode((struct dentry *)slave->driver_data);
	const struct dentry *dentry = copy->driver_data;
	const struct inode *dead;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;

	if (!ow_get(dead, &dentry->d_inode) || !ow_get(mode, &dead->i_mode) ||
	    !ow_get(uid, &dead->i_uid) || !ow_get(gid, &dead->i_gid) ||
	    (mode ^ inode->i_mode) & S_IFMT)
		return;
	inode_lock(inode);
	inode->i_mode = mode;
	inode->i_uid = uid;
	inode->i_gid = gid;
	inode_unlock(inode);
}

/* @copy: of the dead master. */
static int ow_restore_pair(struct ow_pty *p, const struct tty_struct *dead,
			   const struct tty_struct *copy)
{
	struct tty_struct *master = ow_master_of(p);
	struct tty_struct *slave = ow_read_tty(copy->link);

	if (IS_ERR(slave))
		return PTR_ERR(slave);
	p->dead = dead;
	p->locked = test_bit(TTY_PTY_LOCK, &copy->flags);
	clear_bit(TTY_PTY_LOCK, &master->flags);
	ow_restore_end(master, copy);
	ow_restore_end(master->link, slave);
	if (ow_master_file(dead))
		ow_restore_node(master->link, slave);
	/* All slaves had been closed; one that is opened takes it back. */
	if (test_bit(TTY_OTHER_CLOSED, &copy->flags)) {
		set_bit(TTY_OTHER_CLOSED, &master->flags);
		set_bit(TTY_IO_ERROR, &master->link->flags);
	}
	kfree(slave);
	return 0;
}

static struct ow_pty *ow_revive_pty(const struct tty_struct *dead,
				    const struct tty_struct *copy)
{
	char *buf = kmalloc(OW_MAX_PATH, GFP_KERNEL), *name;
	struct ow_pty *p;
	int err;

	if (!buf)
		return ERR_PTR(-ENOMEM);
	name = ow_master_name(dead, copy, buf);
	p = IS_ERR(name) ? ERR_CAST(name) : ow_make_pair(name, copy->index);
	kfree(buf);
	if (IS_ERR(p))
		return p;
	err = ow_restore_pair(p, dead, copy);
	return err ? ERR_PTR(err) : p;
}

/* Ours for a dead master. */
static struct ow_pty *ow_find_pty(const struct tty_struct *dead)
{
	struct tty_struct *copy;
	struct ow_pty *p;

	list_for_each_entry(p, &ow_ptys, list)
		if (p->dead == dead)
			return p;
	copy = ow_read_tty(dead);
	if (IS_ERR(copy))
		return ERR_CAST(copy);
	p = ow_is_master(copy) ? ow_revive_pty(dead, copy) :
				 ERR_PTR(-EUCLEAN);
	kfree(copy);
	return p;
}

/* --- open files --- */

struct tty_struct *ow_read_file_tty(const struct file *copy)
{
	const struct tty_file_private *priv = copy->private_data;
	const struct tty_struct *dead;

	return ow_get(dead, &priv->tty) ? ow_read_tty(dead) :
					  ERR_PTR(-EUCLEAN);
}

bool ow_is_pty_file(const struct file *copy)
{
	struct tty_struct *tty;
	bool is = false;
	dev_t rdev;

	if (!ow_get(rdev, &copy->f_inode->i_rdev) ||
	    (MAJOR(rdev) != TTYAUX_MAJOR &&
	     MAJOR(rdev) != UNIX98_PTY_SLAVE_MAJOR))
		return false;
	tty = ow_read_file_tty(copy);
	if (!IS_ERR(tty)) {
		is = ow_is_pty(tty);
		kfree(tty);
	}
	return is;
}

/* By no name, which another mount may hide: as TIOCGPTPEER does. */
static struct file *ow_open_slave(const struct ow_pty *p,
				  const struct file *copy)
{
	struct tty_struct *master = ow_master_of(p);
	struct path path = { .dentry = master->link->driver_data };
	struct file *file;

	path.mnt = devpts_mntget(p->master, master->driver_data);
	if (IS_ERR(path.mnt))
		return ERR_CAST(path.mnt);
	file = dentry_open(&path, (copy->f_flags & O_ACCMODE) | O_NOCTTY |
				  O_NONBLOCK, current_cred());
	mntput(path.mnt);
	if (!IS_ERR(file) && (unsigned long)copy->f_op ==
			     ow_symbol("hung_up_tty_fops"))
		file->f_op = copy->f_op;
	return file;
}

struct file *ow_open_pty(const struct file *copy)
{
	const struct tty_file_private *priv = copy->private_data;
	const struct tty_struct *dead;
	struct tty_struct *tty;
	struct file *file;
	struct ow_pty *p;

	if (!ow_get(dead, &priv->tty))
		return ERR_PTR(-EUCLEAN);
	tty = ow_read_tty(dead);
	if (IS_ERR(tty))
		return ERR_CAST(tty);
	mutex_lock(&ow_ptys_lock);
	p = ow_find_pty(ow_is_master(tty) ? dead : tty->link);
	if (IS_ERR(p))
		file = ERR_CAST(p);
	else
		file = ow_is_master(tty) ? get_file(p->master) :
					   ow_open_slave(p, copy);
	mutex_unlock(&ow_ptys_lock);
	kfree(tty);
	return file;
}

struct tty_struct *ow_pty_slave(const struct tty_struct *copy)
{
	struct ow_pty *p;

	mutex_lock(&ow_ptys_lock);
	p = ow_find_pty(copy->link);
	mutex_unlock(&ow_ptys_lock);
	return IS_ERR(p) ? ERR_CAST(p) : ow_master_of(p)->link;
}

/* What had arrived at an end may be a key that sends a signal: who gets it
 * must be there.
 */
static void ow_finish_end(struct tty_struct *tty, const struct tty_struct *dead)
{
	struct tty_struct *copy = ow_read_tty(dead);

	if (IS_ERR(copy))
		return;
	ow_feed_raw(tty, copy);
	kfree(copy);
}

static void ow_finish_pty(struct ow_pty *p)
{
	struct tty_struct *master = ow_master_of(p);
	const struct tty_struct *slave;

	if (p->dead && ow_get(slave, &p->dead->link)) {
		ow_finish_end(master, p->dead);
		ow_finish_end(master->link, slave);
	}
	if (p->locked)
		set_bit(TTY_PTY_LOCK, &master->flags);
	fput(p->master);
}

void ow_forget_ptys(void)
{
	struct ow_pty *p, *next;

	mutex_lock(&ow_ptys_lock);
	list_for_each_entry_safe(p, next, &ow_ptys, list) {
		ow_finish_pty(p);
		kfree(p);
	}
	INIT_LIST_HEAD(&ow_ptys);
	mutex_unlock(&ow_ptys_lock);
}

/* --- the file system of slaves --- */

int ow_mount_devpts(struct path *at, const struct super_block *dead,
		    unsigned long flags)
{
	const struct ow_pts_fs *fs;
	struct ow_pts_fs copy;
	char *options;
	size_t len;
	int err;

	if (!ow_get(fs, (struct ow_pts_fs **)&dead->s_fs_info) ||
	    !ow_get(copy, fs))
		return -EUCLEAN;
	options = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!options)
		return -ENOMEM;
	len = scnprintf(options, PAGE_SIZE, "mode=%o,ptmxmode=%o,max=%d",
			copy.mount_opts.mode, copy.mount_opts.ptmxmode,
			copy.mount_opts.max);
	if (copy.mount_opts.setuid)
		len += scnprintf(options + len, PAGE_SIZE - len, ",uid=%u",
				 __kuid_val(copy.mount_opts.uid));
	if (copy.mount_opts.setgid)
		scnprintf(options + len, PAGE_SIZE - len, ",gid=%u",
			  __kgid_val(copy.mount_opts.gid));
	err = path_mount("devpts", at, "devpts", flags, options);
	kfree(options);
	return err;
}
