// SPDX-License-Identifier: GPL-2.0-only
/*
 * seccomp. Each filter of a dead task is attached again, from its program as
 * user space had given it, the oldest first: to the leader before its threads
 * are cloned, so that they share what they had shared, and to a thread what it
 * has attached besides.
 */
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/mman.h>
#include <linux/seccomp.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "resurrect.h"

/* As in kernel/seccomp.c. */
struct ow_filter {
	refcount_t refs;
	refcount_t users;
	bool log;
	bool wait_killable_recv;
	struct {
		DECLARE_BITMAP(allow_native, NR_syscalls);
	} cache;
	struct ow_filter *prev;
	struct bpf_prog *prog;
	struct notification *notif;
};

#define OW_MAX_FILTERS	64

/* The chain of a dead task, the newest first. */
struct ow_filters {
	struct ow_filter copies[OW_MAX_FILTERS];
	unsigned int count;
};

static struct ow_filters *ow_read_filters(const struct task_struct *t)
{
	const struct ow_filter *at = (const void *)t->seccomp.filter;
	struct ow_filters *f = kvzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return ERR_PTR(-ENOMEM);
	for (; at; at = f->copies[f->count++].prev)
		if (f->count == OW_MAX_FILTERS ||
		    !ow_get(f->copies[f->count], at)) {
			kvfree(f);
			return ERR_PTR(-EUCLEAN);
		}
	return f;
}

static bool ow_read_program(const struct ow_filter *filter,
			    struct sock_fprog_kern *program)
{
	const struct bpf_prog *prog = filter->prog;
	const struct sock_fprog_kern *original;

	return ow_get(original, &prog->orig_prog) && original &&
	       ow_get(*program, original) && program->len &&
	       program->len <= BPF_MAXINSNS;
}

/* Has somebody else, through a descriptor, to decide over its calls? */
static bool ow_can_attach(const struct ow_filters *f)
{
	struct sock_fprog_kern program;
	unsigned int i;

	for (i = 0; i < f->count; i++)
		if (f->copies[i].notif ||
		    !ow_read_program(&f->copies[i], &program))
			return false;
	return true;
}

/* Of the filters, those that it has not from its leader; all if it is one. */
static unsigned int ow_own_filters(const struct ow_dead *d,
				   const struct ow_filters *f)
{
	const void *at = d->task->seccomp.filter;
	unsigned int i;

	for (i = 0; i < f->count && at != d->inherited.filter; i++)
		at = f->copies[i].prev;
	return i;
}

const char *ow_judge_seccomp(struct ow_dead *d)
{
	const struct seccomp *own = &d->task->seccomp;
	const char *reason = NULL;
	struct ow_filters *f;

	if (own->mode > SECCOMP_MODE_FILTER)
		return "killed";
	if (own->mode != d->inherited.mode && d->inherited.mode)
		return "seccomp";
	f = ow_read_filters(d->task);
	if (IS_ERR(f))
		return "seccomp";
	if (!ow_can_attach(f) ||
	    (d->inherited.filter && ow_own_filters(d, f) == f->count))
		reason = "seccomp";
	kvfree(f);
	return reason;
}

static long ow_seccomp(unsigned long operation, unsigned long flags,
		       unsigned long at)
{
	struct pt_regs regs = {
		.orig_ax = __NR_seccomp,
		.di = operation, .si = flags, .dx = at,
	};

	return sys_call_table[__NR_seccomp](&regs);
}

/* @at: user memory with room for any program. */
static long ow_attach(const struct ow_filter *filter, unsigned long at)
{
	struct sock_fprog_kern dead;
	struct sock_fprog program;
	size_t size;
	void *text;
	long err;

	if (!ow_read_program(filter, &dead))
		return -EUCLEAN;
	size = dead.len * sizeof(*dead.filter);
	text = kvmalloc(size, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	program.len = dead.len;
	program.filter = (void __user *)(at + sizeof(program));
	err = !ow_read(text, dead.filter, size) ? -EUCLEAN :
	      copy_to_user((void __user *)at, &program, sizeof(program)) ||
	      copy_to_user(program.filter, text, size) ? -EFAULT :
	      ow_seccomp(SECCOMP_SET_MODE_FILTER,
			 filter->log ? SECCOMP_FILTER_FLAG_LOG : 0, at);
	kvfree(text);
	return err;
}

/* The newest @count of them. */
static long ow_attach_all(const struct ow_filters *f, unsigned int count)
{
	size_t room = PAGE_ALIGN(sizeof(struct sock_fprog) + BPF_MAXINSNS *
				 sizeof(struct sock_filter));
	unsigned long at;
	long err = 0;

	if (!count)
		return 0;
	at = vm_mmap(NULL, 0, room, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(at))
		return at;
	while (!err && count--)
		err = ow_attach(&f->copies[count], at);
	vm_munmap(at, room);
	return err;
}

int ow_become_seccomp(struct ow_dead *d)
{
	struct ow_filters *f;
	long err;

	if (d->task->seccomp.mode == SECCOMP_MODE_STRICT)
		return ow_seccomp(SECCOMP_SET_MODE_STRICT, 0, 0);
	if (d->task->seccomp.mode != SECCOMP_MODE_FILTER)
		return 0;
	f = ow_read_filters(d->task);
	if (IS_ERR(f))
		return PTR_ERR(f);
	err = ow_attach_all(f, ow_own_filters(d, f));
	kvfree(f);
	return err;
}
