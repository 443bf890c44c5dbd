// SPDX-License-Identifier: GPL-2.0-only
/*
 * POSIX message queues. Like System V objects they live without processes, so
 * all of them are made again first: under their names with their messages, and
 * those without a name too, which only open files lead to. Every queue is held
 * open until all processes are back.
 */
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ipc_namespace.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/mqueue.h>
#include <linux/msg.h>
#include <linux/pid.h>
#include <linux/rbtree.h>
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "resurrect.h"

#define OW_MAX_QUEUES		65536
#define OW_MAX_MESSAGES		65536
#define OW_MAX_MESSAGE_SIZE	SZ_16M
#define OW_MODE			07777

/* As in ipc/mqueue.c. */
struct ow_mqueue {
	spinlock_t lock;
	struct inode vfs_inode;
	wait_queue_head_t wait_q;
	struct rb_root msg_tree;
	struct rb_node *msg_tree_rightmost;
	void *node_cache;
	struct mq_attr attr;
	struct sigevent notify;
	struct pid *notify_owner;
	u32 notify_self_exec_id;
	struct user_namespace *notify_user_ns;
};

struct ow_mqueue_leaf {
	struct rb_node rb_node;
	struct list_head msg_list;
	int priority;
};

/* As in ipc/msgutil.c: what does not fit in a page goes on in another one. */
struct msg_msgseg {
	struct msg_msgseg *next;
};

/* Dead inode -> our open file. */
static DEFINE_XARRAY(ow_mqueues);

/* What is being made, and user memory for what system calls want there. */
struct ow_making {
	unsigned long name, attr, text;
	size_t room;			/* at @text */
	int fd;				/* of the queue at hand */
	void *buf;			/* a message; OW_MAX_MESSAGE_SIZE */
	unsigned int made, lost;
};

static struct ow_mqueue *ow_queue_of(const struct inode *inode)
{
	return container_of(inode, struct ow_mqueue, vfs_inode);
}

static long ow_mq_call(unsigned int nr, unsigned long a, unsigned long b,
		       unsigned long c, unsigned long d)
{
	struct pt_regs regs = {
		.orig_ax = nr, .di = a, .si = b, .dx = c, .r10 = d,
	};

	return sys_call_table[nr](&regs);
}

/* --- messages --- */

static int ow_send_message(struct list_head *node, void *arg)
{
	const struct msg_msg *dead = container_of(node, struct msg_msg, m_list);
	const struct msg_msgseg *next;
	struct ow_making *m = arg;
	struct msg_msg head;
	size_t done, part;

	if (!ow_get(head, dead) || head.m_ts > m->room)
		return -EUCLEAN;
	part = min(head.m_ts, PAGE_SIZE - sizeof(head));
	if (!ow_read(m->buf, dead + 1, part))
		return -EUCLEAN;
	for (done = part, next = head.next; done < head.m_ts; done += part) {
		part = min(head.m_ts - done, PAGE_SIZE - sizeof(*next));
		if (!next || !ow_read(m->buf + done, next + 1, part) ||
		    !ow_get(next, &next->next))
			return -EUCLEAN;
	}
	if (copy_to_user((void __user *)m->text, m->buf, head.m_ts))
		return -EFAULT;
	return ow_mq_call(__NR_mq_timedsend, m->fd, m->text, head.m_ts,
			  head.m_type);
}

static int ow_send_leaf(const struct rb_node *node, void *arg)
{
	const struct ow_mqueue_leaf *leaf =
		rb_entry(node, struct ow_mqueue_leaf, rb_node);

	return ow_walk_list(&leaf->msg_list, OW_MAX_MESSAGES, ow_send_message,
			    arg);
}

