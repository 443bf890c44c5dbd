/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resurrection: one dead process is read into a struct ow_dead, judged, and
 * then a fresh task becomes it. Judging (ow_judge_*) changes nothing and
 * answers NULL or the reason why the process cannot come back; becoming
 * (ow_become_*) runs in the fresh task itself, on its way to user mode.
 */
#ifndef _OTHERWORLD_RESURRECT_H
#define _OTHERWORLD_RESURRECT_H

#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/task_work.h>

#include "otherworld.h"
#include "procedure_abi.h"
#include "reader.h"

#define OW_MAX_TASKS	8192
#define OW_MAX_VMAS	65536
#define OW_MAX_FDS	4096
#define OW_MAX_PATH	PATH_MAX
#define OW_MAX_CALLS	256

struct ow_run;
struct tty_file_private;
struct tty_struct;

/* One process of the dead kernel, as the scan found it. */
struct ow_process {
	const struct task_struct *dead;	/* thread group leader */
	/* The leader, or, when it has ended before them, another thread. */
	const struct task_struct *living;
	pid_t pid, ppid, pgid, sid;
	unsigned int state, exit_state, flags;
	int exit_code;
	int threads;
	char comm[TASK_COMM_LEN];
};

/* What the interrupted system call turns into (syscalls.c). */
enum ow_outcome {
	OW_RESUME,		/* not in a call, or it had finished */
	OW_RESTART,		/* issue it again */
	OW_RETURN,		/* return ->value */
	OW_BLOCK,		/* go on through ->block (restart_block) */
	OW_EXIT,		/* finish dying with ->value */
	OW_REFUSE,		/* cannot be continued: ->reason */
};

#define OW_MAX_PUTS	24

/* What a call would still have written for its caller. */
struct ow_put {
	unsigned long at;		/* user address */
	u64 value;
	unsigned int size;
};

/* The rest of a call: what it would have answered (foretell.c). */
struct ow_rest {
	long answer;
	struct ow_put puts[OW_MAX_PUTS];
	unsigned int nr_puts;
	bool wrote;			/* to the place that was asked for */
};

struct ow_call {
	enum ow_outcome outcome;
	long value;
	struct ow_rest rest;		/* ->puts are done before it returns */
	bool restore_mask;	/* the call had replaced the signal mask */
	struct restart_block block;
	ktime_t expires;	/* with @timeout: when it ends */
	bool half_done;		/* what it does to a name may be done */
	unsigned long timeout;	/* user address of the caller's timeout */
	bool timeval;		/* it is a timeval, not a timespec */
	unsigned long stack;	/* of a thread the call makes */
	unsigned long parent_tid; /* where its number goes, or 0 */
	const char *reason;
};

struct ow_vma {
	unsigned long start, end, flags, pgoff;
	const struct vm_area_struct *dead;
	struct file *file;		/* dead, NULL if anonymous */
	struct address_space *mapping;	/* dead, of @file */
	bool special;			/* vDSO or vvar: mapped anew */
	bool aio;			/* a ring of events (aio.c) */
	bool lost;			/* its procedure is told */
	unsigned long first, pages;	/* its private pages among the found */
};

/* A private page that was found, and may be taken. */
struct ow_found {
	unsigned long addr;
	pte_t pte;
	unsigned long pfn;		/* where it lies, */
	swp_entry_t slot;		/* or our slot of swap, if @swapped */
	bool adopt;			/* this frame; otherwise a copy */
	bool swapped;
};

/* What a function in the call chain keeps on the stack; 0 if unknown. */
struct ow_frame {
	unsigned long low, high;
};

