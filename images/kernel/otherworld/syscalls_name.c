// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that make, remove or change a name. Issued again after they had
 * happened they would find what they themselves did: EEXIST or ENOENT.
 *
 * They are completed forward instead. While the work is being done, on two
 * conditions. The call chain of the dead task shows that the look-up lay behind
 * it and had found what the call needs: a name not there yet, or a name to
 * remove; the directory was locked from then on, so nobody else can have
 * changed that. And the name is now as the call was to leave it. Then the call
 * was it, and answers success. Behind the work the rest of the call is known.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/namei.h>
#include <asm/unistd.h>
#include <../fs/internal.h>

#include "syscalls.h"

/* Functions that run only when the look-up had found what the call needs. */
struct ow_evidence {
	const char *work[2];
};

static const struct ow_evidence ow_mkdir_evidence = { { "vfs_mkdir" } };
static const struct ow_evidence ow_mknod_evidence = {
	{ "vfs_mknod", "vfs_create" }
};

static const struct ow_evidence ow_symlink_evidence = { { "vfs_symlink" } };
static const struct ow_evidence ow_link_evidence = { { "vfs_link" } };
static const struct ow_evidence ow_unlink_evidence = { { "vfs_unlink" } };
static const struct ow_evidence ow_rmdir_evidence = { { "vfs_rmdir" } };
static const struct ow_evidence ow_rename_evidence = { { "vfs_rename" } };
/* With O_EXCL only: who opens has made the file. */
static const struct ow_evidence ow_open_evidence = { { "ext4_create", "vfs_open" } };

/* The name at stake: dirfd and path as the caller gave them. */
struct ow_name {
	int dirfd;
	unsigned long path;
	bool there;		/* after the call */
	const struct ow_evidence *evidence;
};

static bool ow_made_name(const struct pt_regs *r, struct ow_name *n)
{
	n->there = true;
	switch (r->orig_ax) {
	case __NR_mkdir:
	case __NR_mkdirat:
		n->evidence = &ow_mkdir_evidence;
		break;
	case __NR_mknod:
	case __NR_mknodat:
		n->evidence = &ow_mknod_evidence;
		break;
	case __NR_symlink:
		n->path = r->si;
		n->evidence = &ow_symlink_evidence;
		return true;
	case __NR_symlinkat:
		n->dirfd = r->si;
		n->path = r->dx;
		n->evidence = &ow_symlink_evidence;
		return true;
	case __NR_link:
		n->path = r->si;
		n->evidence = &ow_link_evidence;
		return true;
	case __NR_linkat:
		n->dirfd = r->dx;
		n->path = r->r10;
		n->evidence = &ow_link_evidence;
		return true;
	default:
		return false;
	}
	if (r->orig_ax == __NR_mkdirat || r->orig_ax == __NR_mknodat) {
		n->dirfd = r->di;
		n->path = r->si;
	}
	return true;
}

static bool ow_removed_name(const struct pt_regs *r, struct ow_name *n)
{
	n->there = false;
	switch (r->orig_ax) {
	case __NR_unlink:
		n->evidence = &ow_unlink_evidence;
		return true;
	case __NR_rmdir:
		n->evidence = &ow_rmdir_evidence;
		return true;
	case __NR_unlinkat:
		n->dirfd = r->di;
		n->path = r->si;
		n->evidence = r->dx & AT_REMOVEDIR ? &ow_rmdir_evidence :
						     &ow_unlink_evidence;
		return true;
	case __NR_rename:
		n->evidence = &ow_rename_evidence;
		return true;
	case __NR_renameat2:
		if (r->r8 & RENAME_EXCHANGE)
			return false;
		fallthrough;
	case __NR_renameat:
		n->dirfd = r->di;
		n->path = r->si;
		n->evidence = &ow_rename_evidence;
		return true;
	}
	return false;
}

