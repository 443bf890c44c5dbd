// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user registers of the process that ran when the kernel died. Nearly
 * always they lie complete at the top of the task's stack. Entry and exit
 * code is where they do not: there a part is on a stack and the rest still,
 * or again, in the processor. docs/resurrection-entry.md holds the cases and
 * why there are no others; each is recognised by where the kernel stood and
 * by where its stack pointer stood, and where the two disagree, or the entry
 * code is not what we were built with, the process is refused.
 */
#include <linux/bitops.h>
#include <linux/cpufeature.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/processor.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <asm/cpu_entry_area.h>
#include <asm/current.h>
#include <asm/insn.h>
#include <asm/proto.h>
#include <asm/sections.h>

#include "course.h"
#include "syscalls.h"

/* Bytes of the pushes and pops of calling.h: each is 1 or 2 long. */
#define OW_PUSHES	25	/* from orig_ax, with the -ENOSYS for ax */
#define OW_ERROR_PUSHES	33	/* of error_entry(), with its return address */
#define OW_POPS		33	/* all but rdi, and the change of stacks */
/* Behind that, of a return by SYSRET, up to its last label. */
#define OW_AFTER_POPS	7
/* error_entry() and its call of sync_regs() keep this below the frame. */
#define OW_RETURNS	(2 * sizeof(long))
/* The longest instruction: what the fault itself may have replaced. */
#define OW_INSN_MAX	15

#define OW_FRAME	sizeof(struct pt_regs)
#define OW_HARDWARE	offsetof(struct pt_regs, ip)

/* What an exception pushes. */
struct ow_hw_frame {
	unsigned long ip, cs, flags, sp, ss;
};

/* A context of the kernel. */
struct ow_place {
	unsigned long ip, sp;
};

static bool ow_between(unsigned long ip, unsigned long start, unsigned long size)
{
	return ip - start < size;
}

static bool ow_on_stack(unsigned long sp, unsigned long top, unsigned long size)
{
	return sp >= top - size && sp <= top;
}

static bool ow_in_entry_text(unsigned long ip)
{
	return ip >= (unsigned long)__entry_text_start &&
	       ip < (unsigned long)__entry_text_end;
}

/* The first byte of the dead kernel's entry code that is not ours; 0 if all are. */
static unsigned long ow_not_as_built(unsigned long ip)
{
	unsigned long at = (unsigned long)__entry_text_start;
	unsigned long end = (unsigned long)__entry_text_end;
	u8 byte;

	for (; at < end; at++) {
		if (ow_between(at, ip, OW_INSN_MAX))
			continue;
		if (!ow_read(&byte, (void *)at, 1) || byte != *(u8 *)at)
			return at;
	}
	return 0;
}

/*
 * The cases hold for the entry code as it was built. Is the dead kernel's, but
 * for the instruction that killed it, the same as ours?
 */
static bool ow_as_built(unsigned long ip)
{
	return !ow_not_as_built(ip);
}

/* The one register of 32 or 64 bits that @insn writes, and nothing in memory:
 * XOR and its like, or MOV; negative if it may be another instruction.
 */
static int ow_only_writes(struct insn *insn)
{
	u8 op = insn->opcode.bytes[0], modrm = insn->modrm.bytes[0];
	bool to_rm = op == 0x89 || ((op & 0xc7) == 0x01 && op < 0x38);
	bool to_reg = op == 0x8b || ((op & 0xc7) == 0x03 && op < 0x38);

	if (insn->opcode.nbytes != 1 || insn->prefixes.nbytes ||
	    X86_MODRM_MOD(modrm) != 3)
		return -1;
	if (to_rm)
		return X86_MODRM_RM(modrm) |
		       X86_REX_B(insn->rex_prefix.bytes[0]) << 3;
	if (to_reg)
		return X86_MODRM_REG(modrm) |
		       X86_REX_R(insn->rex_prefix.bytes[0]) << 1;
	return -1;
}

