// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls the death interrupted. docs/resurrection-syscalls.md holds the
 * table for people; this file is the same table for the machine.
 *
 * Three kinds of process are in a call: one that slept in it (at a place the
 * kernel chose), the one that was running, and of those the culprit, whose call
 * has killed two kernels, one after the other. One death tells little of the
 * call, and most programs know no answer to an error that Linux never gives: so
 * it is issued again, under observation. The culprit's is not, unless it cannot
 * fail and repeating it is harmless; and that ends too.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fdtable.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/restart_block.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#include <uapi/linux/futex.h>

#include "internal.h"
#include "syscalls.h"

/* Kernels that a call may kill before it is given up, whatever it is. */
#define OW_DEATHS_MAX	4

/* --- restart blocks: only functions the kernel itself puts there --- */

static const char * const ow_restart_names[] = {
	"do_no_restart_syscall", "hrtimer_nanosleep_restart",
	"posix_cpu_nsleep_restart", "do_restart_poll", "futex_wait_restart",
	"ow_epoll_go_on",
};

static bool ow_restart_known(const void *fn)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(ow_restart_names); i++)
		if ((unsigned long)fn == ow_symbol(ow_restart_names[i]))
			return true;
	return false;
}

void ow_answer_rest(struct ow_dead *d, const struct ow_rest *rest)
{
	d->call.rest = *rest;
	ow_answer(d, OW_RETURN, rest->answer);
}

void ow_again_or(struct ow_dead *d, long error)
{
	if (d->culprit)
		ow_answer(d, OW_RETURN, error);
	else
		ow_answer(d, OW_RESTART, 0);
}

static void ow_block(struct ow_dead *d)
{
	if (ow_restart_known(d->call.block.fn))
		ow_answer(d, OW_BLOCK, 0);
	else
		ow_answer(d, OW_RETURN, -EINTR);
}

/* --- rules --- */

/* Harmless to repeat and without an error to return: always again. */
static void ow_rule_repeat(struct ow_dead *d)
{
	ow_answer(d, OW_RESTART, 0);
}

static void ow_rule_interrupt(struct ow_dead *d)
{
	ow_again_or(d, -EINTR);
}

static void ow_rule_io(struct ow_dead *d)
{
	ow_again_or(d, -EIO);
}

/* Of a file whose position says where in it to read? */
static bool ow_has_position(const struct file *dead)
{
	struct inode *inode;
	umode_t mode;

	return dead && ow_get(inode, &dead->f_inode) &&
	       ow_get(mode, &inode->i_mode) && (S_ISREG(mode) || S_ISDIR(mode));
}

/*
 * The position, or what a terminal or pipe held, moves at the end. From then
 * on neither again nor an error would be true: only the count would.
 */
static void ow_rule_read(struct ow_dead *d)
{
	const struct file *dead = ow_dead_fd(d, d->regs.di);
	struct ow_rest rest;

	if (ow_calls_pipe(d))
		return ow_read_pipe(d);
	if (ow_calls_socket(d))
		return ow_rule_receive(d);
	if (dead && ow_is_terminal(dead))
		return ow_read_terminal(d, dead);
	if (!d->was_current || !ow_behind_any(d, ow_read_ends))
		return ow_again_or(d, -EINTR);
	if (!ow_foretell(d, dead ? &dead->f_pos : NULL, &rest))
		return ow_refuse(d, "read");
	if (rest.wrote && ow_has_position(dead))
		return ow_again_or(d, -EINTR);
	ow_answer_rest(d, &rest);
}

/* Waits with a replaced signal mask: put the old one back first. */
static void ow_rule_masked(struct ow_dead *d)
{
	d->call.restore_mask = true;
	ow_again_or(d, -EINTR);
}

static void ow_rule_restart_syscall(struct ow_dead *d)
{
	d->call.block = d->task->restart_block;
	ow_block(d);
}

static void ow_rule_exit(struct ow_dead *d)
{
	ow_answer(d, OW_EXIT, (d->regs.di & 0xff) << 8);
}