/* User memory and a buffer for the longest message of a queue. */
static int ow_make_room(struct ow_making *m, size_t size)
{
	size_t room = PAGE_ALIGN(size);
	unsigned long text;
	void *buf;

	if (room <= m->room)
		return 0;
	buf = kvmalloc(room, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	text = vm_mmap(NULL, 0, room, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(text)) {
		kvfree(buf);
		return text;
	}
	if (m->room)
		vm_munmap(m->text, m->room);
	kvfree(m->buf);
	m->buf = buf;
	m->text = text;
	m->room = room;
	return 0;
}

/* --- queues --- */

static int ow_own_queue(struct inode *inode, const struct inode *dead)
{
	struct inode copy;

	if (!ow_get(copy, dead))
		return -EUCLEAN;
	inode_lock(inode);
	inode->i_uid = copy.i_uid;
	inode->i_gid = copy.i_gid;
	inode->i_mode = (inode->i_mode & ~OW_MODE) | (copy.i_mode & OW_MODE);
	inode->i_atime = copy.i_atime;
	inode->i_mtime = copy.i_mtime;
	inode->i_ctime = copy.i_ctime;
	inode_unlock(inode);
	return 0;
}

static int ow_fill_queue(struct ow_making *m, const struct ow_mqueue *dead)
{
	struct file *file = fget(m->fd);
	int err;

	if (!file)
		return -EBADF;
	err = ow_walk_tree(&dead->msg_tree, OW_MAX_MESSAGES, ow_send_leaf, m);
	if (!err)
		err = ow_own_queue(file_inode(file), &dead->vfs_inode);
	if (!err)
		err = xa_err(xa_store(&ow_mqueues, ow_key(&dead->vfs_inode),
				      file, GFP_KERNEL));
	if (err)
		fput(file);
	return err;
}

static int ow_make_mqueue(struct ow_making *m, const struct ow_mqueue *dead,
			  const char *name, bool keep)
{
	struct mq_attr attr;
	int err;

	if (!ow_get(attr, &dead->attr) || attr.mq_msgsize <= 0 ||
	    attr.mq_msgsize > OW_MAX_MESSAGE_SIZE)
		return -EUCLEAN;
	err = ow_make_room(m, attr.mq_msgsize);
	if (err)
		return err;
	if (copy_to_user((void __user *)m->name, name, strlen(name) + 1) ||
	    copy_to_user((void __user *)m->attr, &attr, sizeof(attr)))
		return -EFAULT;
	m->fd = ow_mq_call(__NR_mq_open, m->name,
			   O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600,
			   m->attr);
	if (m->fd < 0)
		return m->fd;
	err = ow_fill_queue(m, dead);
	close_fd(m->fd);
	if (err || !keep)
		ow_mq_call(__NR_mq_unlink, m->name, 0, 0, 0);
	return err;
}

static int ow_visit_queue(struct list_head *node, void *arg)
{
	const struct dentry *dead = container_of(node, struct dentry, d_child);
	char name[NAME_MAX + 1] = "nameless";
	struct ow_making *m = arg;
	struct dentry copy;
	bool named;

	if (!ow_get(copy, dead)) {
		m->lost++;
		return 0;
	}
	if (!copy.d_inode)
		return 0;
	named = copy.d_hash.pprev;
	if (named && (copy.d_name.len > NAME_MAX ||
		      ow_read_string(name, copy.d_name.name, sizeof(name)) < 0 ||
		      strchr(name, '/')))
		m->lost++;
	else if (ow_make_mqueue(m, ow_queue_of(copy.d_inode), name, named))
		m->lost++;
	else
		m->made++;
	return 0;
}

int ow_make_mqueues(unsigned int *made, unsigned int *lost)
{
	struct ow_making m = { };
	struct vfsmount *mnt;
	struct dentry *root;
	int err;

	if (!ow_get(mnt, &init_ipc_ns.mq_mnt) || !ow_get(root, &mnt->mnt_root))
		return -EUCLEAN;
	m.name = vm_mmap(NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(m.name))
		return m.name;
	m.attr = m.name + PAGE_SIZE;
	/* Other users' queues count as ours, but nobody loses his for that. */
	current->signal->rlim[RLIMIT_MSGQUEUE].rlim_cur = RLIM_INFINITY;
	current->signal->rlim[RLIMIT_MSGQUEUE].rlim_max = RLIM_INFINITY;
	err = ow_walk_list(&root->d_subdirs, OW_MAX_QUEUES, ow_visit_queue, &m);
	vm_munmap(m.name, 2 * PAGE_SIZE);
	if (m.room)
		vm_munmap(m.text, m.room);
	kvfree(m.buf);
	*made += m.made;
	*lost += m.lost;
	return err;
}

/* --- open files --- */

bool ow_is_mqueue(const struct file *copy)
{
	return (unsigned long)copy->f_op ==
	       ow_symbol("mqueue_file_operations");
}

struct file *ow_open_mqueue(const struct file *copy)
{
	struct file *file = xa_load(&ow_mqueues, ow_key(copy->f_inode));

	if (!file)
		return ERR_PTR(-ENOENT);
	return dentry_open(&file->f_path, (copy->f_flags & O_ACCMODE) |
					  O_NONBLOCK, current_cred());
}

/* Whoever had asked to be told of the next message still is: by a signal. */
static void ow_notify_again(struct ow_mqueue *queue, const struct ow_mqueue *dead)
{
	struct user_namespace *ns;
	struct sigevent event;
	struct task_struct *task;
	struct pid *owner;
	pid_t nr;

	if (!ow_get(owner, &dead->notify_owner) || !owner)
		return;
	nr = ow_pid_number(owner);
	owner = find_get_pid(nr);
	task = owner ? get_pid_task(owner, PIDTYPE_TGID) : NULL;
	if (!task || !ow_get(event, &dead->notify) ||
	    event.sigev_notify == SIGEV_THREAD) {
		ow_degraded(nr, OW_LOST_IPC, "mq-notify");
		put_pid(owner);
	} else {
		ns = get_user_ns(task_cred_xxx(task, user_ns));
		spin_lock(&queue->lock);
		queue->notify = event;
		queue->notify_owner = owner;
		queue->notify_user_ns = ns;
		queue->notify_self_exec_id = task->self_exec_id;
		spin_unlock(&queue->lock);
	}
	if (task)
		put_task_struct(task);
}

void ow_forget_mqueues(void)
{
	unsigned long index;
	struct file *file;

	xa_for_each(&ow_mqueues, index, file) {
		const struct inode *dead = (void *)(index << 3);

		ow_notify_again(ow_queue_of(file_inode(file)),
				ow_queue_of(dead));
		fput(file);
	}
	xa_destroy(&ow_mqueues);
}