struct ow_dead {
	const struct ow_process *proc;
	const struct task_struct *va;
	struct task_struct *task;	/* copy up to the FPU registers */
	struct signal_struct signal;
	struct sighand_struct sighand;
	struct mm_struct mm;
	struct fs_struct fs;
	struct cred cred;
	struct pt_regs regs;
	struct ow_call call;
	struct seccomp inherited;	/* of a thread: its leader's, dead */
	bool gone;			/* a leader that ended before its threads */
	bool was_current;		/* ran when the kernel died */
	unsigned long switching;	/* where it was left for the next task */
	unsigned int deaths;		/* kernels in a row its own call killed */
	bool culprit;			/* it is to have an error, if it can */
	unsigned long calls[OW_MAX_CALLS]; /* its call chain, innermost first */
	struct ow_frame frames[OW_MAX_CALLS];
	bool lacks_calls;		/* that is not all of it */
	unsigned int nr_calls;
	struct pt_regs kernel;		/* where it was interrupted, if it was */
	bool fresh_fpu;			/* it enters a signal handler */
	struct ow_vma *vmas;
	unsigned int nr_vmas;
	struct ow_found *found;		/* in its page tables */
	unsigned long nr_found, room;	/* how many, and for how many */
	unsigned long nr_named;		/* of them by its page tables */
	unsigned long anon_pages;	/* of them in memory, */
	unsigned long swapped_pages;	/* or in swap */
	const char *doubt;		/* what is wrong with its page tables */
	unsigned int adopted, copied;
	struct ow_tally tally;		/* in the leader */
	const char *reason;		/* scratch of the judges */
	struct ow_run *run;		/* of its crash procedure, or NULL */
	struct ow_dead *next_thread;	/* of the same process */
	unsigned int nr_threads;	/* with the leader, in the leader */
	struct callback_head work;
};

/* --- task.c: finding and reading --- */
const struct ow_process *ow_find_process(pid_t pid);
typedef int (*ow_process_visitor)(const struct ow_process *p, void *arg);
int ow_visit_processes(ow_process_visitor visit, void *arg);
/* The task @dead of @p, its leader or another thread. */
struct ow_dead *ow_load(const struct ow_process *p,
			const struct task_struct *dead, const char **reason);
/* The task that ran when the kernel died; NULL if it was none of a process. */
struct ow_dead *ow_load_current(void);
void ow_unload(struct ow_dead *d);
/* Of the one that ran: was it about to be left for another? (unwind.c) */
void ow_notice_switch(struct ow_dead *d);
/* Number of a dead struct pid, 0 if absent or damaged. */
pid_t ow_pid_number(const struct pid *dead);
/* The dead allocator's next pid. */
unsigned int ow_dead_pid_cursor(void);

/* --- identity.c --- */
const char *ow_judge_identity(struct ow_dead *d);
int ow_become_identity(struct ow_dead *d);
/* The same for one thread: what is not of the whole process. */
const char *ow_judge_task(struct ow_dead *d);
void ow_become_task(struct ow_dead *d);
int ow_become_creds(struct ow_dead *d);
/* Credentials of ours with what @copy, of dead ones, has. */
struct cred *ow_copy_creds(const struct cred *copy);
/* Report what a process had that is not carried over. */
void ow_note_losses(struct ow_dead *d);

/* An object, mostly a dead one, as the index of an xarray. */
static inline unsigned long ow_key(const void *dead)
{
	return (unsigned long)dead >> 3;
}

/* --- path.c --- */
/* Absolute path of a dead path into @buf (OW_MAX_PATH); start or ERR_PTR. */
char *ow_path(const struct path *dead, char *buf);

/* --- files.c --- */
const char *ow_judge_files(struct ow_dead *d);
int ow_become_files(struct ow_dead *d);
/* Our own open file standing for a dead one; holds a reference. */
struct file *ow_reopen(const struct file *dead);
/* The same for files that are part of the one being opened. */
struct file *ow_reopen_locked(const struct file *dead);
/* Ours, without a reference; NULL if nobody has reopened it. */
struct file *ow_reopened(const struct file *dead);
void ow_forget_files(void);

/* --- anonfds.c: eventfd, timerfd, signalfd, epoll, inotify --- */
/* Do files that work by these functions belong to them? */
bool ow_is_anonymous(const struct file_operations *operations);
/* What a dead eventfd or timerfd counts; NULL if it is neither. */
const void *ow_counter_of(const struct file *dead);
/* Ours for @copy, one of these. */
struct file *ow_open_anonymous(const struct file *copy);

/* --- epoll.c --- */
/* Watch by the descriptors of this process; then whatever is left. */
int ow_become_epolls(struct ow_dead *d);
void ow_settle_epolls(void);

/* --- inotify.c --- */
/* When all files are there: what is watched, and what has been told. */
void ow_settle_inotifies(void);

