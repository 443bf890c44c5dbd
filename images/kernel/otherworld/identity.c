// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who a process is: session, process group, credentials, limits, names,
 * priorities and times. Its pid and parent were fixed when it was cloned.
 */
#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/iocontext.h>
#include <linux/ioprio.h>
#include <linux/nsproxy.h>
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/prctl.h>
#include <linux/sched/coredump.h>
#include <linux/sched/cputime.h>
#include <linux/sched/task.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <linux/syscall_user_dispatch.h>
#include <uapi/linux/sched/types.h>

#include "resurrect.h"

/* Of PR_SET_IO_FLUSHER and PR_MCE_KILL. */
#define OW_CONTROL_FLAGS	(PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE | \
				 PF_MCE_PROCESS | PF_MCE_EARLY)
#define OW_DEADLINE_FLAGS	(SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN)

/* Does another living process own a part of this one, too? */
static int ow_find_sharer(const struct ow_process *p, void *arg)
{
	struct ow_dead *d = arg;
	const struct completion *vfork_done;
	const struct files_struct *files;
	const struct fs_struct *fs;
	const struct mm_struct *mm;

	if (p == d->proc || p->exit_state || !ow_get(files, &p->living->files) ||
	    !ow_get(fs, &p->living->fs) || !ow_get(mm, &p->living->mm) ||
	    !ow_get(vfork_done, &p->dead->vfork_done))
		return 0;
	if (files == d->task->files)
		d->reason = "shared-files";
	else if (fs == d->task->fs)
		d->reason = "shared-fs";
	else if (mm == d->task->mm && !vfork_done)
		d->reason = "shared-mm";
	return d->reason != NULL;
}

/* A parent waiting in vfork() gets its memory back; its child does not. */
static const char *ow_judge_sharing(struct ow_dead *d)
{
	atomic_t files;

	if (!ow_get(files, &d->task->files->count))
		return "damaged-files";
	if (d->task->vfork_done)
		return "shared-mm";
	d->reason = NULL;
	if (atomic_read(&files) > 1 || d->fs.users > 1 ||
	    atomic_read(&d->mm.mm_users) > 1)
		ow_visit_processes(ow_find_sharer, d);
	return d->reason;
}

const char *ow_judge_task(struct ow_dead *d)
{
	if (d->task->ptrace)
		return "traced";
	if (d->task->nsproxy != &init_nsproxy ||
	    d->cred.user_ns != &init_user_ns)
		return "namespaces";
	if (d->task->cred != d->task->real_cred)
		return "overridden-credentials";
	return ow_judge_seccomp(d);
}

const char *ow_judge_identity(struct ow_dead *d)
{
	return ow_judge_task(d) ?: ow_judge_sharing(d);
}

/* Join the session or group @nr; its leader need not exist any more. */
static int ow_join(enum pid_type type, pid_t nr)
{
	struct pid *found = find_get_pid(nr);
	struct pid *pid = found ?: alloc_pid(&init_pid_ns, &nr, 1);

	if (IS_ERR(pid))
		return PTR_ERR(pid);
	write_lock_irq(&tasklist_lock);
	if (task_pid_type(current, type) != pid)
		change_pid(current, type, pid);
	write_unlock_irq(&tasklist_lock);
	put_pid(found);
	return 0;
}

static void ow_copy_accounts(struct ow_dead *d)
{
	struct task_struct *t = d->task;
	struct signal_struct *sig = current->signal;

	spin_lock_irq(&current->sighand->siglock);
	sig->is_child_subreaper = d->signal.is_child_subreaper;
	sig->has_child_subreaper = d->signal.has_child_subreaper;
	sig->oom_score_adj = d->signal.oom_score_adj;
	sig->oom_score_adj_min = d->signal.oom_score_adj_min;
	sig->utime = d->signal.utime + t->utime;
	sig->stime = d->signal.stime + t->stime;
	sig->cutime = d->signal.cutime;
	sig->cstime = d->signal.cstime;
	sig->min_flt = d->signal.min_flt + t->min_flt;
	sig->maj_flt = d->signal.maj_flt + t->maj_flt;
	spin_unlock_irq(&current->sighand->siglock);
	task_lock(current);
	memcpy(sig->rlim, d->signal.rlim, sizeof(sig->rlim));
	task_unlock(current);
}

static void ow_copy_scheduling(const struct task_struct *t)
{
	struct sched_attr attr = { .size = sizeof(attr) };

	if (t->sched_reset_on_fork)
		attr.sched_flags = SCHED_FLAG_RESET_ON_FORK;
	switch (t->policy) {
	case SCHED_DEADLINE:
		attr.sched_runtime = t->dl.dl_runtime;
		attr.sched_deadline = t->dl.dl_deadline;
		attr.sched_period = t->dl.dl_period;
		attr.sched_flags |= t->dl.flags & OW_DEADLINE_FLAGS;
		break;
	case SCHED_FIFO:
	case SCHED_RR:
		attr.sched_priority = t->rt_priority;
		break;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
		attr.sched_nice = PRIO_TO_NICE(t->static_prio);
		if (attr.sched_nice < MIN_NICE || attr.sched_nice > MAX_NICE)
			return;
		break;
	default:
		return;
	}
	attr.sched_policy = t->policy;
	if (sched_setattr_nocheck(current, &attr))
		ow_degraded(t->pid, OW_LOST_IDENTITY, "scheduling");
}

