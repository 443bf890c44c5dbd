// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files. Each dead struct file becomes exactly one of ours, however many
 * descriptors and processes shared it, so that shared offsets stay shared.
 */
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/mutex.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "pty.h"
#include "resurrect.h"

/* Flags of an open file that fcntl() may change. */
#define OW_SETFL	(O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)
/* "/dev/" and the name of a terminal. */
#define OW_TTY_NAME_SIZE	80
/* Flags that matter only at the first open. */
#define OW_FIRST_OPEN	(O_CREAT | O_EXCL | O_TRUNC | O_TMPFILE)

/* Dead struct file -> ours, one reference each, until the gate opens. */
static DEFINE_XARRAY(ow_files);
static DEFINE_MUTEX(ow_files_lock);

/* Does the file live in memory only, so that its contents died too? */
static bool ow_on_ram(const struct file *dead)
{
	struct super_block *sb;
	struct block_device *bdev;
	struct inode *inode;
	unsigned long magic;

	return ow_get(inode, &dead->f_inode) && ow_get(sb, &inode->i_sb) &&
	       ow_get(bdev, &sb->s_bdev) && !bdev &&
	       ow_get(magic, &sb->s_magic) && ow_is_ram_magic(magic);
}

/* Does it live on a disk, so that its number is the same afterwards? */
static bool ow_on_disk(const struct inode *dead)
{
	struct super_block *sb;
	struct block_device *bdev;

	return ow_get(sb, &dead->i_sb) && ow_get(bdev, &sb->s_bdev) && bdev;
}

/* Is it what was open: by kind, and on a disk by number and generation? */
static bool ow_is_same(const struct file *file, const struct inode *dead,
		       umode_t mode)
{
	const struct inode *inode = file_inode(file);
	unsigned long ino;
	u32 generation;

	if ((inode->i_mode ^ mode) & S_IFMT)
		return false;
	return !ow_on_disk(dead) ||
	       (ow_get(ino, &dead->i_ino) && ino == inode->i_ino &&
		ow_get(generation, &dead->i_generation) &&
		generation == inode->i_generation);
}

struct ow_named {
	struct dir_context ctx;
	u64 ino;
	char *name;			/* with room for NAME_MAX */
	bool found;
};

static bool ow_compare_number(struct dir_context *ctx, const char *name,
			      int len, loff_t offset, u64 ino, unsigned int type)
{
	struct ow_named *n = container_of(ctx, struct ow_named, ctx);

	if (ino != n->ino || len > NAME_MAX)
		return true;
	memcpy(n->name, name, len);
	n->name[len] = 0;
	n->found = true;
	return false;
}

/*
 * A name in memory may be damaged; the directory on the disk has it, with the
 * number of the file. Puts that name into @path.
 */
static int ow_correct_name(const struct inode *dead, char *path)
{
	struct ow_named n = { .ctx.actor = ow_compare_number };
	char *last = strrchr(path, '/');
	unsigned long ino;
	struct file *dir;
	int err;

	if (!last || last - path + NAME_MAX + 2 > OW_MAX_PATH ||
	    !ow_on_disk(dead) || !ow_get(ino, &dead->i_ino))
		return -ENOENT;
	n.ino = ino;
	n.name = last + 1;
	*last = 0;
	dir = filp_open(last == path ? "/" : path, O_RDONLY | O_DIRECTORY, 0);
	*last = '/';
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	err = iterate_dir(dir, &n.ctx);
	fput(dir);
	return n.found ? 0 : err ?: -ENOENT;
}

/* What must be in place before @path can be opened; may change @path. */
static int ow_prepare_open(const struct file *dead, const struct file *copy,
			   char *path, umode_t mode)
{
	dev_t rdev;

	if (S_ISREG(mode) && ow_on_ram(dead))
		return ow_restore_ram_file(copy->f_inode, path,
					   copy->f_mode & FMODE_WRITE);
	if (!S_ISCHR(mode))
		return 0;
	if (!ow_get(rdev, &copy->f_inode->i_rdev))
		return -EUCLEAN;
	/* /dev/tty and /dev/console mean a terminal: open that by its name. */
	if (MAJOR(rdev) == TTY_MAJOR || MAJOR(rdev) == TTYAUX_MAJOR)
		return ow_restore_tty(copy->private_data, path,
				      OW_TTY_NAME_SIZE);
	return 0;
}

