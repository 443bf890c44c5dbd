/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Crash procedures. procedure.c keeps what processes register, and finds it in
 * the dead kernel; procedure_run.c calls a procedure in a process that has
 * come back, and ends it.
 */
#ifndef _OTHERWORLD_PROCEDURE_H
#define _OTHERWORLD_PROCEDURE_H

#include <linux/list.h>
#include <linux/restart_block.h>
#include <linux/workqueue.h>

#include "resurrect.h"

/*
 * One process's entry in the table. It is valid as long as a process of this
 * number, start and count of programs exists: no hook clears it when the
 * process ends or executes another program.
 */
struct ow_procedure {
	pid_t tgid;			/* 0: free; written last */
	pid_t tid;			/* who registered, and will run it */
	u64 start_time, exec_id;
	u64 frame;			/* while it runs: its first frame, or 0 */
	u64 losses;			/* it has not answered for yet */
	struct ow_registration asked;
};

/* A procedure that is to be called, or has been. */
struct ow_run {
	struct list_head list;
	struct ow_procedure *entry;	/* in our own table */
	struct ow_procedure copy;	/* of the dead entry, then of ours */
	struct pid *pid;		/* of the process, once it runs */
	pid_t tgid, tid;
	char comm[TASK_COMM_LEN];
	u64 losses;
	bool called, ended;
	bool sleeping;			/* the interrupted call goes on by @block */
	struct restart_block block;
	struct delayed_work limit;
};

/* --- procedure.c --- */
/* What the dead process had registered; false if nothing. */
bool ow_dead_procedure(const struct ow_dead *d, struct ow_procedure *copy);
/* The same for the calling process in this kernel, before it runs. */
struct ow_procedure *ow_keep_procedure(const struct ow_procedure *dead);

/* --- of the kernel, declared nowhere --- */
long __x64_sys_execve(const struct pt_regs *regs);
long __x64_sys_rt_sigreturn(const struct pt_regs *regs);

/* --- procedure_run.c --- */
long ow_end_procedure(unsigned long answer);
/* What is lost by now, if a procedure of the process runs; or -EINVAL. */
long ow_told_losses(void);

#endif /* _OTHERWORLD_PROCEDURE_H */