static void ow_rule_fork(struct ow_dead *d)
{
	pid_t child = ow_cloned_thread(d) ? d->call.value :
					    ow_unborn_child(d);

	/* A child that is complete is kept; then the call has happened. */
	if (child)
		ow_answer(d, OW_RETURN, child);
	else
		ow_again_or(d, -EAGAIN);
}

static void ow_rule_close(struct ow_dead *d)
{
	/* The descriptor goes first; what follows cannot fail. */
	if (ow_dead_fd(d, d->regs.di))
		ow_answer(d, OW_RESTART, 0);
	else
		ow_answer(d, OW_RETURN, 0);
}

static void ow_rule_mremap(struct ow_dead *d)
{
	unsigned int i;

	/* Pages on their way lie half here, half there, and one in between. */
	if (ow_in_function(d, "move_page_tables") ||
	    ow_behind_call(d, "move_vma", "move_page_tables"))
		return ow_refuse(d, "mremap");
	for (i = 0; i < d->nr_vmas; i++)
		if (d->vmas[i].start <= d->regs.di &&
		    d->vmas[i].end >= d->regs.di + d->regs.si)
			return ow_again_or(d, -EAGAIN);
	ow_refuse(d, "mremap");
}

/*
 * A signal the process sent to itself is pending with it, and comes back with
 * it; sent again it would be caught between the two. For those that do not
 * queue, once is enough; a real-time signal may have been pending before.
 */
static void ow_rule_kill(struct ow_dead *d)
{
	const struct pt_regs *regs = &d->regs;
	const sigset_t *pending = &d->task->pending.signal;
	unsigned long target = regs->di, sig = regs->si;
	pid_t self = d->task->pid;

	if (regs->orig_ax == __NR_kill) {
		pending = &d->signal.shared_pending.signal;
		self = d->proc->pid;
	}
	if (regs->orig_ax == __NR_tgkill) {
		target = regs->si;
		sig = regs->dx;
	}
	if (target == self && sig && sig < SIGRTMIN &&
	    sigismember((sigset_t *)pending, sig))
		ow_answer(d, OW_RETURN, 0);
	else
		ow_answer(d, OW_RESTART, 0);
}

static bool ow_has_reaped(struct ow_dead *d)
{
	return ow_in_function(d, "release_task") ||
	       ow_behind_call(d, "wait_consider_task", "release_task") ||
	       ow_behind_call(d, "kernel_wait4", "do_wait") ||
	       ow_behind_call(d, "kernel_waitid", "do_wait");
}

/*
 * Of a child that has been reaped nobody else will tell. While it can still be
 * found it comes back as what it was, and can be waited for again.
 */
static void ow_rule_wait(struct ow_dead *d)
{
	const struct ow_process *child;
	struct ow_rest rest;

	if (!d->was_current)
		return ow_again_or(d, -EINTR);
	if (!ow_foretell(d, NULL, &rest))
		return ow_has_reaped(d) ? ow_refuse(d, "wait") :
					  ow_again_or(d, -EINTR);
	child = rest.answer > 0 ? ow_find_process(rest.answer) : NULL;
	if (child && child->exit_state)
		return ow_again_or(d, -EINTR);
	ow_answer_rest(d, &rest);
}

/* What has gone into a pipe or a socket cannot go again. */
static void ow_rule_sendfile(struct ow_dead *d)
{
	if (ow_calls_pipe(d) || ow_calls_socket(d))
		return ow_refuse(d, "write");
	ow_again_or(d, -EINTR);
}

/* Waiting may be answered with EINTR; who wakes is not prepared for that. */
static void ow_rule_futex(struct ow_dead *d)
{
	switch (d->regs.si & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return ow_again_or(d, -EINTR);
	default:
		return ow_answer(d, OW_RESTART, 0);
	}
}

/* Makes descriptors. If it has, one more time leaves some nobody knows of. */
static void ow_rule_make(struct ow_dead *d)
{
	ow_again_or(d, -ENFILE);
}