/* --- seccomp.c --- */
const char *ow_judge_seccomp(struct ow_dead *d);
/* Of a leader before it clones its threads. */
int ow_become_seccomp(struct ow_dead *d);

/* --- pipes.c --- */
/* Ours for @copy, a dead open file of a pipe, or of the FIFO at @path. */
struct file *ow_open_pipe(const struct file *copy, const char *path);
void ow_forget_pipes(void);

/* --- progress.c --- */
struct pipe_buffer;
/* @buf is the first one of a dead pipe: put its offset right, if who died was
 * about to change it.
 */
void ow_first_place(const struct inode *dead, struct pipe_buffer *buf);

/* --- sockets.c --- */
const char *ow_judge_socket(const struct inode *dead);
/* Ours for @copy, a dead open file of a socket. */
struct file *ow_open_socket(const struct file *copy);
/* Does a dead socket's connection end with a reset, in place of what it was? */
bool ow_is_reset(const struct file *dead);
void ow_forget_sockets(void);
/* At the gate: those that talk to others go on. */
void ow_start_sockets(void);

/* --- network.c --- */
int ow_cmd_network(char *args);
/* Our number of a dead interface; 0 if it has not come back. */
int ow_interface(int dead);
/* Let in what comes from outside. */
void ow_open_network(void);

/* --- shmem.c --- */
/* Is it a regular file of a tmpfs, with a name or without? */
bool ow_is_shmem(const struct inode *dead);
/* Ours for @copy, a dead open file whose inode has no name any more. */
struct file *ow_open_shmem(const struct file *copy, unsigned int flags);
/* The file behind all of those; holds a reference. */
struct file *ow_shmem_file(const struct file *copy);
/* All pages of a dead file of a tmpfs into an empty one of ours. */
int ow_fill_shmem(struct inode *to, const struct inode *dead);
void ow_forget_shmem(void);

/* --- semaphores.c, messages.c: one System V object of these kinds --- */
int ow_make_semaphores(const void *dead);
int ow_make_queue(const void *dead);
/* What the process owes semaphores when it ends. */
void ow_become_undo(struct ow_dead *d);

/* --- sysv.c: System V objects, and shared memory --- */
/* Is @copy, without a name and in shared memory, that of an attachment? */
bool ow_is_segment(const struct file *copy);
struct file *ow_open_segment(const struct file *copy);
void ow_forget_segments(void);
int ow_cmd_ipc(char *args);

/* --- mqueue.c: POSIX message queues --- */
bool ow_is_mqueue(const struct file *copy);
/* Ours for @copy, a dead open file of a queue. */
struct file *ow_open_mqueue(const struct file *copy);
/* Make all of them; count them. */
int ow_make_mqueues(unsigned int *made, unsigned int *lost);
void ow_forget_mqueues(void);

/* --- orphans.c --- */
/* Ours for a dead inode of a disk that cannot be reached by a name. */
struct file *ow_open_nameless(const struct inode *dead, unsigned int flags);
void ow_forget_orphans(void);

/* --- locks.c --- */
/* The locks @d held through a file, of which ours is @file. */
void ow_become_locks(struct ow_dead *d, const struct file *dead,
		     struct file *file);
void ow_restore_owner(struct file *file, const struct file *copy);

/* --- areas.c --- */
/* The areas of a process whose map cannot be read, in order of address, as
 * ow_walk_maple() would visit them. -EUCLEAN unless these are all.
 */
int ow_visit_areas(struct ow_dead *d,
		   int (*visit)(unsigned long first, unsigned long last,
				void *entry, void *arg), void *arg);

/* --- mm.c --- */
const char *ow_judge_mm(struct ow_dead *d);
int ow_become_mm(struct ow_dead *d);

/* --- aio.c --- */
/* Is it the ring of a context? And has the process that context? */
bool ow_is_aio(const struct vm_area_struct *copy);
bool ow_has_context(struct ow_dead *d, unsigned long start);
int ow_become_aio(struct ow_dead *d);

/* --- syscalls_signal.c --- */
/* A signal that a call had taken, and that is to be pending again. */
bool ow_signal_in_hand(struct ow_dead *d, struct sigqueue *copy);