/* Where in a register frame each is, by its number in instructions. */
static const u8 ow_frame_word[] = {
	offsetof(struct pt_regs, ax) / 8, offsetof(struct pt_regs, cx) / 8,
	offsetof(struct pt_regs, dx) / 8, offsetof(struct pt_regs, bx) / 8,
	offsetof(struct pt_regs, sp) / 8, offsetof(struct pt_regs, bp) / 8,
	offsetof(struct pt_regs, si) / 8, offsetof(struct pt_regs, di) / 8,
	offsetof(struct pt_regs, r8) / 8, offsetof(struct pt_regs, r9) / 8,
	offsetof(struct pt_regs, r10) / 8, offsetof(struct pt_regs, r11) / 8,
	offsetof(struct pt_regs, r12) / 8, offsetof(struct pt_regs, r13) / 8,
	offsetof(struct pt_regs, r14) / 8, offsetof(struct pt_regs, r15) / 8,
};

/*
 * Where entry code was changed from @start on, what was executed up to @ip, and
 * has overwritten registers: these, as words of their frame. False if it may
 * have done anything else.
 */
static bool ow_overwritten(unsigned long start, unsigned long ip,
			   unsigned long *words)
{
	unsigned long size, offset, at;
	u8 text[2 * OW_INSN_MAX];
	struct insn insn;
	int reg;

	/* Execution came to the first of them by our own instructions. */
	if (ip - start > OW_INSN_MAX ||
	    !kallsyms_lookup_size_offset(start, &size, &offset))
		return false;
	for (at = start - offset; at < start; at += insn.length)
		if (insn_decode_kernel(&insn, (void *)at))
			return false;
	if (at > start)
		at -= insn.length;
	if (ip - at > sizeof(text) - OW_INSN_MAX ||
	    !ow_read(text, (void *)at, sizeof(text)))
		return false;
	for (start = at; at < ip; at += insn.length) {
		if (insn_decode_kernel(&insn, text + (at - start)))
			return false;
		reg = ow_only_writes(&insn);
		if (reg < 0 || reg == OW_RSP)
			return false;
		__set_bit(ow_frame_word[reg], words);
	}
	return at == ip;
}

/*
 * Is all that is not in memory at @base still in the processor? @ax: the place
 * of RAX, which a system call has in two.
 */
static bool ow_is_whole(struct ow_place place, unsigned long base, size_t ax)
{
	unsigned long changed = ow_not_as_built(place.ip), words = 0;
	unsigned int word;

	if (!changed)
		return true;
	if (!ow_overwritten(changed, place.ip, &words))
		return false;
	if (__test_and_clear_bit(offsetof(struct pt_regs, ax) / sizeof(long), &words))
		__set_bit(ax / sizeof(long), &words);
	for_each_set_bit(word, &words, BITS_PER_LONG)
		if (base + word * sizeof(long) < place.sp)
			return false;
	return true;
}

/* Pushed, or not popped yet: in memory at @base. Else the processor's own. */
static const char *ow_join(struct pt_regs *regs, const struct pt_regs *now,
			   struct ow_place place, unsigned long base, size_t ax)
{
	unsigned long *to = (unsigned long *)regs;
	const unsigned long *own = (const unsigned long *)now;
	unsigned long at;

	if (!ow_get(*regs, (struct pt_regs *)base))
		return "entry";
	if (place.sp > base && !ow_is_whole(place, base, ax))
		return "entry";
	for (at = base; at < place.sp && at < base + OW_HARDWARE; at += sizeof(long))
		to[(at - base) / sizeof(long)] = own[(at - base) / sizeof(long)];
	return NULL;
}

/* --- exceptions and interrupts --- */

/*
 * A fault planted where every exception passes faults again in its own
 * handler, until the stack is full. What the first of them found is right
 * below what the way in from user mode had pushed until then.
 */
static struct ow_place ow_first_fault(const struct pt_regs *now, unsigned long top)
{
	unsigned long base = top - OW_FRAME, sp;
	struct ow_hw_frame frame;

	for (sp = base + OW_HARDWARE; sp >= base - OW_RETURNS; sp -= sizeof(long)) {
		unsigned long at = round_down(sp, 16) - sizeof(frame);

		if (at < now->sp)
			break;
		if (ow_get(frame, (struct ow_hw_frame *)at) && frame.sp == sp &&
		    frame.cs == __KERNEL_CS &&
		    (!frame.ss || frame.ss == __KERNEL_DS) &&
		    ow_in_entry_text(frame.ip))
			return (struct ow_place){ frame.ip, sp };
	}
	return (struct ow_place){ now->ip, now->sp };
}