static void ow_rule_timer_create(struct ow_dead *d)
{
	ow_again_or(d, -EAGAIN);
}

static void ow_rule_timer_delete(struct ow_dead *d)
{
	/* The list lets go of it first; what follows cannot fail. */
	if (d->was_current && !ow_has_timer(d, d->regs.di))
		ow_answer(d, OW_RETURN, 0);
	else
		ow_answer(d, OW_RESTART, 0);
}

static void ow_rule_lseek(struct ow_dead *d)
{
	/* Relative to a position that may have moved already. */
	if (d->regs.dx == SEEK_CUR && d->regs.si && d->was_current)
		return ow_answer(d, OW_RETURN, -EINTR);
	ow_answer(d, OW_RESTART, 0);
}

/*
 * The registers of a new program are the last thing execve() makes, and the
 * stack pointer the last but constants. RCX is 0 in no other call: SYSCALL
 * puts the return address there.
 */
static bool ow_new_program(const struct ow_dead *d)
{
	const struct pt_regs *r = &d->regs;

	return r->sp == d->mm.start_stack && !r->cx && !r->di && !r->si && !r->dx;
}

static void ow_rule_execve(struct ow_dead *d)
{
	if (ow_new_program(d)) {
		d->regs.flags = X86_EFLAGS_IF;
		d->task->rseq = NULL;
		return ow_answer(d, OW_RETURN, 0);
	}
	/* What lacks more than its last steps was refused by ow_judge_mm(). */
	if (ow_behind_call(d, "load_elf_binary", "begin_new_exec"))
		return ow_refuse(d, "execve");
	ow_again_or(d, -EIO);
}

#define R	ow_rule_repeat
#define I	ow_rule_interrupt
#define E	ow_rule_io
#define M	ow_rule_make
#define N	ow_rule_name

typedef void (*ow_rule)(struct ow_dead *d);

