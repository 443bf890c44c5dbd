// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory file systems as a whole: what user space had mounted is mounted again,
 * and every directory, file, link and node that is not there yet is made. Their
 * trees are pinned in the dentry cache, which is all there ever was of them.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/nsproxy.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <uapi/linux/mount.h>
#include <../fs/internal.h>
#include <../fs/mount.h>

#include "pty.h"
#include "resurrect.h"

#define OW_MAX_MOUNTS	4096
#define OW_MAX_CHILDREN	(1 << 20)
#define OW_MODE		07777

/* Our superblocks whose limits are the dead kernel's. */
static DEFINE_XARRAY(ow_mounted_again);

bool ow_is_mounted_again(const struct super_block *sb)
{
	return xa_load(&ow_mounted_again, ow_key(sb));
}

/* A directory still to be looked into, or whose attributes are to be set. */
struct ow_directory {
	struct list_head list;
	const struct dentry *dead;
	bool made;
};

struct ow_tree {
	struct vfsmount *mnt;		/* dead */
	struct list_head directories;
	char *buf;			/* for a path */
	char *target;			/* of a symbolic link */
	unsigned int made, lost;
};

static char *ow_tree_path(struct ow_tree *t, const struct dentry *dead)
{
	struct path path = { .mnt = t->mnt, .dentry = (struct dentry *)dead };

	return ow_path(&path, t->buf);
}

/* Owner, mode and times. */
static int ow_set_attributes(const char *name, const struct inode *dead)
{
	struct iattr attr = {
		.ia_valid = ATTR_UID | ATTR_GID | ATTR_MTIME | ATTR_MTIME_SET |
			    ATTR_ATIME | ATTR_ATIME_SET,
	};
	struct path path;
	umode_t mode;
	int err;

	if (!ow_get(attr.ia_uid, &dead->i_uid) ||
	    !ow_get(attr.ia_gid, &dead->i_gid) ||
	    !ow_get(attr.ia_mtime, &dead->i_mtime) ||
	    !ow_get(attr.ia_atime, &dead->i_atime) ||
	    !ow_get(mode, &dead->i_mode))
		return -EUCLEAN;
	if (!S_ISLNK(mode)) {
		attr.ia_valid |= ATTR_MODE;
		attr.ia_mode = mode;
	}
	err = kern_path(name, 0, &path);
	if (err)
		return err;
	inode_lock(d_inode(path.dentry));
	err = notify_change(&init_user_ns, path.dentry, &attr, NULL);
	inode_unlock(d_inode(path.dentry));
	path_put(&path);
	return err;
}

/* Short targets lie beside the inode, long ones in its first page. */
static int ow_read_target(const struct inode *dead, char *target)
{
	const char *link;
	struct page *page;

	if (!ow_get(link, &dead->i_link))
		return -EUCLEAN;
	if (link)
		return ow_read_string(target, link, PATH_MAX) < 0 ? -EUCLEAN : 0;
	page = ow_xarray_load(&dead->i_data.i_pages, 0);
	if (!page || !ow_read_frame(target, page_to_pfn(page)))
		return -EUCLEAN;
	target[PATH_MAX - 1] = 0;
	return 0;
}