static struct file *ow_open_same(const struct file *copy, const char *path,
				 umode_t mode)
{
	unsigned int flags = copy->f_flags & ~(OW_FIRST_OPEN | O_DIRECT);
	struct file *file;

	file = filp_open(path, flags | O_NOCTTY | O_NONBLOCK | O_LARGEFILE, 0);
	if (IS_ERR(file) || ow_is_same(file, copy->f_inode, mode))
		return file;
	fput(file);
	return ERR_PTR(-ESTALE);
}

static struct file *ow_open_path(const struct file *dead,
				 const struct file *copy, char *path,
				 umode_t mode)
{
	struct file *file;
	int err;

	err = ow_prepare_open(dead, copy, path, mode);
	if (err)
		return ERR_PTR(err);
	file = ow_open_same(copy, path, mode);
	if ((file == ERR_PTR(-ENOENT) || file == ERR_PTR(-ESTALE)) &&
	    !ow_correct_name(copy->f_inode, path))
		file = ow_open_same(copy, path, mode);
	return file;
}

/* The name it was opened by is gone; another may lead to it, or none. */
static struct file *ow_open_without_name(const struct file *copy)
{
	const char *other = ow_ram_file_name(copy->f_inode);
	unsigned int flags = copy->f_flags & ~OW_FIRST_OPEN;

	return other ? filp_open(other, flags | O_LARGEFILE, 0) :
		       ow_open_nameless(copy->f_inode, flags);
}

/* @path: its name, or why there is none. */
static struct file *ow_open_kind(const struct file *dead,
				 const struct file *copy, char *path)
{
	unsigned int nlink;
	umode_t mode;

	if (!ow_get(mode, &copy->f_inode->i_mode) ||
	    !ow_get(nlink, &copy->f_inode->i_nlink))
		return ERR_PTR(-EUCLEAN);
	if (ow_is_mqueue(copy))
		return ow_open_mqueue(copy);
	if (!nlink && ow_is_shmem(copy->f_inode))
		return ow_is_segment(copy) ? ow_open_segment(copy) :
		       ow_open_shmem(copy, copy->f_flags & ~OW_FIRST_OPEN);
	if (!path)
		return ow_open_anonymous(copy);
	if (S_ISCHR(mode) && ow_is_pty_file(copy))
		return ow_open_pty(copy);
	if (S_ISSOCK(mode))
		return ow_open_socket(copy);
	if (S_ISFIFO(mode))
		return ow_open_pipe(copy, path);
	if (!IS_ERR(path))
		return ow_open_path(dead, copy, path, mode);
	return PTR_ERR(path) == -ENOENT ? ow_open_without_name(copy) :
					  ERR_CAST(path);
}

static struct file *ow_open_again(const struct file *dead,
				  const struct file *copy, char *path)
{
	struct file *file = ow_open_kind(dead, copy, path);

	if (IS_ERR(file))
		return file;
	spin_lock(&file->f_lock);
	file->f_flags = (file->f_flags & ~OW_SETFL) |
			(copy->f_flags & OW_SETFL);
	file->f_iocb_flags = iocb_flags(file);
	spin_unlock(&file->f_lock);
	file->f_pos = copy->f_pos;
	ow_restore_owner(file, copy);
	return file;
}

struct file *ow_reopen_locked(const struct file *dead)
{
	struct file *file = xa_load(&ow_files, ow_key(dead));
	struct file *copy;
	char *buf, *path;