static void ow_copy_io_priority(const struct task_struct *t)
{
	unsigned short priority;

	if (!t->io_context)
		return;
	if (!ow_get(priority, &t->io_context->ioprio) ||
	    set_task_ioprio(current, priority))
		ow_degraded(t->pid, OW_LOST_IDENTITY, "io-priority");
}

/* What prctl() sets and nobody else restores. */
static void ow_copy_controls(const struct task_struct *t)
{
	const struct syscall_user_dispatch *dispatch = &t->syscall_dispatch;

	current->flags |= t->flags & OW_CONTROL_FLAGS;
	if (t->thread_info.flags & _TIF_NOTSC)
		set_tsc_mode(PR_TSC_SIGSEGV);
	if (t->thread_info.syscall_work & SYSCALL_WORK_SYSCALL_USER_DISPATCH)
		set_syscall_user_dispatch(PR_SYS_DISPATCH_ON, dispatch->offset,
					  dispatch->len, dispatch->selector);
}

void ow_become_task(struct ow_dead *d)
{
	const struct task_struct *t = d->task;
	char comm[TASK_COMM_LEN];

	current->start_time = t->start_time;
	current->start_boottime = t->start_boottime;
	current->personality = t->personality;
	current->timer_slack_ns = t->timer_slack_ns;
	current->default_timer_slack_ns = t->default_timer_slack_ns;
	strscpy(comm, t->comm, sizeof(comm));
	__set_task_comm(current, comm, false);
	ow_copy_scheduling(t);
	ow_copy_io_priority(t);
	ow_copy_controls(t);
}

int ow_become_identity(struct ow_dead *d)
{
	int err;

	err = ow_join(PIDTYPE_SID, d->proc->sid);
	if (!err)
		err = ow_join(PIDTYPE_PGID, d->proc->pgid);
	if (err)
		return err;
	current->signal->leader = d->signal.leader != 0;
	current->exit_signal = valid_signal(d->task->exit_signal) ?
			       d->task->exit_signal : SIGCHLD;
	if (d->task->flags & PF_FORKNOEXEC)
		current->flags |= PF_FORKNOEXEC;
	else
		current->flags &= ~PF_FORKNOEXEC;
	ow_copy_accounts(d);
	ow_become_task(d);
	return 0;
}

static struct group_info *ow_copy_groups(const struct group_info *dead)
{
	struct group_info *groups;
	int count;

	if (!ow_get(count, &dead->ngroups) || count < 0 ||
	    count > NGROUPS_MAX)
		return ERR_PTR(-EUCLEAN);
	groups = groups_alloc(count);
	if (!groups)
		return ERR_PTR(-ENOMEM);
	if (!ow_read(groups->gid, dead->gid, count * sizeof(kgid_t))) {
		put_group_info(groups);
		return ERR_PTR(-EUCLEAN);
	}
	return groups;
}

void ow_note_losses(struct ow_dead *d)
{
	pid_t pid = d->proc->pid;

	if (d->task->cgroups != &init_css_set)
		ow_degraded(pid, OW_LOST_IDENTITY, "cgroup");
#ifdef CONFIG_X86_IOPL_IOPERM
	if (d->task->thread.io_bitmap || d->task->thread.iopl_emul)
		ow_degraded(pid, OW_LOST_IDENTITY, "io-permissions");
#endif
}

struct cred *ow_copy_creds(const struct cred *copy)
{
	struct group_info *groups = ow_copy_groups(copy->group_info);
	struct user_struct *user;
	struct cred *new;
	int err;

	if (IS_ERR(groups))
		return ERR_CAST(groups);
	new = prepare_creds();
	user = alloc_uid(copy->uid);
	if (!new || !user) {
		put_group_info(groups);
		if (new)
			abort_creds(new);
		free_uid(user);
		return ERR_PTR(-ENOMEM);
	}
	set_groups(new, groups);
	put_group_info(groups);
	free_uid(new->user);
	new->user = user;
	new->uid = copy->uid;
	new->gid = copy->gid;
	new->suid = copy->suid;
	new->sgid = copy->sgid;
	new->euid = copy->euid;
	new->egid = copy->egid;
	new->fsuid = copy->fsuid;
	new->fsgid = copy->fsgid;
	new->securebits = copy->securebits;
	new->cap_inheritable = copy->cap_inheritable;
	new->cap_permitted = copy->cap_permitted;
	new->cap_effective = copy->cap_effective;
	new->cap_bset = copy->cap_bset;
	new->cap_ambient = copy->cap_ambient;
	err = set_cred_ucounts(new);
	if (!err)
		return new;
	abort_creds(new);
	return ERR_PTR(err);
}

/* Last of all before user mode: from here on we may do only what it may. */
int ow_become_creds(struct ow_dead *d)
{
	struct cred *new = ow_copy_creds(&d->cred);

	if (IS_ERR(new))
		return PTR_ERR(new);
	commit_creds(new);
	current->pdeath_signal = valid_signal(d->task->pdeath_signal) ?
				 d->task->pdeath_signal : 0;
	set_mask_bits(&current->mm->flags, MMF_INIT_MASK,
		      d->mm.flags & MMF_INIT_MASK);
	if (d->task->atomic_flags & BIT(PFA_NO_NEW_PRIVS))
		task_set_no_new_privs(current);
	return 0;
}