/* Anything but a regular file; -EEXIST if it is there. */
static int ow_make_node(struct ow_tree *t, const char *name,
			const struct inode *dead, umode_t mode)
{
	struct dentry *dentry;
	struct inode *parent;
	struct path path;
	dev_t rdev;
	int err = 0;

	if (!ow_get(rdev, &dead->i_rdev))
		return -EUCLEAN;
	if (S_ISLNK(mode))
		err = ow_read_target(dead, t->target);
	if (err)
		return err;
	dentry = kern_path_create(AT_FDCWD, name, &path,
				  S_ISDIR(mode) ? LOOKUP_DIRECTORY : 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	parent = d_inode(path.dentry);
	if (S_ISDIR(mode))
		err = vfs_mkdir(&init_user_ns, parent, dentry, mode & OW_MODE);
	else if (S_ISLNK(mode))
		err = vfs_symlink(&init_user_ns, parent, dentry, t->target);
	else
		err = vfs_mknod(&init_user_ns, parent, dentry, mode, rdev);
	done_path_create(&path, dentry);
	return err;
}

/* A further name of a file that is there. */
static int ow_make_link(const char *file, const char *name)
{
	struct path old, path;
	struct dentry *dentry;
	int err = kern_path(file, 0, &old);

	if (err)
		return err;
	dentry = kern_path_create(AT_FDCWD, name, &path, 0);
	err = PTR_ERR_OR_ZERO(dentry);
	if (!err) {
		err = vfs_link(old.dentry, &init_user_ns, d_inode(path.dentry),
			       dentry, NULL);
		done_path_create(&path, dentry);
	}
	path_put(&old);
	return err;
}

/* -EEXIST if something is there under this name. */
static int ow_make_file(const struct inode *dead, const char *name)
{
	const char *first = ow_ram_file_name(dead);
	struct path path;

	if (first)
		return ow_make_link(first, name);
	if (kern_path(name, 0, &path))
		return ow_restore_ram_file(dead, name, false);
	path_put(&path);
	return -EEXIST;
}

static int ow_queue_directory(struct ow_tree *t, const struct dentry *dead,
			      bool made)
{
	struct ow_directory *d = kmalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return -ENOMEM;
	d->dead = dead;
	d->made = made;
	list_add_tail(&d->list, &t->directories);
	return 0;
}

static int ow_make_child(struct ow_tree *t, const struct dentry *dead,
			 const struct inode *inode)
{
	unsigned int flags;
	umode_t mode;
	char *name;
	int err;

	if (!ow_get(mode, &inode->i_mode) || !ow_get(flags, &dead->d_flags))
		return -EUCLEAN;
	name = ow_tree_path(t, dead);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = S_ISREG(mode) ? ow_make_file(inode, name) :
			      ow_make_node(t, name, inode, mode);
	if (err && err != -EEXIST)
		return err;
	t->made += !err;
	/* What a mount hides cannot be reached by this name. */
	if (S_ISDIR(mode) && !(flags & DCACHE_MOUNTED))
		return ow_queue_directory(t, dead, !err);
	return err ? 0 : ow_set_attributes(name, inode);
}

static int ow_visit_child(struct list_head *node, void *arg)
{
	const struct dentry *dead = container_of(node, struct dentry, d_child);
	struct ow_tree *t = arg;
	struct dentry copy;

	if (!ow_get(copy, dead)) {
		t->lost++;
		return 0;
	}
	/* Neither a remembered absence nor what has lost its name. */
	if (copy.d_inode && copy.d_hash.pprev &&
	    ow_make_child(t, dead, copy.d_inode))
		t->lost++;
	return 0;
}

/* Making something in a directory changes its time: set that last. */
static void ow_finish_directories(struct ow_tree *t)
{
	struct ow_directory *d, *next;
	struct inode *inode;
	char *name;

	list_for_each_entry_safe(d, next, &t->directories, list) {
		name = d->made ? ow_tree_path(t, d->dead) : NULL;
		if (d->made && (IS_ERR(name) || !ow_get(inode, &d->dead->d_inode) ||
				ow_set_attributes(name, inode)))
			t->lost++;
		kfree(d);
	}
}

static void ow_make_tree(struct ow_tree *t, const struct dentry *root)
{
	struct ow_directory *d;

	INIT_LIST_HEAD(&t->directories);
	if (ow_queue_directory(t, root, false))
		t->lost++;
	/* The list grows behind the one at hand. */
	list_for_each_entry(d, &t->directories, list)
		if (ow_walk_list(&d->dead->d_subdirs, OW_MAX_CHILDREN,
				 ow_visit_child, t))
			t->lost++;
	ow_finish_directories(t);
}

/* --- mounts --- */

static unsigned long ow_mount_flags(int mnt_flags)
{
	return (mnt_flags & MNT_NOSUID ? MS_NOSUID : 0) |
	       (mnt_flags & MNT_NODEV ? MS_NODEV : 0) |
	       (mnt_flags & MNT_NOEXEC ? MS_NOEXEC : 0) |
	       (mnt_flags & MNT_NOATIME ? MS_NOATIME : 0);
}

static int ow_mount_tmpfs(struct path *at, const struct super_block *sb,
			  int mnt_flags)
{
	struct shmem_sb_info *info, copy;
	struct inode *inode;
	struct dentry *root;
	char *options;
	umode_t mode;
	int err;

	if (!ow_get(info, (struct shmem_sb_info **)&sb->s_fs_info) ||
	    !ow_get(copy, info) || !ow_get(root, &sb->s_root) ||
	    !ow_get(inode, &root->d_inode) || !ow_get(mode, &inode->i_mode))
		return -EUCLEAN;
	options = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!options)
		return -ENOMEM;
	snprintf(options, PAGE_SIZE, "size=%lu,nr_inodes=%lu,mode=%o",
		 copy.max_blocks << PAGE_SHIFT, copy.max_inodes,
		 mode & OW_MODE);
	err = path_mount("tmpfs", at, "tmpfs", ow_mount_flags(mnt_flags),
			 options);
	kfree(options);
	/* What is mounted there now hides what @at was. */
	if (!err && follow_down_one(at))
		err = xa_err(xa_store(&ow_mounted_again,
				      ow_key(at->mnt->mnt_sb),
				      xa_mk_value(1), GFP_KERNEL));
	return err;
}