static const ow_rule ow_rules[] = {
	[__NR_read] = ow_rule_read, [__NR_pread64] = I,
	[__NR_readv] = ow_rule_read, [__NR_preadv] = I, [__NR_write] = ow_rule_write,
	[__NR_writev] = ow_rule_write, [__NR_pwrite64] = I, [__NR_pwritev] = I,
	[__NR_open] = ow_rule_open, [__NR_openat] = ow_rule_open,
	[__NR_creat] = I,
	[__NR_close] = ow_rule_close, [__NR_close_range] = R,
	[__NR_stat] = R, [__NR_fstat] = R, [__NR_lstat] = R,
	[__NR_newfstatat] = R, [__NR_statx] = R, [__NR_access] = R,
	[__NR_faccessat] = R, [__NR_faccessat2] = R, [__NR_statfs] = R,
	[__NR_fstatfs] = R, [__NR_readlink] = R, [__NR_readlinkat] = R,
	[__NR_getdents64] = ow_rule_read, [__NR_getcwd] = R,
	[__NR_poll] = ow_rule_poll, [__NR_ppoll] = ow_rule_ppoll,
	[__NR_select] = ow_rule_select, [__NR_pselect6] = ow_rule_ppoll,
	[__NR_lseek] = ow_rule_lseek,
	[__NR_mmap] = R, [__NR_munmap] = R, [__NR_mprotect] = R,
	[__NR_brk] = R, [__NR_madvise] = R, [__NR_msync] = I,
	[__NR_mremap] = ow_rule_mremap, [__NR_mlock] = R, [__NR_munlock] = R,
	[__NR_mincore] = R,
	[__NR_rt_sigaction] = R, [__NR_rt_sigprocmask] = R,
	[__NR_rt_sigpending] = R, [__NR_rt_sigreturn] = R,
	[__NR_sigaltstack] = R, [__NR_rt_sigsuspend] = ow_rule_masked,
	[__NR_rt_sigtimedwait] = I, [__NR_pause] = I,
	[__NR_kill] = ow_rule_kill, [__NR_tkill] = ow_rule_kill,
	[__NR_tgkill] = ow_rule_kill,
	[__NR_ioctl] = I, [__NR_fcntl] = I, [__NR_flock] = I,
	[__NR_dup] = I, [__NR_dup2] = R, [__NR_dup3] = R,
	[__NR_sched_yield] = R, [__NR_alarm] = R,
	[__NR_getitimer] = R, [__NR_setitimer] = R,
	[__NR_nanosleep] = ow_rule_nanosleep,
	[__NR_clock_nanosleep] = ow_rule_clock_nanosleep,
	[__NR_restart_syscall] = ow_rule_restart_syscall,
	[__NR_wait4] = ow_rule_wait, [__NR_waitid] = ow_rule_wait,
	[__NR_fork] = ow_rule_fork, [__NR_vfork] = ow_rule_fork,
	[__NR_clone] = ow_rule_fork, [__NR_clone3] = ow_rule_fork,
	[__NR_execve] = ow_rule_execve, [__NR_execveat] = ow_rule_execve,
	[__NR_exit] = ow_rule_exit, [__NR_exit_group] = ow_rule_exit,
	[__NR_fsync] = I, [__NR_fdatasync] = I, [__NR_sync] = R,
	[__NR_syncfs] = I, [__NR_truncate] = I, [__NR_ftruncate] = I,
	[__NR_fallocate] = I, [__NR_chdir] = R, [__NR_fchdir] = R,
	[__NR_chmod] = R, [__NR_fchmod] = R, [__NR_fchmodat] = R,
	[__NR_chown] = R, [__NR_fchown] = R, [__NR_lchown] = R,
	[__NR_fchownat] = R, [__NR_utime] = R, [__NR_utimes] = R,
	[__NR_utimensat] = R, [__NR_umask] = E,
	[__NR_rename] = N, [__NR_renameat] = N, [__NR_renameat2] = N,
	[__NR_link] = N, [__NR_linkat] = N, [__NR_unlink] = N,
	[__NR_unlinkat] = N, [__NR_symlink] = N, [__NR_symlinkat] = N,
	[__NR_mkdir] = N, [__NR_mkdirat] = N, [__NR_rmdir] = N,
	[__NR_mknod] = N, [__NR_mknodat] = N,
	[__NR_futex] = ow_rule_futex, [__NR_getrandom] = R,
	[__NR_uname] = R, [__NR_sysinfo] = R, [__NR_times] = R,
	[__NR_getrlimit] = R, [__NR_setrlimit] = R, [__NR_prlimit64] = R,
	[__NR_getrusage] = R, [__NR_gettimeofday] = R, [__NR_time] = R,
	[__NR_clock_gettime] = R, [__NR_clock_getres] = R,
	[__NR_getpid] = R, [__NR_getppid] = R, [__NR_gettid] = R,
	[__NR_getpgrp] = R, [__NR_getpgid] = R, [__NR_setpgid] = R,
	[__NR_getsid] = R, [__NR_setsid] = E,
	[__NR_getuid] = R, [__NR_geteuid] = R, [__NR_getgid] = R,
	[__NR_getegid] = R, [__NR_getresuid] = R, [__NR_getresgid] = R,
	[__NR_getgroups] = R, [__NR_setgroups] = R, [__NR_setuid] = R,
	[__NR_setgid] = R, [__NR_setresuid] = R, [__NR_setresgid] = R,
	[__NR_capget] = R, [__NR_capset] = R, [__NR_prctl] = R,
	[__NR_arch_prctl] = R, [__NR_set_tid_address] = R,
	[__NR_set_robust_list] = R, [__NR_rseq] = R,
	[__NR_sched_getaffinity] = R, [__NR_sched_setscheduler] = R,
	[__NR_setpriority] = R, [__NR_getpriority] = R,
	[__NR_fadvise64] = R, [__NR_sendfile] = ow_rule_sendfile,
	[__NR_getdents] = ow_rule_read, [__NR_preadv2] = I,
	[__NR_pwritev2] = I, [__NR_openat2] = I, [__NR_readahead] = R,
	[__NR_sync_file_range] = I, [__NR_futimesat] = R, [__NR_chroot] = R,
	[__NR_getxattr] = R, [__NR_lgetxattr] = R, [__NR_fgetxattr] = R,
	[__NR_listxattr] = R, [__NR_llistxattr] = R, [__NR_flistxattr] = R,
	[__NR_mlock2] = R, [__NR_mlockall] = R, [__NR_munlockall] = R,
	[__NR_epoll_wait] = ow_rule_epoll_wait,
	[__NR_epoll_pwait] = ow_rule_epoll_wait,
	[__NR_epoll_pwait2] = ow_rule_epoll_wait,
	[__NR_epoll_ctl] = ow_rule_epoll_ctl,
	[__NR_epoll_create] = M, [__NR_epoll_create1] = M,
	[__NR_eventfd] = M, [__NR_eventfd2] = M, [__NR_signalfd] = M,
	[__NR_signalfd4] = M, [__NR_timerfd_create] = M,
	[__NR_timerfd_settime] = R, [__NR_timerfd_gettime] = R,
	[__NR_timer_create] = ow_rule_timer_create, [__NR_timer_settime] = R,
	[__NR_timer_gettime] = R, [__NR_timer_getoverrun] = R,
	[__NR_timer_delete] = ow_rule_timer_delete,
	[__NR_pipe] = M, [__NR_pipe2] = M,
	[__NR_membarrier] = R, [__NR_get_mempolicy] = R,
	[__NR_sched_get_priority_max] = R, [__NR_sched_get_priority_min] = R,
	[__NR_sched_getattr] = R, [__NR_sched_getparam] = R,
	[__NR_sched_getscheduler] = R, [__NR_sched_rr_get_interval] = R,
	[__NR_sched_setaffinity] = R, [__NR_sched_setattr] = R,
	[__NR_sched_setparam] = R, [__NR_getcpu] = R, [__NR_ioprio_get] = R,
	[__NR_ioprio_set] = R, [__NR_personality] = R,
	[__NR_socket] = I, [__NR_socketpair] = I,
	[__NR_bind] = ow_rule_bind, [__NR_listen] = R,
	[__NR_accept] = ow_rule_accept, [__NR_accept4] = ow_rule_accept,
	[__NR_connect] = ow_rule_connect, [__NR_shutdown] = R,
	[__NR_getsockname] = R, [__NR_getpeername] = R,
	[__NR_setsockopt] = R, [__NR_getsockopt] = R,
	[__NR_sendto] = ow_rule_send, [__NR_sendmsg] = ow_rule_send,
	[__NR_sendmmsg] = ow_rule_send, [__NR_recvmmsg] = ow_rule_receive,
	[__NR_recvfrom] = ow_rule_receive, [__NR_recvmsg] = ow_rule_receive,
	[__NR_shmget] = R, [__NR_shmat] = R, [__NR_shmctl] = R,
	[__NR_semget] = R, [__NR_msgget] = R,
	[__NR_get_robust_list] = R, [__NR_setreuid] = R, [__NR_setregid] = R,
	[__NR_semop] = ow_rule_semop, [__NR_semtimedop] = ow_rule_semop,
	[__NR_msgsnd] = ow_rule_msgsnd, [__NR_msgrcv] = ow_rule_msgrcv,
	[__NR_mq_timedsend] = ow_rule_mq_send,
	[__NR_mq_timedreceive] = ow_rule_mq_receive,
	[__NR_io_submit] = ow_rule_io_submit,
	[__NR_io_getevents] = ow_rule_io_getevents,
	[__NR_io_pgetevents] = ow_rule_io_getevents,
	[__NR_mq_open] = I, [__NR_mq_getsetattr] = R, [__NR_mq_notify] = I,
	[__NR_inotify_init] = M, [__NR_inotify_init1] = M,
	[__NR_inotify_add_watch] = R,
	[__NR_otherworld] = ow_rule_execve, /* a restart is one */
};

