/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The system call otherworld(operation, argument, size), number 386: what user
 * space and the kernel agree on about crash procedures. The user's side, with
 * the contract, is images/guest/include/otherworld.h.
 */
#ifndef _OTHERWORLD_PROCEDURE_ABI_H
#define _OTHERWORLD_PROCEDURE_ABI_H

#include <linux/types.h>

/* Operations. */
#define OW_PROCEDURE_SET	0	/* argument, size: struct ow_registration */
#define OW_PROCEDURE_CLEAR	1
#define OW_PROCEDURE_END	2	/* argument: what the procedure answered */
#define OW_PROCEDURE_LOSSES	3	/* of the procedure that runs */

/* Answers of a procedure. */
#define OW_ANSWER_CONTINUE	0
#define OW_ANSWER_RESTART	1

/* Flags. */
#define OW_PROCEDURE_IF_LOST	1	/* call it only if something is lost */
#define OW_PROCEDURE_OTHERS_RUN	2	/* do not hold the other threads */
#define OW_PROCEDURE_FLAGS	3

/* What could not be restored: bits of a procedure's first parameter. */
#define OW_LOST_FILE		(1 << 0)
#define OW_LOST_SOCKET		(1 << 1)
#define OW_LOST_DEVICE		(1 << 2)
#define OW_LOST_ANONYMOUS	(1 << 3)
#define OW_LOST_MAPPING		(1 << 4)
#define OW_LOST_CALL		(1 << 5)
#define OW_LOST_TIMER		(1 << 6)
#define OW_LOST_WATCH		(1 << 7)
#define OW_LOST_LOCK		(1 << 8)
#define OW_LOST_SIGNAL		(1 << 9)
#define OW_LOST_IPC		(1 << 10)
#define OW_LOST_AIO		(1 << 11)
#define OW_LOST_IDENTITY	(1 << 12)

struct ow_registration {
	__u32 flags;
	__u32 limit_ms;		/* it is ended after that time; 0: 10 s */
	__u64 function;		/* (losses, argument, ucontext) */
	__u64 argument;
	__u64 restorer;		/* where it returns to: OW_PROCEDURE_END */
	__u64 stack;		/* lowest address of its stack; 0: the thread's */
	__u64 stack_size;
	__u64 path;		/* as for execve(), to restart the process; */
	__u64 argv;		/* 0: it cannot be restarted */
	__u64 envp;
};

#endif /* _OTHERWORLD_PROCEDURE_ABI_H */