/* Behind the pushes, however deep a stack that overflowed is by now. */
static bool ow_all_pushed(unsigned long ip)
{
	return ow_ip_in(ip, "sync_regs") ||
	       (ow_ip_in(ip, "error_entry") &&
		ip - ow_symbol("error_entry") >= OW_ERROR_PUSHES);
}

static const char *ow_exception_entry(struct ow_dead *d,
				      const struct pt_regs *now,
				      struct ow_place place, unsigned long top)
{
	unsigned long base = top - OW_FRAME;
	const char *reason;

	/* Elsewhere it may have slept, on a stack that all tasks share. */
	if (!ow_in_entry_text(place.ip) && !ow_ip_in(place.ip, "sync_regs"))
		return "entry";
	if (place.sp < base && ow_all_pushed(place.ip))
		place.sp = base;
	if (place.sp < base - OW_RETURNS || place.sp > base + OW_HARDWARE)
		return "entry";
	reason = ow_join(&d->regs, now, place, base, offsetof(struct pt_regs, ax));
	/* RDI's place holds a return address at first; the register is whole. */
	if (place.sp > base)
		d->regs.di = now->di;
	d->regs.orig_ax = -1;
	return reason;
}

/* --- system calls --- */

/*
 * On the user's stack an exception would have written below its pointer,
 * where leaf functions keep their data. SMAP forbids that.
 */
static const char *ow_judge_user_stack(void)
{
	return boot_cpu_has(X86_FEATURE_SMAP) ||
	       ow_dead_record()->kind == OW_CRASH_NMI ? NULL : "entry";
}

/* What the pushes come to: a call that has not begun. */
static void ow_not_begun(struct ow_dead *d, const struct pt_regs *now)
{
	d->regs.orig_ax = now->ax;
	d->regs.ax = -ENOSYS;
}

/* Ahead of the pushes everything is in the processor, as SYSCALL left it. */
static const char *ow_syscall_door(struct ow_dead *d, const struct pt_regs *now)
{
	if (!ow_as_built(now->ip))
		return "entry";
	d->regs = *now;
	d->regs.ip = now->cx;
	d->regs.flags = now->r11;
	d->regs.cs = __USER_CS;
	d->regs.ss = __USER_DS;
	ow_not_begun(d, now);
	if (now->ip >= (unsigned long)entry_SYSCALL_64_safe_stack)
		return ow_read(&d->regs.sp, &cpu_tss_rw.x86_tss.sp2,
			       sizeof(d->regs.sp)) ? NULL : "entry";
	return ow_judge_user_stack();
}

static const char *ow_syscall_entry(struct ow_dead *d,
				    const struct pt_regs *now, unsigned long base)
{
	const char *reason = ow_join(&d->regs, now,
				     (struct ow_place){ now->ip, now->sp }, base,
				     offsetof(struct pt_regs, orig_ax));

	if (now->sp > base + offsetof(struct pt_regs, orig_ax))
		ow_not_begun(d, now);
	d->regs.ax = -ENOSYS;
	return reason;
}

/* --- which case is it? --- */

/* From its first pop on. The frame stays in memory where it was. */
static bool ow_leaving(unsigned long ip)
{
	unsigned long pushes = ow_symbol("entry_SYSCALL_64_after_hwframe") +
			       OW_PUSHES;
	unsigned long iret = ow_symbol("swapgs_restore_regs_and_return_to_usermode");

	return ow_between(ip, pushes, (unsigned long)entry_SYSRETQ_end - pushes) ||
	       ow_between(ip, iret, ow_symbol("native_irq_return_iret") + 1 - iret);
}