/* --- signal.c --- */
const char *ow_judge_signals(struct ow_dead *d);
int ow_become_signals(struct ow_dead *d);
/* Mask, stack and pending signals of one thread. */
void ow_become_own_signals(struct ow_dead *d);
/* After the gate: timers and the stopped state. */
void ow_start_timers(struct ow_dead *d);
void ow_stop_again(struct ow_dead *d);

/* --- timers.c: those of timer_create() --- */
const char *ow_judge_timers(struct ow_dead *d);
/* When all threads are there. */
int ow_become_timers(struct ow_dead *d);
/* Is the pending signal a timer's own? It comes back with the timer. */
bool ow_is_of_timer(const struct sigqueue *copy);
bool ow_has_timer(struct ow_dead *d, timer_t id);

/* --- threads.c: all but the leader --- */
const char *ow_judge_threads(struct ow_dead *d);
/* One besides @leader that still has what is the process's; NULL if none. */
const struct task_struct *ow_living_thread(const struct task_struct *leader);
int ow_become_threads(struct ow_dead *d);

/* --- tty.c --- */
const char *ow_judge_tty(struct ow_dead *d);
int ow_become_tty(struct ow_dead *d);
int ow_restore_tty(const struct tty_file_private *dead, char *name,
		   size_t size);
void ow_forget_ttys(void);

/* --- syscalls.c --- */
void ow_judge_call(struct ow_dead *d);
/* Before the gate: did a call on a name happen? (syscalls_name.c) */
void ow_complete_name(struct ow_dead *d);
void ow_become_call(struct ow_dead *d);
/* Is the process, whose call to end it has killed too many kernels, taken for
 * ended, with this status?
 */
bool ow_exit_given_up(const struct ow_process *p, int *status);
/* Issue the call that has killed so many, whose judgement was that. */
void ow_call_again(enum ow_outcome outcome, unsigned int deaths);

/* --- entry.c: user registers half saved --- */
const char *ow_judge_entry(struct ow_dead *d);

/* --- regs.c --- */
const char *ow_judge_regs(struct ow_dead *d);
int ow_become_regs(struct ow_dead *d);

/* --- ramfile.c: regular files that exist in memory only --- */
bool ow_is_ram_magic(unsigned long magic);
/* Create @path with the dead contents if it is missing, or anyway if @force. */
int ow_restore_ram_file(const struct inode *dead, const char *path, bool force);
/* What has the contents of a dead file already, NULL if nothing. */
const char *ow_ram_file_name(const struct inode *dead);
void ow_forget_ram_files(void);

/* --- ramtree.c: memory file systems as a whole --- */
int ow_cmd_ram_files(char *args);

/* --- swap.c --- */
int ow_cmd_swap(char *args);

/* --- writeback.c, replay.c --- */
int ow_cmd_replay(char *args);
int ow_cmd_writeback(char *args);

/* --- procedure_run.c: crash procedures --- */
/* Before a process is judged: look for one. */
void ow_plan_procedure(struct ow_dead *d);
/* The process does not come back after all. */
void ow_drop_procedure(pid_t tgid);
/* Note @loss (OW_LOST_...), if there is a procedure to be told of it. */
bool ow_may_lose(struct ow_dead *d, u64 loss);
/* The same for the call in progress: it answers EINTR. */
bool ow_may_lose_call(struct ow_dead *d);
/* Report that a process comes back without something, and note @loss. */
__printf(3, 4) void ow_degraded(pid_t pid, u64 loss, const char *what, ...);
/* @t is one of those that come back. */
void ow_run_thread(struct ow_dead *leader, struct ow_dead *t);
void ow_become_procedure(struct ow_dead *d);
/* Behind the gate, with the registers set: call it, or wait for its end. */
void ow_call_procedure(struct ow_dead *d);

/* --- revive.c --- */
/* One more task is about to become somebody; it has, or has failed. */
void ow_expect_one(void);
void ow_settle(void);
/* Wait at the gate, then leave for user mode, or end. Consumes @d. */
void ow_go_on(struct ow_dead *d);
int ow_cmd_become(char *args);
int ow_cmd_settle(char *args);
int ow_cmd_expect(char *args);
int ow_cmd_gate_wait(char *args);

#endif /* _OTHERWORLD_RESURRECT_H */