/* Did the call itself kill the kernel, or an interrupt that came into it? */
static bool ow_is_suspect(const struct ow_dead *d)
{
	const struct ow_record *record = ow_dead_record();
	int count;

	if (!d->was_current && !d->switching)
		return false;
	if (!record || !ow_get(count, &__preempt_count))
		return true;
	/* An NMI that was let in adds one level to the hard interrupt count. */
	if (count & NMI_MASK)
		count -= HARDIRQ_OFFSET;
	return !(count & HARDIRQ_MASK) && !(count & SOFTIRQ_OFFSET);
}

/* How many kernels in a row has it killed? */
static unsigned int ow_count_deaths(const struct ow_dead *d)
{
	const struct ow_record *record = ow_dead_record();

	if (!ow_is_suspect(d))
		return 0;
	return record && record->again == d->task->pid ? record->again_deaths + 1 : 1;
}

/* Even a call that has no error to return is not issued without end. */
static void ow_give_up(struct ow_dead *d)
{
	if (d->deaths < OW_DEATHS_MAX ||
	    (d->call.outcome != OW_RESTART && d->call.outcome != OW_BLOCK))
		return;
	ow_mark("given-up pid=%d call=%ld deaths=%u", d->task->pid,
		d->regs.orig_ax, d->deaths);
	ow_answer(d, OW_RETURN, -EINTR);
}

