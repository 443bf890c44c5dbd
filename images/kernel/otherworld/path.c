// SPDX-License-Identifier: GPL-2.0-only
/* Names of dead files: from a dead dentry up to the root of its namespace. */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/mount.h>
#include <linux/string.h>
#include <../fs/mount.h>

#include "resurrect.h"

#define OW_PATH_DEPTH	512

/* Put the name of @dentry and a slash in front of @at. */
static char *ow_prepend(const struct dentry *dentry, char *buf, char *at)
{
	u32 len = dentry->d_name.len;

	if (!len || len > NAME_MAX || at - buf < len + 1)
		return ERR_PTR(-ENAMETOOLONG);
	at -= len;
	if (!ow_read(at, dentry->d_name.name, len) || memchr(at, 0, len) ||
	    memchr(at, '/', len))
		return ERR_PTR(-EUCLEAN);
	*--at = '/';
	return at;
}

/* A file system's root: step to where it is mounted; 1 at the very top, which
 * a mount that only the kernel has, or nobody any more, does not have.
 */
static int ow_step_mount(struct vfsmount **mnt, struct dentry **dentry)
{
	struct mount *mount = container_of(*mnt, struct mount, mnt);
	struct mnt_namespace *ns;
	struct mount *parent;

	if (!ow_get(parent, &mount->mnt_parent) ||
	    !ow_get(*dentry, &mount->mnt_mountpoint) ||
	    !ow_get(ns, &mount->mnt_ns))
		return -EUCLEAN;
	if (IS_ERR_OR_NULL(ns))
		return -EOPNOTSUPP;
	*mnt = &parent->mnt;
	return parent == mount;
}

char *ow_path(const struct path *dead, char *buf)
{
	struct dentry *dentry = dead->dentry, copy, *root;
	struct vfsmount *mnt = dead->mnt;
	char *at = buf + OW_MAX_PATH - 1;
	int depth, top;

	*at = 0;
	for (depth = 0; depth < OW_PATH_DEPTH; depth++) {
		if (!ow_get(root, &mnt->mnt_root) || !ow_get(copy, dentry))
			return ERR_PTR(-EUCLEAN);
		if (dentry == root) {
			top = ow_step_mount(&mnt, &dentry);
			if (top < 0)
				return ERR_PTR(top);
			if (!top)
				continue;
			if (!*at)
				*--at = '/';
			return at;
		}
		/*
		 * Unhashed: the name is gone, or was never there. Its own
		 * parent: a nameless file that came back before.
		 */
		if (!copy.d_hash.pprev || dentry == copy.d_parent)
			return ERR_PTR(-ENOENT);
		at = ow_prepend(&copy, buf, at);
		if (IS_ERR(at))
			return at;
		dentry = copy.d_parent;
	}
	return ERR_PTR(-ELOOP);
}