/* Where a frame on the task's stack is being built or taken down. */
static bool ow_half(unsigned long ip)
{
	unsigned long pushes = ow_symbol("entry_SYSCALL_64_after_hwframe");
	unsigned long sysret = (unsigned long)entry_SYSRETQ_unsafe_stack -
			       OW_AFTER_POPS - OW_POPS;
	unsigned long iret = ow_symbol("swapgs_restore_regs_and_return_to_usermode");

	return ow_between(ip, pushes, OW_PUSHES) ||
	       ow_between(ip, sysret, OW_POPS) || ow_between(ip, iret, OW_POPS);
}

static const char *ow_on_task_stack(struct ow_dead *d, const struct pt_regs *now)
{
	unsigned long base = (unsigned long)d->task->stack + THREAD_SIZE - OW_FRAME;

	if (!ow_half(now->ip))
		return NULL;
	if (now->sp < base || now->sp > base + OW_HARDWARE)
		return "entry";
	if (!ow_leaving(now->ip))
		return ow_syscall_entry(d, now, base);
	return ow_join(&d->regs, now, (struct ow_place){ now->ip, now->sp }, base,
		       offsetof(struct pt_regs, ax));
}

/* @top: of a stack the processor itself has changed to. */
static const char *ow_on_entry_stack(struct ow_dead *d,
				     const struct pt_regs *now, unsigned long top)
{
	struct ow_place place = ow_first_fault(now, top);

	return ow_leaving(place.ip) ? NULL : ow_exception_entry(d, now, place, top);
}

/* A handler with a stack of its own died: what had it interrupted? */
static const char *ow_on_ist_stack(struct ow_dead *d, const struct pt_regs *now,
				   unsigned long top, bool to_task_stack)
{
	struct ow_hw_frame frame;

	if (!ow_get(frame, (struct ow_hw_frame *)(top - sizeof(frame))))
		return "entry";
	if (frame.cs == __KERNEL_CS)
		return ow_in_entry_text(frame.ip) ? "entry" : NULL;
	return to_task_stack ? ow_on_entry_stack(d, now, top) : "entry";
}

/*
 * An NMI that came in user mode. On its own stack are what the processor has
 * pushed and, below that, RDX, which serves to copy both to the task's stack.
 * Nothing else changes before all is copied.
 */
static const char *ow_nmi_entry(struct ow_dead *d, const struct pt_regs *now,
				unsigned long top)
{
	unsigned long at = top - sizeof(struct ow_hw_frame);
	unsigned long base = (unsigned long)d->task->stack + THREAD_SIZE - OW_FRAME;
	struct ow_hw_frame frame;

	if (!ow_get(frame, (struct ow_hw_frame *)at) || frame.cs != __USER_CS)
		return "entry";
	if (now->sp == base)
		return NULL;
	if (!(now->sp > base && now->sp <= base + OW_FRAME) &&
	    now->sp != at && now->sp != at - sizeof(long))
		return "entry";
	if (!ow_as_built(now->ip))
		return "entry";
	d->regs = *now;
	if (now->sp != at && !ow_get(d->regs.dx, (unsigned long *)at - 1))
		return "entry";
	d->regs.orig_ax = -1;
	d->regs.ip = frame.ip;
	d->regs.cs = frame.cs;
	d->regs.flags = frame.flags;
	d->regs.sp = frame.sp;
	d->regs.ss = frame.ss;
	return NULL;
}

static const char *ow_judge_place(struct ow_dead *d, const struct pt_regs *now)
{
	struct cpu_entry_area *area = get_cpu_entry_area(0);
	unsigned long entry = (unsigned long)&area->entry_stack_page + PAGE_SIZE;
	unsigned long nmi = CEA_ESTACK_TOP(&area->estacks, NMI);
	unsigned long df = CEA_ESTACK_TOP(&area->estacks, DF);
	unsigned long db = CEA_ESTACK_TOP(&area->estacks, DB);

	if (now->ip >= (unsigned long)entry_SYSCALL_64 &&
	    now->ip < ow_symbol("entry_SYSCALL_64_after_hwframe"))
		return ow_syscall_door(d, now);
	/* With the user's own stack pointer back, whatever that is. */
	if (now->ip >= (unsigned long)entry_SYSRETQ_unsafe_stack &&
	    now->ip < (unsigned long)entry_SYSRETQ_end)
		return ow_judge_user_stack();
	if (ow_ip_in(now->ip, "asm_exc_nmi"))
		return ow_nmi_entry(d, now, nmi);
	if (ow_on_stack(now->sp, entry, PAGE_SIZE))
		return ow_on_entry_stack(d, now, entry);
	if (ow_on_stack(now->sp, db, EXCEPTION_STKSZ))
		return ow_on_ist_stack(d, now, db, true);
	if (ow_on_stack(now->sp, nmi, EXCEPTION_STKSZ))
		return ow_on_ist_stack(d, now, nmi, false);
	if (ow_on_stack(now->sp, df, EXCEPTION_STKSZ))
		return ow_on_ist_stack(d, now, df, false);
	return ow_on_task_stack(d, now);
}