/* Has the end of @p, by a call of whichever of its threads, killed enough? */
bool ow_exit_given_up(const struct ow_process *p, int *status)
{
	const struct ow_record *record = ow_dead_record();
	struct pt_regs regs;
	pid_t pid, tgid;
	void *stack;

	if (!record || !record->task || !ow_get(pid, &record->task->pid) ||
	    record->again != pid || record->again_deaths + 1 < OW_DEATHS_MAX ||
	    !ow_get(tgid, &record->task->tgid) || tgid != p->pid ||
	    !ow_get(stack, &record->task->stack) ||
	    !ow_get(regs, (struct pt_regs *)(stack + THREAD_SIZE) - 1))
		return false;
	if (regs.orig_ax != __NR_exit_group &&
	    (regs.orig_ax != __NR_exit || p->threads != 1))
		return false;
	*status = (regs.di & 0xff) << 8;
	ow_mark("given-up pid=%d call=%ld deaths=%u", pid, regs.orig_ax,
		record->again_deaths + 1);
	return true;
}

static void ow_judge_finished(struct ow_dead *d)
{
	/* The signal code had not looked at it yet: ours will. */
	if ((long)d->regs.orig_ax >= 0 &&
	    (long)d->regs.ax == -ERESTART_RESTARTBLOCK) {
		d->call.block = d->task->restart_block;
		ow_block(d);
	}
}

/* Behind all of the call, on the way with its answer to the registers? */
static bool ow_is_over(struct ow_dead *d, struct ow_rest *rest)
{
	struct pt_regs regs;

	return d->was_current && ow_stood(d, &regs) &&
	       (ow_ip_in(regs.ip, "x64_sys_call") ||
		ow_ip_in(regs.ip, "do_syscall_64")) &&
	       ow_foretell(d, NULL, rest);
}

/*
 * Rules for which it does not matter how far the call was; those for a wait, if it
 * was awake in it.
 */
static bool ow_asks_nobody(const struct ow_dead *d, ow_rule rule)
{
	if (rule == ow_rule_poll || rule == ow_rule_ppoll ||
	    rule == ow_rule_select || rule == ow_rule_nanosleep ||
	    rule == ow_rule_clock_nanosleep)
		return d->was_current;
	return rule == ow_rule_repeat || rule == ow_rule_interrupt ||
	       rule == ow_rule_io || rule == ow_rule_make ||
	       rule == ow_rule_futex || rule == ow_rule_exit;
}

/*
 * Where no chain of calls says that it is in a system call, do the registers, in what
 * SYSCALL leaves twice?
 */
static bool ow_is_as_called(const struct ow_dead *d)
{
	return d->regs.ip == d->regs.cx && d->regs.flags == d->regs.r11;
}

