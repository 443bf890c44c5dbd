/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Otherworld: interface between the crash path, the memory slots and the
 * resurrection of processes.
 *
 * Everything here is used in process context after boot unless said
 * otherwise. "Dead" means: belonging to the kernel that ran before us.
 */
#ifndef _OTHERWORLD_H
#define _OTHERWORLD_H

#include <linux/types.h>
#include <linux/ptrace.h>

struct task_struct;
struct seq_file;

/* What one kernel leaves behind for the next one; lives in its image. */
#define OW_RECORD_MAGIC		0x6b636162656d6f63ULL
#define OW_MESSAGE_SIZE		256

enum ow_crash_kind {
	OW_CRASH_NONE,
	OW_CRASH_PANIC,		/* panic() was called; regs are its caller's */
	OW_CRASH_DIE,		/* exception in kernel mode; regs are complete */
	OW_CRASH_NMI,		/* unknown NMI: the watchdog */
};

struct ow_record {
	u64 magic;		/* OW_RECORD_MAGIC once booted */
	u32 generation;		/* 1 for the kernel loaded from outside */
	u32 slot;		/* slot the image of this kernel lies in */
	u32 kind;		/* enum ow_crash_kind */
	u32 depth;		/* entries into the crash path, 1 if undisturbed */
	struct task_struct *task; /* current at the crash, dead pointer */
	struct pt_regs regs;	/* kernel registers at the crash */
	u64 cr2;
	u64 cr3;
	u64 tsc;
	u64 fs_base;		/* the task's */
	u64 gs_base;		/* the task's, if @gs_known */
	u32 gs_known;
	u32 fpu_saved;		/* the task's FPU state was put in its fpstate */
	char message[OW_MESSAGE_SIZE];
	/* The task that is in a call for the second time, which has killed the
	 * kernel before this one; 0 if none. And how many it has killed.
	 */
	s32 again;
	u32 again_deaths;
};

/* --- identity (core.c) --- */

/* Is the feature on (parameter "otherworld")? */
bool ow_enabled(void);
/* Did this kernel take over from a dead one? */
bool ow_is_crash_kernel(void);
/* 1, 2, 3 ... */
unsigned int ow_generation(void);
/* phys_base of the dead kernel; its image symbols lie at
 * __va(sym - __START_KERNEL_map + ow_dead_phys_base()).
 */
unsigned long ow_dead_phys_base(void);
/* The dead kernel's copy of one of our own image symbols (may be damaged:
 * use the validated reader on what it holds). NULL if not a crash kernel.
 */
void *ow_dead_symbol(const void *sym);
#define ow_dead_sym(sym) ((typeof(&(sym)))ow_dead_symbol(&(sym)))
/* The dead kernel's crash record, NULL if absent or damaged. */
const struct ow_record *ow_dead_record(void);
/* Did it die ahead of @answer, which it was about to tell a process (crash.c)? */
bool ow_died_refusing(long answer);
/* The dead task that was current at the crash, unvalidated; may be NULL. */
struct task_struct *ow_dead_current(void);

/* --- dead frames (frames.c) --- */

/* Is this frame dead memory that nobody has taken over yet? */
bool ow_dead_frame(unsigned long pfn);
/* Must this frame be copied instead of adopted? True for the whole slot the
 * next kernel will be loaded into (the dead kernel's own).
 */
bool ow_frame_in_slot(unsigned long pfn);
/* Take a dead frame over: afterwards it is an ordinary allocated page of ours
 * with one reference, no mapping, contents untouched. -EINVAL if the frame
 * is not dead, -EBUSY if it lies in a slot.
 */
int ow_adopt_frame(unsigned long pfn);
/* A page with the contents of a dead frame: with @adopt that frame itself if
 * it can be taken over, otherwise a copy; or ERR_PTR.
 */
struct page *ow_take_frame(unsigned long pfn, bool adopt);

/* --- memory file systems (ramtree.c) --- */

struct super_block;

/* Is it one the dead kernel had, with the limits it had there? */
bool ow_is_mounted_again(const struct super_block *sb);

/* --- gate (gate.c) --- */

/* Block a resurrected process until the morph is complete. Returns 0, or
 * -EINTR if the process was killed meanwhile. At once if the gate is open.
 */
int ow_gate_wait(void);
void ow_gate_open(void);

/* --- marks (mark.c): any context, no locks --- */

/* Write "ow: <text>\n" to the debug console port. */
__printf(1, 2) void ow_mark(const char *fmt, ...);
/* Raw text to the port, nothing added. */
void ow_mark_raw(const char *text, size_t len);

/* --- commands: handlers named in the table of commands.c --- */

/* @args: the rest of the line, trimmed, writable. 0 or -errno. */
int ow_cmd_release(char *args);
int ow_cmd_gate_open(char *args);
int ow_cmd_arm(char *args);

/* Run one line written to /proc/otherworld/control. */
int ow_command(char *line);

#endif /* _OTHERWORLD_H */