const char *ow_judge_entry(struct ow_dead *d)
{
	const struct ow_record *record = ow_dead_record();
	struct task_struct *running;

	/* The crash path died before it had noted anything. */
	if (!record || !record->task)
		return ow_get(running, &current_task) && running != d->va ?
		       NULL : "no-record";
	if (!d->was_current)
		return NULL;
	if (user_mode((struct pt_regs *)&record->regs)) {
		d->regs = record->regs;
		d->regs.orig_ax = -1;
		return NULL;
	}
	return ow_judge_place(d, &record->regs);
}

/* --- what unwinding asks --- */

bool ow_in_call_entry(unsigned long ip)
{
	unsigned long start = (unsigned long)entry_SYSCALL_64;

	return ow_between(ip, start, (unsigned long)entry_SYSRETQ_end - start);
}

/*
 * What the processor has pushed where entry code was entered from the kernel:
 * the first such frame on the stack that is of no fault in entry code itself.
 * It names the stack pointer it lies below. 0 if there is none.
 */
static unsigned long ow_find_interrupted(unsigned long sp)
{
	unsigned long end = round_down(sp, THREAD_SIZE) + THREAD_SIZE;
	struct ow_hw_frame frame;

	for (; sp + sizeof(frame) <= end; sp += sizeof(long)) {
		if (!ow_get(frame, (struct ow_hw_frame *)sp))
			return 0;
		if (frame.cs == __KERNEL_CS &&
		    (!frame.ss || frame.ss == __KERNEL_DS) &&
		    round_down(frame.sp, 16) - sizeof(frame) == sp &&
		    !ow_in_entry_text(frame.ip))
			return core_kernel_text(frame.ip) ? sp : 0;
	}
	return 0;
}

/*
 * A stub has called error_entry(), which answers where the registers are, and that is
 * to be the stack pointer: one that was lost since is in RAX still. Right below lies
 * the return address of that call.
 */
static bool ow_is_told(const struct pt_regs *now, struct pt_regs *regs)
{
	unsigned long ret, size, offset;

	return ow_get(*regs, (struct pt_regs *)now->ax) &&
	       ow_get(ret, (unsigned long *)now->ax - 1) &&
	       ow_call_before(ret) == ow_symbol("error_entry") &&
	       kallsyms_lookup_size_offset(now->ip, &size, &offset) &&
	       ow_between(ret, now->ip - offset, offset + 1) &&
	       regs->cs == __KERNEL_CS &&
	       round_down(regs->sp, 16) - sizeof(struct ow_hw_frame) ==
		       now->ax + OW_HARDWARE &&
	       core_kernel_text(regs->ip) && !ow_in_entry_text(regs->ip);
}

bool ow_interrupted(const struct pt_regs *now, struct pt_regs *regs)
{
	unsigned long at, base;
	struct ow_place place;

	if (!ow_in_entry_text(now->ip))
		return false;
	at = ow_find_interrupted(now->sp);
	if (!at)
		return ow_is_told(now, regs);
	base = at - OW_HARDWARE;
	place = ow_first_fault(now, base + OW_FRAME);
	if (place.sp < base && ow_all_pushed(place.ip))
		place.sp = base;
	if (place.sp > at || place.sp < base - OW_RETURNS ||
	    ow_join(regs, now, place, base, offsetof(struct pt_regs, ax)))
		return false;
	if (place.sp > base && !ow_leaving(place.ip))
		regs->di = now->di;
	return true;
}