void ow_judge_call(struct ow_dead *d)
{
	unsigned long nr = d->regs.orig_ax;
	struct ow_rest rest;

	/* A leader that ended is waited for until its last thread has. */
	if (d->gone)
		return ow_answer(d, OW_EXIT, d->proc->exit_code);
	d->call.outcome = OW_RESUME;
	/* Entry code puts -ENOSYS there until the call has an answer. */
	if ((long)nr < 0 || (long)d->regs.ax != -ENOSYS)
		return ow_judge_finished(d);
	ow_mend_addresses(d);
	d->deaths = ow_count_deaths(d);
	/* It has killed two, or was made to kill one. */
	d->culprit = d->deaths > 1 ||
		     (d->deaths && ow_in_function(d, "sysrq_handle_crash"));
	if (ow_is_over(d, &rest))
		return ow_answer_rest(d, &rest);
	if (nr >= NR_syscalls)
		return;
	if (nr >= ARRAY_SIZE(ow_rules) || !ow_rules[nr])
		return ow_refuse(d, "system-call");
	/* Who has not been seen in it may have been in it all the same. */
	if (ow_lacks_calls(d) &&
	    !(ow_asks_nobody(d, ow_rules[nr]) && ow_is_as_called(d)))
		return ow_refuse(d, "call-chain");
	ow_rules[nr](d);
	ow_give_up(d);
}

static void ow_become_rest(struct ow_dead *d)
{
	const struct ow_rest *rest = &d->call.rest;
	unsigned int i;

	for (i = 0; i < rest->nr_puts; i++)
		if (copy_to_user((void __user *)rest->puts[i].at,
				 &rest->puts[i].value, rest->puts[i].size))
			d->call.value = -EFAULT;
}

/* A handler that ran between the kernels ends a wait that any handler ends. */
static long ow_restart_code(const struct ow_dead *d)
{
	switch (d->regs.orig_ax) {
	case __NR_pause:
	case __NR_rt_sigsuspend:
	case __NR_poll:
	case __NR_ppoll:
	case __NR_select:
	case __NR_pselect6:
	case __NR_epoll_wait:
	case __NR_epoll_pwait:
	case __NR_epoll_pwait2:
		return -ERESTARTNOHAND;
	default:
		return -ERESTARTNOINTR;
	}
}

/* Runs after the registers were set. */
void ow_become_call(struct ow_dead *d)
{
	struct pt_regs *regs = current_pt_regs();

	switch (d->call.outcome) {
	case OW_RESTART:
		ow_become_timeout(d);
		regs->ax = ow_restart_code(d);
		break;
	case OW_BLOCK:
		current->restart_block = d->call.block;
		regs->ax = -ERESTART_RESTARTBLOCK;
		break;
	case OW_RETURN:
		ow_become_rest(d);
		regs->ax = d->call.value;
		if (d->call.parent_tid && d->call.value > 0)
			put_user((pid_t)d->call.value,
				 (pid_t __user *)d->call.parent_tid);
		break;
	default:
		break;
	}
	/* Signal delivery and the restart happen on the way out. */
	set_thread_flag(TIF_SIGPENDING);
}

/*
 * The call that killed the last kernel, from here and not from user mode: while
 * it is under way the record names its task, so that the next kernel, if this
 * one dies of it too, knows the culprit.
 */
void ow_call_again(enum ow_outcome outcome, unsigned int deaths)
{
	struct pt_regs *regs = current_pt_regs();
	struct restart_block *block = &current->restart_block;

	recalc_sigpending();
	ow_mark("again pid=%d call=%ld", current->pid, regs->orig_ax);
	ow_record.again_deaths = deaths;
	ow_record.again = current->pid;
	/* The caller sees to it. */
	if (outcome == OW_EXIT)
		return;
	regs->ax = -ENOSYS;
	if (outcome == OW_BLOCK)
		regs->ax = block->fn(block);
	else
		regs->ax = x64_sys_call(regs, regs->orig_ax);
	ow_record.again = 0;
	set_thread_flag(TIF_SIGPENDING);
}