	if (file)
		return get_file(file);
	buf = kmalloc(OW_MAX_PATH, GFP_KERNEL);
	copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	file = ERR_PTR(-ENOMEM);
	if (!buf || !copy)
		goto out;
	file = ERR_PTR(-EUCLEAN);
	if (!ow_get(*copy, dead))
		goto out;
	path = ow_is_anonymous(copy->f_op) ? NULL :
					     ow_path(&copy->f_path, buf);
	/* At the start of the buffer, with room for another name. */
	if (!IS_ERR_OR_NULL(path))
		path = memmove(buf, path, strlen(path) + 1);
	file = ow_open_again(dead, copy, path);
	if (IS_ERR(file)) {
		ow_mark("reopen path=%s err=%ld",
			IS_ERR_OR_NULL(path) ? "?" : path, PTR_ERR(file));
		goto out;
	}
	get_file(file);
	if (xa_err(xa_store(&ow_files, ow_key(dead), file, GFP_KERNEL)))
		fput(file);
out:
	kfree(copy);
	kfree(buf);
	return file;
}

struct file *ow_reopen(const struct file *dead)
{
	struct file *file;

	mutex_lock(&ow_files_lock);
	file = ow_reopen_locked(dead);
	mutex_unlock(&ow_files_lock);
	return file;
}

struct file *ow_reopened(const struct file *dead)
{
	return xa_load(&ow_files, ow_key(dead));
}

void ow_forget_files(void)
{
	unsigned long index;
	struct file *file;

	mutex_lock(&ow_files_lock);
	ow_settle_epolls();
	xa_for_each(&ow_files, index, file)
		fput(file);
	xa_destroy(&ow_files);
	ow_forget_pipes();
	ow_forget_sockets();
	ow_forget_segments();
	ow_forget_shmem();
	ow_forget_mqueues();
	ow_settle_inotifies();
	ow_forget_ram_files();
	ow_forget_orphans();
	mutex_unlock(&ow_files_lock);
}

/* --- descriptors --- */

/* Call @visit for each open descriptor of the dead process. */
static int ow_walk_fds(struct ow_dead *d,
		       int (*visit)(struct ow_dead *d, unsigned int fd,
				    struct file *dead, bool cloexec))
{
	struct fdtable *fdt, table;
	unsigned int fd;
	int err;

	if (!ow_get(fdt, &d->task->files->fdt) || !ow_get(table, fdt) ||
	    table.max_fds > OW_MAX_FDS)
		return -EUCLEAN;
	for (fd = 0; fd < table.max_fds; fd++) {
		unsigned long word = 0;
		struct file *file;

		if (!ow_get(file, &table.fd[fd]) ||
		    !ow_get(word, &table.close_on_exec[fd / BITS_PER_LONG]))
			return -EUCLEAN;
		if (!file)
			continue;
		err = visit(d, fd, file, word & BIT(fd % BITS_PER_LONG));
		if (err)
			return err;
	}
	return 0;
}

static const char *ow_judge_device(const struct inode *inode)
{
	dev_t rdev;

	if (!ow_get(rdev, &inode->i_rdev))
		return "damaged-file";
	switch (MAJOR(rdev)) {
	case MEM_MAJOR:
	case TTY_MAJOR:
	case TTYAUX_MAJOR:
	case UNIX98_PTY_SLAVE_MAJOR:
		return NULL;
	default:
		return "device";
	}
}

static const char *ow_judge_file(const struct file *dead)
{
	const struct file_operations *operations;
	const char *reason = NULL;
	struct file *file;
	struct inode *inode;
	umode_t mode;

	if (!ow_get(inode, &dead->f_inode) || !ow_get(mode, &inode->i_mode))
		return "damaged-file";
	switch (mode & S_IFMT) {
	case S_IFSOCK:
		reason = ow_judge_socket(inode);
		break;
	case S_IFBLK:
		return "device";
	case S_IFCHR:
		reason = ow_judge_device(inode);
		break;
	case S_IFREG:
	case S_IFDIR:
	case S_IFIFO:
		break;
	default:
		if (!ow_get(operations, &dead->f_op))
			return "damaged-file";
		if (!ow_is_anonymous(operations))
			return "anonymous-file";
		break;
	}
	if (reason)
		return reason;
	file = ow_reopen(dead);
	if (!IS_ERR(file)) {
		fput(file);
		return NULL;
	}
	return PTR_ERR(file) == -ENOENT || PTR_ERR(file) == -ESTALE ?
	       "unlinked-file" : "file-not-reopened";
}