static bool ow_opened_name(const struct pt_regs *r, struct ow_name *n)
{
	unsigned long flags = r->orig_ax == __NR_openat ? r->dx : r->si;

	n->there = true;
	n->evidence = &ow_open_evidence;
	if (r->orig_ax == __NR_openat) {
		n->dirfd = r->di;
		n->path = r->si;
	} else if (r->orig_ax != __NR_open) {
		return false;
	}
	return (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
}

static bool ow_is_open(const struct ow_dead *d)
{
	return d->regs.orig_ax == __NR_open || d->regs.orig_ax == __NR_openat;
}

static bool ow_find_name(const struct ow_dead *d, struct ow_name *n)
{
	n->dirfd = AT_FDCWD;
	n->path = d->regs.di;
	return ow_made_name(&d->regs, n) || ow_removed_name(&d->regs, n) ||
	       ow_opened_name(&d->regs, n);
}

static bool ow_works(struct ow_dead *d, const struct ow_evidence *e)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(e->work) && e->work[i]; i++)
		if (ow_in_function(d, e->work[i]))
			return true;
	return false;
}

/* Both names stay in place: whether it has happened they do not say. */
static bool ow_exchanges(const struct ow_dead *d)
{
	return d->regs.orig_ax == __NR_renameat2 && d->regs.r8 & RENAME_EXCHANGE;
}

/* Again, an error for the culprit, or, if it had happened, success. */
static void ow_rule(struct ow_dead *d, long error)
{
	struct ow_name n;
	struct ow_rest rest;
	bool named = ow_find_name(d, &n), works = named && ow_works(d, n.evidence);

	ow_again_or(d, error);
	d->call.half_done = works;
	if (ow_exchanges(d) && ow_in_function(d, "vfs_rename"))
		return ow_refuse(d, "rename");
	if (works || !ow_foretell(d, NULL, &rest))
		return;
	/* Opened, but not in the table of descriptors yet. */
	if (rest.answer >= 0 && ow_is_open(d) && !ow_dead_fd(d, rest.answer))
		d->call.half_done = named;
	else
		ow_answer_rest(d, &rest);
}

void ow_rule_name(struct ow_dead *d)
{
	ow_rule(d, -EIO);
}

void ow_rule_open(struct ow_dead *d)
{
	ow_rule(d, -EINTR);
}

/* The file exists already, made by this very call: open it as that. */
static long ow_open_made(const struct ow_dead *d, const struct ow_name *n)
{
	const struct pt_regs *r = &d->regs;
	bool at = r->orig_ax == __NR_openat;

	return do_sys_open(n->dirfd, (const char __user *)n->path,
			   (at ? r->dx : r->si) & ~(O_CREAT | O_EXCL), 0);
}

static int ow_find_new_name(const struct ow_dead *d, struct path *path)
{
	const struct pt_regs *r = &d->regs;

	if (r->orig_ax == __NR_rename)
		return user_path_at(AT_FDCWD, (const char __user *)r->si, 0, path);
	return user_path_at(r->dx, (const char __user *)r->r10, 0, path);
}

/*
 * Between its two changes a rename has left both names. That they are of one
 * file was its own doing: of two names that were so before, vfs_rename() asks
 * no file system for anything. What is missing is to remove the old one.
 */
static bool ow_finish_rename(struct ow_dead *d, const struct ow_name *n,
			     const struct path *old)
{
	const struct inode *inode = d_inode(old->dentry);
	struct path new;
	bool same;

	if (!ow_in_function(d, "ext4_rename2") || S_ISDIR(inode->i_mode) ||
	    inode->i_nlink < 2 || ow_find_new_name(d, &new))
		return false;
	same = d_inode(new.dentry) == inode;
	path_put(&new);
	return same && !do_unlinkat(n->dirfd, getname((const char __user *)n->path));
}

/* Is the name as the call was to leave it? If it takes little, make it so. */
static bool ow_name_settled(struct ow_dead *d, const struct ow_name *n)
{
	struct path path;
	int err = user_path_at(n->dirfd, (const char __user *)n->path, 0, &path);
	bool settled = n->there ? !err : err == -ENOENT;

	if (err)
		return settled;
	if (n->evidence == &ow_rename_evidence)
		settled = ow_finish_rename(d, n, &path);
	path_put(&path);
	return settled;
}

/* In the resurrected task, before anybody runs who could touch the name. */
void ow_complete_name(struct ow_dead *d)
{
	struct ow_name n;

	if (!d->call.half_done || !ow_find_name(d, &n) || !ow_name_settled(d, &n))
		return;
	ow_answer(d, OW_RETURN,
		  n.evidence == &ow_open_evidence ? ow_open_made(d, &n) : 0);
}