/* Make sure that a file system of memory is mounted at @name. */
static int ow_mount_again(const char *name, const struct super_block *sb,
			  int mnt_flags, unsigned long magic)
{
	struct path at;
	int err = kern_path(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &at);

	if (err)
		return err;
	if (at.dentry == at.mnt->mnt_root && at.mnt->mnt_sb->s_magic == magic)
		err = 0;
	else if (magic == TMPFS_MAGIC)
		err = ow_mount_tmpfs(&at, sb, mnt_flags);
	else if (magic == DEVPTS_SUPER_MAGIC)
		err = ow_mount_devpts(&at, sb, ow_mount_flags(mnt_flags));
	else
		err = -EOPNOTSUPP;
	path_put(&at);
	return err;
}

static int ow_visit_mount(struct list_head *node, void *arg)
{
	struct mount *dead = container_of(node, struct mount, mnt_list);
	const struct super_block *sb;
	struct dentry *root;
	struct ow_tree *t = arg;
	struct vfsmount mnt;
	unsigned long magic;
	char *name;
	int err;

	if (!ow_get(mnt, &dead->mnt))
		return -EUCLEAN;
	sb = mnt.mnt_sb;
	/* One whole file system; binding a part of it is not its mount. */
	if (!ow_get(magic, &sb->s_magic) ||
	    (!ow_is_ram_magic(magic) && magic != DEVPTS_SUPER_MAGIC) ||
	    !ow_get(root, &sb->s_root) || root != mnt.mnt_root)
		return 0;
	t->mnt = &dead->mnt;
	name = ow_tree_path(t, root);
	err = IS_ERR(name) ? PTR_ERR(name) :
	      ow_mount_again(name, sb, mnt.mnt_flags, magic);
	if (err) {
		ow_mark("mount-lost path=%s err=%d",
			IS_ERR(name) ? "?" : name, err);
		return 0;
	}
	/* Names of slaves come and go with them. */
	if (magic != DEVPTS_SUPER_MAGIC)
		ow_make_tree(t, root);
	return 0;
}

/* ram-files: bring the memory file systems of the dead kernel back. */
int ow_cmd_ram_files(char *args)
{
	struct ow_tree t = { };
	struct mnt_namespace *ns;
	int err = -ENOMEM;

	if (!ow_is_crash_kernel())
		return -EINVAL;
	t.buf = kmalloc(OW_MAX_PATH, GFP_KERNEL);
	t.target = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (t.buf && t.target)
		err = !ow_get(ns, &init_nsproxy.mnt_ns) ? -EUCLEAN :
		      ow_walk_list(&ns->list, OW_MAX_MOUNTS, ow_visit_mount,
				   &t);
	ow_mark("ram-files made=%u lost=%u err=%d", t.made, t.lost, err);
	kfree(t.target);
	kfree(t.buf);
	return err;
}