static u64 ow_loss(const struct file *dead)
{
	struct inode *inode;
	umode_t mode = 0;

	if (ow_get(inode, &dead->f_inode) && ow_get(mode, &inode->i_mode))
		switch (mode & S_IFMT) {
		case S_IFSOCK:
			return OW_LOST_SOCKET;
		case S_IFBLK:
		case S_IFCHR:
			return OW_LOST_DEVICE;
		case 0:
			return OW_LOST_ANONYMOUS;
		}
	return OW_LOST_FILE;
}

static int ow_judge_fd(struct ow_dead *d, unsigned int fd, struct file *dead,
		       bool cloexec)
{
	d->reason = ow_judge_file(dead);
	if (d->reason && ow_may_lose(d, ow_loss(dead)))
		d->reason = NULL;
	return d->reason ? -EOPNOTSUPP : 0;
}

const char *ow_judge_files(struct ow_dead *d)
{
	unsigned int i;

	d->reason = "damaged-files";
	if (ow_walk_fds(d, ow_judge_fd))
		return d->reason;
	for (i = 0; i < d->nr_vmas; i++) {
		struct file *file;

		if (!d->vmas[i].file || d->vmas[i].lost)
			continue;
		file = ow_reopen(d->vmas[i].file);
		if (!IS_ERR(file))
			fput(file);
		else if (ow_may_lose(d, OW_LOST_MAPPING))
			d->vmas[i].lost = true;
		else
			return "mapping-not-reopened";
	}
	return NULL;
}

/* What has this number from now on: no call but close() does anything with a
 * descriptor in place of one that is lost, and nobody else gets its number.
 */
static struct file *ow_descriptor(struct ow_dead *d, const struct file *dead)
{
	if (d->run && ow_judge_file(dead))
		return filp_open("/dev/null", O_PATH, 0);
	return ow_reopen(dead);
}

static int ow_install_fd(struct ow_dead *d, unsigned int fd, struct file *dead,
			 bool cloexec)
{
	struct file *file = ow_descriptor(d, dead);
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	err = replace_fd(fd, file, cloexec ? O_CLOEXEC : 0);
	if (err >= 0)
		ow_become_locks(d, dead, file);
	if (err >= 0 && ow_is_reset(dead))
		ow_degraded(d->proc->pid, OW_LOST_SOCKET, "connection");
	fput(file);
	return err < 0 ? err : 0;
}

static int ow_set_fs_path(const struct path *dead,
			  void (*set)(struct fs_struct *, const struct path *))
{
	char *buf = kmalloc(OW_MAX_PATH, GFP_KERNEL), *name;
	struct path path;
	int err = -ENOMEM;

	if (!buf)
		return err;
	name = ow_path(dead, buf);
	err = IS_ERR(name) ? PTR_ERR(name) :
			     kern_path(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY,
				       &path);
	if (!err) {
		set(current->fs, &path);
		path_put(&path);
	}
	kfree(buf);
	return err;
}

int ow_become_files(struct ow_dead *d)
{
	unsigned int fd, max = files_fdtable(current->files)->max_fds;
	int err;

	for (fd = 0; fd < max; fd++)
		close_fd(fd);
	current->signal->rlim[RLIMIT_NOFILE].rlim_cur = OW_MAX_FDS;
	err = ow_walk_fds(d, ow_install_fd);
	/* A working directory that is gone costs only itself. */
	if (!err && ow_set_fs_path(&d->fs.pwd, set_fs_pwd))
		ow_degraded(d->proc->pid, OW_LOST_IDENTITY, "cwd");
	if (!err)
		err = ow_set_fs_path(&d->fs.root, set_fs_root);
	current->fs->umask = d->fs.umask & 0777;
	return err;
}
