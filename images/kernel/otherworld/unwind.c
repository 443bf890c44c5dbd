// SPDX-License-Identifier: GPL-2.0-only
/*
 * The call chain of a dead task, by frame pointers. It is exact: stale words
 * on the stack are not taken for it. Where a function had not set up its
 * frame yet, had taken it down, or needs none, its caller is read off the stack
 * pointer. Where the chain itself is damaged it goes on where the last function
 * must have its link, or at the one frame further up whose return address lies
 * behind a call of that function; and from there must be a way out of the kernel.
 * A return address with one wrong bit is known by the function it is in.
 */
#include <linux/bitmap.h>
#include <linux/bug.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <asm/insn.h>
#include <asm/sections.h>
#include <asm/switch_to.h>

#include "syscalls.h"

#define OW_MOV		0x89
#define OW_RSP_RBP	0xe5
#define OW_RET		0xc3
#define OW_CALL		0xe8	/* with 32 bits of distance */
#define OW_JUMP		0xe9
#define OW_JUMP_SHORT	0xeb
#define OW_TWO_BYTES	0x0f
#define OW_UD2		0x0b	/* behind that */
#define OW_PUSHF	0x9c
#define OW_GROUP_FF	0xff
#define OW_GROUP_FF_CALL	2
#define OW_SUB_RSP	0xec
#define OW_CALL_SIZE	5
#define OW_MOST_CALL_SIZE	7
/* As many as fit on a stack. */
#define OW_MOST_FRAMES	(THREAD_SIZE / (2 * sizeof(long)))

struct ow_unwind {
	struct ow_dead *d;
	unsigned long bp;
	unsigned long sp;		/* all that is left lies above it */
	unsigned long last_sp;		/* of the last call; 0 if unknown */
	unsigned long ip;		/* of the last register frame, */
	unsigned int nr_calls;		/* and how many calls were in it */
};

/* @low and @high bound what the function keeps on the stack, if known. */
static void ow_note_frame(struct ow_dead *d, unsigned long ip,
			  unsigned long low, unsigned long high)
{
	if (d->nr_calls == OW_MAX_CALLS) {
		d->lacks_calls = true;
		return;
	}
	d->calls[d->nr_calls] = ip;
	d->frames[d->nr_calls].low = low;
	d->frames[d->nr_calls++].high = high;
}

static bool ow_sets_frame(const struct insn *insn)
{
	return insn->opcode.bytes[0] == OW_MOV && insn->modrm.bytes[0] == OW_RSP_RBP;
}

static bool ow_moves_stack(const struct insn *insn)
{
	u8 op = insn->opcode.bytes[0], modrm = insn->modrm.bytes[0];

	if (insn->opcode.nbytes > 1)
		return false;
	/* push, pop; add, sub or and of a constant and RSP */
	return (op >= 0x50 && op <= 0x5f) || op == 0x68 || op == 0x6a ||
	       ((op == 0x81 || op == 0x83) && (modrm & 0xc7) == 0xc4 &&
		!X86_REX_B(insn->rex_prefix.bytes[0]));
}

static bool ow_always_jumps(const struct insn *insn)
{
	u8 op = insn->opcode.bytes[0];

	return op == OW_JUMP || op == OW_JUMP_SHORT;
}

/* To a place as far away as it says: always, or on a condition. */
static bool ow_jumps(const struct insn *insn)
{
	const u8 *op = insn->opcode.bytes;

	return ow_always_jumps(insn) || (op[0] & 0xf0) == 0x70 ||
	       (op[0] == OW_TWO_BYTES && (op[1] & 0xf0) == 0x80);
}

static bool ow_is_branch(const struct insn *insn)
{
	u8 op = insn->opcode.bytes[0];

	return ow_jumps(insn) || op == OW_RET || op == OW_CALL || op == OW_GROUP_FF;
}

/*
 * How many registers a function has pushed on its way from @start to @ip, while
 * its own frame is not linked yet; negative if it is, or if that is not known.
 * One that calls nothing and keeps nothing on the stack has no frame at all: it
 * has pushed nothing anywhere. What is in front is meant by addresses.
 */
static int ow_pushed(unsigned long start, unsigned long ip)
{
	struct insn insn;
	int pushed = 0;
	u8 op;

	for (; start < ip; start += insn.length) {
		if (insn_decode_kernel(&insn, (void *)start))
			return -1;
		op = insn.opcode.bytes[0];
		if (insn.opcode.nbytes == 1 &&
		    ((op >= 0x50 && op <= 0x57) || op == OW_PUSHF))
			pushed++;
		else if (pushed && insn.opcode.nbytes == 1 && op >= 0x58 && op <= 0x5f)
			pushed--;
		else if (ow_moves_stack(&insn) || ow_sets_frame(&insn) ||
			 (pushed && ow_is_branch(&insn)))
			return -1;
	}
	return start == ip ? pushed : -1;
}

/*
 * What faults in its own handler is there again and again, until the stack is
 * full: once is enough.
 */
static void ow_note_place(struct ow_unwind *u, const struct pt_regs *regs)
{
	if (u->ip == regs->ip)
		u->d->nr_calls = u->nr_calls;
	u->ip = regs->ip;
	u->nr_calls = u->d->nr_calls;
	ow_note_frame(u->d, regs->ip, regs->sp, regs->bp);
	u->d->kernel = *regs;
	u->bp = regs->bp;
	u->sp = regs->sp;
	/* What panic() is given has no flags, nor its caller's stack pointer. */
	u->last_sp = regs->flags ? regs->sp : 0;
}

/* What a function finds, or puts, at its frame pointer. */
struct ow_link {
	unsigned long bp, ret;
};

static unsigned long ow_stack_end(unsigned long sp)
{
	return round_down(sp, THREAD_SIZE) + THREAD_SIZE;
}

/*
 * Can @u->bp be what it is said to be? On the same stack the way leads upwards
 * only; from another one it may lead anywhere on this.
 */
static bool ow_is_link(const struct ow_unwind *u, struct ow_link *link)
{
	return !(u->bp & 1) && ow_get(*link, (struct ow_link *)u->bp) &&
	       core_kernel_text(link->ret) &&
	       (ow_stack_end(u->bp) != ow_stack_end(u->sp) || u->bp >= u->sp);
}

unsigned long ow_call_before(unsigned long ret)
{
	const u8 *call = (const u8 *)ret - OW_CALL_SIZE;

	if (!core_kernel_text((unsigned long)call) || !core_kernel_text(ret) ||
	    *call != OW_CALL)
		return 0;
	return ret + *(const s32 *)(call + 1);
}

static bool ow_is_behind_call(unsigned long ret)
{
	struct insn insn;
	unsigned int size;

	if (!core_kernel_text(ret) || !core_kernel_text(ret - OW_MOST_CALL_SIZE))
		return false;
	if (core_kernel_text(ow_call_before(ret)))
		return true;
	for (size = 2; size <= OW_MOST_CALL_SIZE; size++)
		if (!insn_decode_kernel(&insn, (void *)(ret - size)) &&
		    insn.length == size && insn.opcode.nbytes == 1 &&
		    insn.opcode.bytes[0] == OW_GROUP_FF &&
		    X86_MODRM_REG(insn.modrm.value) == OW_GROUP_FF_CALL)
			return true;
	return false;
}

/*
 * What is called ahead of a function's first instruction returns to that. Then
 * where the function itself returns to is right above, at @sp; 0 otherwise.
 */
static unsigned long ow_caller_of_unentered(unsigned long ret, unsigned long sp)
{
	unsigned long size, offset, caller;

	if (ow_is_behind_call(ret) ||
	    !kallsyms_lookup_size_offset(ret, &size, &offset) || offset ||
	    !ow_get(caller, (unsigned long *)sp))
		return 0;
	return ow_is_behind_call(caller) ? caller : 0;
}

/*
 * Does @bp say, as entry code does (ENCODE_FRAME_POINTER), where registers are? They
 * are none without a code segment.
 */
static bool ow_is_registers(unsigned long bp, struct pt_regs *regs)
{
	return bp & 1 && ow_get(*regs, (struct pt_regs *)(bp & ~1UL)) &&
	       (regs->cs == __KERNEL_CS ||
		(regs->cs <= USHRT_MAX &&
		 (regs->cs & SEGMENT_RPL_MASK) == USER_RPL));
}

/* Does the way from @at lead to where the kernel was entered? */
static bool ow_leads_out(unsigned long at)
{
	struct ow_unwind u = { .bp = at, .sp = at };
	unsigned long end = ow_stack_end(at);
	struct ow_link link;
	struct pt_regs regs;

	for (;;) {
		if (u.bp & 1)
			return u.bp > u.sp && u.bp < end &&
			       ow_is_registers(u.bp, &regs);
		if (ow_stack_end(u.bp) != end || !ow_is_link(&u, &link))
			return false;
		u.sp = u.bp + sizeof(link);
		if (!link.bp)
			return ow_in_call_entry(link.ret) ||
			       ow_in_call_entry(ow_caller_of_unentered(link.ret, u.sp));
		u.bp = link.bp;
	}
}

/*
 * Bytes that a function keeps below its link, by how it begins; -1 if unknown. It
 * may go elsewhere before it has a frame, for what needs none.
 */
static long ow_room(unsigned long start, unsigned long end)
{
	bool linked = false;
	struct insn insn;
	long room = 0;
	u8 op;

	for (; start < end; start += insn.length) {
		if (insn_decode_kernel(&insn, (void *)start))
			return -1;
		op = insn.opcode.bytes[0];
		if (ow_sets_frame(&insn))
			linked = true;
		else if (linked && ow_is_branch(&insn))
			break;
		else if (linked && insn.opcode.nbytes == 1 && op >= 0x50 && op <= 0x57)
			room += sizeof(long);
		else if (linked && (op == 0x81 || op == 0x83) &&
			 insn.modrm.bytes[0] == OW_SUB_RSP)
			return room + insn.immediate.value;
		else if (linked && ow_moves_stack(&insn))
			return -1;
	}
	return linked ? room : -1;
}

/*
 * Where the function that @ret lies in has its link, if its stack pointer is @sp
 * when it is back there; 0 if that cannot be told.
 */
static unsigned long ow_link_of(unsigned long ret, unsigned long sp)
{
	unsigned long size, offset;
	long room;

	/* A return address may be the end of the function. */
	if (!ow_is_behind_call(ret) ||
	    !kallsyms_lookup_size_offset(ret - 1, &size, &offset))
		return 0;
	room = ow_room(ret - 1 - offset, ret);
	return room < 0 ? 0 : sp + room;
}

/*
 * It ran where there is no code. Either it was called there: the return address
 * is where it must be. Or it returned there, from a function that had popped one
 * register less than it pushed: to its caller's frame pointer, with the return
 * address still on the stack. Or from one that had pushed one less than it
 * popped: then RBP has the return address, and the stack pointer is one word too
 * high.
 */
static void ow_note_stray(struct ow_unwind *u, const struct pt_regs *regs)
{
	unsigned long ret, sp = regs->sp + sizeof(long), link;

	if (ow_get(ret, (unsigned long *)regs->sp)) {
		link = ow_link_of(ret, sp);
		if (link && (link == regs->bp || link == regs->ip)) {
			ow_note_frame(u->d, ret, sp, link);
			u->bp = link;
			u->last_sp = sp;
			return;
		}
	}
	sp = regs->sp - sizeof(long);
	link = ow_link_of(regs->bp, sp);
	if (link && ow_leads_out(link)) {
		ow_note_frame(u->d, regs->bp, sp, link);
		u->sp = sp;
		u->bp = link;
		u->last_sp = sp;
	}
}

/*
 * Where an interrupt or a fault found the kernel: shortly behind a call, right
 * in front of a return, or in a function without a frame, the caller's frame is
 * not linked. The text is our own, of the same build: the dead kernel's may be
 * what is broken.
 */
static void ow_note_registers(struct ow_unwind *u, const struct pt_regs *regs)
{
	unsigned long size, offset, ret, sp = regs->sp;
	struct pt_regs interrupted;
	int pushed = 0;

	ow_note_place(u, regs);
	if (ow_interrupted(regs, &interrupted)) {
		regs = &interrupted;
		sp = regs->sp;
		ow_note_place(u, regs);
	}
	if (ow_in_call_entry(regs->ip)) {
		u->bp = 0;
		return;
	}
	if (!core_kernel_text(regs->ip)) {
		ow_note_stray(u, regs);
		return;
	}
	if (!kallsyms_lookup_size_offset(regs->ip, &size, &offset))
		return;
	if (*(const u8 *)regs->ip != OW_RET)
		pushed = ow_pushed(regs->ip - offset, regs->ip);
	if (pushed < 0)
		return;
	sp += pushed * sizeof(long);
	if (!ow_get(ret, (unsigned long *)sp))
		return;
	/* RBP is that of the caller still, or again. */
	ow_note_frame(u->d, ret, sp + sizeof(ret), regs->bp);
	if (u->last_sp)
		u->last_sp = sp + sizeof(ret);
}

/* Is @at the link of the function at @start, and leads out of the kernel? */
static bool ow_is_exact_link(unsigned long at, unsigned long start)
{
	struct ow_link link;
	unsigned long called;

	if (!ow_get(link, (struct ow_link *)at) || !ow_is_behind_call(link.ret))
		return false;
	called = ow_call_before(link.ret);
	/* What is called by pointer may be any. */
	return (!core_kernel_text(called) || called == start) && ow_leads_out(at);
}

/*
 * The place of the last function's link, by its stack pointer, if that is not
 * being moved just there; 0 if it cannot be told.
 */
static unsigned long ow_exact_link(const struct ow_unwind *u, unsigned long last,
				   unsigned long start)
{
	struct insn insn;
	long room;

	if (!u->last_sp || insn_decode_kernel(&insn, (void *)last) ||
	    ow_moves_stack(&insn) || insn.opcode.bytes[0] == OW_RET)
		return 0;
	room = ow_room(start, last);
	return room >= 0 && ow_is_exact_link(u->last_sp + room, start) ?
	       u->last_sp + room : 0;
}

/* @link is that of the last function: there its frame ends, and RBP pointed. */
static bool ow_go_on_at(struct ow_unwind *u, unsigned long link)
{
	struct ow_dead *d = u->d;

	d->frames[d->nr_calls - 1].high = link;
	if (u->last_sp == d->kernel.sp &&
	    d->calls[d->nr_calls - 1] == d->kernel.ip)
		d->kernel.bp = link;
	u->bp = link;
	return true;
}

/*
 * The chain does not go on. The last function has its link where it keeps
 * nothing below any more. Or, where that is not known: what called the last
 * function has left the address behind that call on the stack, and below it its
 * own link. Where exactly one place looks like that, the chain goes on there.
 *
 * A stack pointer that is none of the kernel says nothing of where the stack ends.
 * What lies below may be of calls before; only what a system call's dispatcher has
 * called has its link at one place in all of them.
 */
static bool ow_bridge(struct ow_unwind *u)
{
	unsigned long last = u->d->calls[u->d->nr_calls - 1], size, offset;
	bool lost = u->d->task && u->sp < TASK_SIZE_MAX;
	unsigned long found, end, at;
	struct ow_link link;

	/* A return address may be the end of the function. */
	if (!core_kernel_text(last - 1) ||
	    !kallsyms_lookup_size_offset(last - 1, &size, &offset))
		return false;
	found = ow_exact_link(u, last, last - 1 - offset);
	if (found)
		return ow_go_on_at(u, found);
	if (lost)
		u->sp = (unsigned long)u->d->task->stack;
	at = round_up(u->sp, sizeof(long));
	end = ow_stack_end(u->sp);
	for (; at + sizeof(link) <= end; at += sizeof(long)) {
		if (!ow_get(link, (struct ow_link *)at))
			return false;
		if (ow_call_before(link.ret) != last - 1 - offset ||
		    (lost && !ow_ip_in(link.ret, "x64_sys_call")) ||
		    !ow_leads_out(at))
			continue;
		if (found)
			return false;
		found = at;
	}
	return found && ow_go_on_at(u, found);
}

/*
 * Does the function at @start return to @ret, in a function that has its link at
 * @bp, if its stack pointer is @sp there? Entry code has none.
 */
static bool ow_is_return(unsigned long ret, unsigned long start,
			 unsigned long sp, unsigned long bp)
{
	unsigned long called = ow_call_before(ret);

	if (!bp)
		return called == start && ow_in_call_entry(ret);
	/* What is called by pointer may be any. */
	return (!core_kernel_text(called) || called == start) &&
	       ow_link_of(ret, sp) == bp;
}

/*
 * The return address lies behind no call. If exactly one that differs from it in
 * one bit is where the last function can return to, that is it.
 */
static bool ow_mend_return(const struct ow_unwind *u, struct ow_link *link)
{
	unsigned long last = u->d->calls[u->d->nr_calls - 1], size, offset;
	unsigned long sp = u->bp + sizeof(*link), found = 0, ret;
	unsigned int bit;

	if (u->bp % sizeof(long) || u->bp < u->sp ||
	    ow_stack_end(u->bp) != ow_stack_end(u->sp) ||
	    !ow_get(*link, (struct ow_link *)u->bp) ||
	    ow_is_behind_call(link->ret) ||
	    ow_caller_of_unentered(link->ret, sp) ||
	    (link->bp && !ow_leads_out(link->bp)) ||
	    !core_kernel_text(last - 1) ||
	    !kallsyms_lookup_size_offset(last - 1, &size, &offset))
		return false;
	for (bit = 0; bit < BITS_PER_LONG; bit++) {
		ret = link->ret ^ BIT(bit);
		if (!ow_is_return(ret, last - 1 - offset, sp, link->bp))
			continue;
		if (found)
			return false;
		found = ret;
	}
	link->ret = found;
	return found;
}

static bool ow_is_entry(const struct ow_unwind *u)
{
	unsigned long last = u->d->calls[u->d->nr_calls - 1];

	return !u->bp && last >= (unsigned long)__entry_text_start &&
	       last < (unsigned long)__entry_text_end;
}

/* From where it was called, by its link, to behind the call. */
static void ow_note_return(struct ow_unwind *u, const struct ow_link *link)
{
	unsigned long ret = link->ret, caller;

	u->sp = u->bp + sizeof(*link);
	u->bp = link->bp;
	caller = ow_caller_of_unentered(ret, u->sp);
	if (caller) {
		ow_note_frame(u->d, ret, 0, 0);
		u->sp += sizeof(caller);
		ret = caller;
	}
	ow_note_frame(u->d, ret, u->sp, u->bp);
	u->last_sp = u->sp;
}

/* One step outwards; false at the end, which is where user mode came in. */
static bool ow_unwind_step(struct ow_unwind *u)
{
	struct ow_link frame;
	struct pt_regs regs;

	if (ow_is_registers(u->bp, &regs)) {
		if (user_mode(&regs))
			return false;
		ow_note_registers(u, &regs);
		return true;
	}
	if (!u->d->nr_calls || ow_is_entry(u))
		return false;
	if (!ow_mend_return(u, &frame) && !ow_is_link(u, &frame) &&
	    !(ow_bridge(u) && ow_is_link(u, &frame))) {
		u->d->lacks_calls = true;
		return false;
	}
	ow_note_return(u, &frame);
	return true;
}

/*
 * What a change of tasks keeps of one that sleeps, and the stack pointer above it.
 * A push that was not done has everything one word lower: that becomes right again,
 * but which of the registers is not there, and in whose place others are, is not
 * known. @whole: none of them is missing.
 */
static bool ow_read_asleep(const struct ow_dead *d,
			   struct inactive_task_frame *asleep,
			   unsigned long *sp, bool *whole)
{
	unsigned long at = d->task->thread.sp;

	if (!ow_get(*asleep, (struct inactive_task_frame *)at))
		return false;
	*whole = ow_call_before(asleep->bp) != ow_symbol("__switch_to_asm");
	if (!*whole) {
		asleep->ret_addr = asleep->bp;
		asleep->bp = asleep->bx;
		at -= sizeof(long);
	}
	*sp = at + sizeof(*asleep);
	return true;
}

static void ow_unwind(struct ow_dead *d)
{
	const struct ow_record *record = ow_dead_record();
	struct ow_unwind u = { .d = d };
	struct inactive_task_frame asleep;
	unsigned int i;
	bool whole;

	if (d->was_current && record) {
		ow_note_registers(&u, &record->regs);
	} else if (ow_read_asleep(d, &asleep, &u.sp, &whole)) {
		ow_note_frame(d, asleep.ret_addr, 0, 0);
		u.bp = asleep.bp;
		u.last_sp = u.sp;
	}
	for (i = 0; i < OW_MOST_FRAMES && ow_unwind_step(&u); i++)
		;
	if (i == OW_MOST_FRAMES)
		d->lacks_calls = true;
}

/* What the compiler calls the pieces and copies it makes of a function. */
static const char *const ow_suffixes[] = {
	"", ".part.0", ".constprop.0", ".isra.0",
};

static unsigned long ow_piece(const char *fn, unsigned int suffix)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", fn, ow_suffixes[suffix]);
	return ow_symbol(name);
}

/* The first piece there is. */
unsigned long ow_function(const char *fn)
{
	unsigned long start = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ow_suffixes) && !start; i++)
		start = ow_piece(fn, i);
	return start;
}

bool ow_ip_in(unsigned long ip, const char *fn)
{
	unsigned long start, size, offset;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ow_suffixes); i++) {
		start = ow_piece(fn, i);
		/* A return address may be the end of a function that never returns. */
		if (start && kallsyms_lookup_size_offset(start, &size, &offset) &&
		    ip >= start && ip <= start + size)
			return true;
	}
	return false;
}

static void ow_unwind_once(struct ow_dead *d)
{
	if (!d->nr_calls)
		ow_unwind(d);
}

bool ow_lacks_calls(struct ow_dead *d)
{
	ow_unwind_once(d);
	return d->lacks_calls || !d->nr_calls;
}

/*
 * The processor is on the stack of the next task, and the current one is still
 * that before: it has been put to sleep, and is like all others that were.
 */
void ow_notice_switch(struct ow_dead *d)
{
	unsigned long at;

	if (!d->was_current)
		return;
	at = ow_ip_of(d, "__switch_to") ?: ow_ip_of(d, "__switch_to_asm");
	if (!at || d->kernel.sp - (unsigned long)d->task->stack <= THREAD_SIZE)
		return;
	d->switching = at;
	d->was_current = false;
	d->nr_calls = 0;
	d->kernel = (struct pt_regs){ };
}

/* The outermost of the register frames is the task's own; one that slept has
 * what a change of tasks keeps.
 */
bool ow_stood(struct ow_dead *d, struct pt_regs *regs)
{
	struct inactive_task_frame asleep;
	unsigned long sp;
	bool whole;

	ow_unwind_once(d);
	*regs = d->kernel;
	if (d->was_current)
		return regs->ip;
	if (!ow_read_asleep(d, &asleep, &sp, &whole) || !whole)
		return false;
	regs->r15 = asleep.r15;
	regs->r14 = asleep.r14;
	regs->r13 = asleep.r13;
	regs->r12 = asleep.r12;
	regs->bx = asleep.bx;
	regs->bp = asleep.bp;
	regs->ip = asleep.ret_addr;
	regs->sp = sp;
	return true;
}

struct ow_dead *ow_load_current_stack(void)
{
	struct ow_dead *d = kvzalloc(sizeof(*d), GFP_KERNEL);

	if (d)
		d->was_current = true;
	return d;
}

bool ow_in_function(struct ow_dead *d, const char *fn)
{
	unsigned int i;

	ow_unwind_once(d);
	for (i = 0; i < d->nr_calls; i++)
		if (ow_ip_in(d->calls[i], fn))
			return true;
	return false;
}

bool ow_frame_of(struct ow_dead *d, const char *fn, struct ow_frame *frame)
{
	unsigned int i;

	ow_unwind_once(d);
	for (i = 0; i < d->nr_calls; i++) {
		*frame = d->frames[i];
		if (ow_ip_in(d->calls[i], fn))
			return frame->low && frame->low < frame->high &&
			       frame->high - frame->low <= THREAD_SIZE;
	}
	return false;
}

unsigned long ow_ip_of(struct ow_dead *d, const char *fn)
{
	unsigned int i;

	ow_unwind_once(d);
	for (i = 0; i < d->nr_calls; i++)
		if (ow_ip_in(d->calls[i], fn))
			return d->calls[i];
	return 0;
}

unsigned long ow_callee_of(struct ow_dead *d, const char *fn)
{
	unsigned int i;

	ow_unwind_once(d);
	for (i = 0; i < d->nr_calls; i++)
		if (ow_ip_in(d->calls[i], fn))
			break;
	if (!i || i == d->nr_calls || d->calls[i] == d->kernel.ip)
		return 0;
	return d->calls[i - 1];
}

unsigned long ow_target_of(struct ow_dead *d, const char *fn)
{
	return ow_callee_of(d, fn) ? ow_call_before(ow_ip_of(d, fn)) : 0;
}

bool ow_in_call(struct ow_dead *d, const char *caller, const char *callee)
{
	unsigned int i;

	ow_unwind_once(d);
	for (i = 1; i < d->nr_calls; i++)
		if (ow_ip_in(d->calls[i], caller) &&
		    ow_ip_in(d->calls[i - 1], callee))
			return true;
	return false;
}

/* Where the first call of @callee, or of a piece of it, in our own text returns
 * to; 0 without one.
 */
static unsigned long ow_return_address(unsigned long caller, unsigned long size,
				       const char *callee)
{
	unsigned long at, behind, pieces[ARRAY_SIZE(ow_suffixes)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pieces); i++)
		pieces[i] = ow_piece(callee, i);
	for (at = caller; at + OW_CALL_SIZE <= caller + size; at++) {
		if (*(const u8 *)at != OW_CALL)
			continue;
		behind = at + OW_CALL_SIZE;
		for (i = 0; i < ARRAY_SIZE(pieces); i++)
			if (pieces[i] &&
			    behind + *(const s32 *)(at + 1) == pieces[i])
				return behind;
	}
	return 0;
}

/* A return address may be the end of the function, and the next one's begin. */
static unsigned long ow_within(const struct ow_dead *d, unsigned long at)
{
	return at == d->kernel.ip ? at : at - 1;
}

bool ow_behind_any(struct ow_dead *d, const struct ow_end *ends)
{
	for (; ends->caller; ends++)
		if (ow_behind_call(d, ends->caller, ends->callee))
			return true;
	return false;
}

bool ow_behind_call(struct ow_dead *d, const char *caller, const char *callee)
{
	unsigned long start = ow_function(caller), size, offset, behind;
	unsigned int i;

	if (!start || !kallsyms_lookup_size_offset(start, &size, &offset) ||
	    ow_in_function(d, callee))
		return false;
	behind = ow_return_address(start, size, callee);
	for (i = 0; behind && i < d->nr_calls; i++)
		if (d->calls[i] >= behind &&
		    ow_within(d, d->calls[i]) < start + size)
			return true;
	return false;
}

/* What only looks like one is taken for one. */
bool ow_behind_pointer(unsigned long ip)
{
	unsigned long size, offset, at;

	if (!kallsyms_lookup_size_offset(ip, &size, &offset))
		return true;
	for (at = ip - offset; at < ip; at++)
		if (((const u8 *)at)[0] == OW_GROUP_FF &&
		    X86_MODRM_REG(((const u8 *)at)[1]) == 2)
			return true;
	return false;
}

/* --- where a function can still get to --- */

/* Instead of a function: whatever is called by pointer. */
#define OW_BY_POINTER	0

/* Places in it that were looked at, and those that are still to be. */
struct ow_reach {
	unsigned long start, size;
	unsigned long *seen;
	unsigned long *open;
	unsigned int nr_open;
};

static void ow_open_place(struct ow_reach *r, unsigned long at)
{
	if (at - r->start < r->size && !test_and_set_bit(at - r->start, r->seen))
		r->open[r->nr_open++] = at;
}

static bool ow_calls_by_pointer(const struct insn *insn)
{
	return insn->opcode.bytes[0] == OW_GROUP_FF &&
	       X86_MODRM_REG(insn->modrm.bytes[0]) == OW_GROUP_FF_CALL;
}

/* Does @insn, in front of @next, lead to @callee? */
static bool ow_leads_to(const struct ow_reach *r, const struct insn *insn,
			unsigned long next, unsigned long callee)
{
	unsigned long to = next + insn->immediate.value;

	if (callee != OW_BY_POINTER)
		return (insn->opcode.bytes[0] == OW_CALL || ow_jumps(insn)) &&
		       to == callee;
	/* Where it goes on in another piece, that may. */
	return ow_calls_by_pointer(insn) ||
	       (ow_jumps(insn) && to - r->start >= r->size);
}

/* UD2 of BUG(), which never returns; behind that of WARN() it goes on. */
static bool ow_is_bug(const struct insn *insn, unsigned long at)
{
	const struct bug_entry *bug;

	if (insn->opcode.bytes[0] != OW_TWO_BYTES ||
	    insn->opcode.bytes[1] != OW_UD2)
		return false;
	bug = find_bug(at);
	return !bug || !(bug->flags & BUGFLAG_WARNING);
}

/* One instruction; true if it is the call. */
static bool ow_reach_step(struct ow_reach *r, unsigned long at,
			  unsigned long callee)
{
	unsigned long next;
	struct insn insn;
	u8 op;

	/* What cannot be read may be anything. */
	if (insn_decode_kernel(&insn, (void *)at))
		return true;
	next = at + insn.length;
	op = insn.opcode.bytes[0];
	if (op == OW_GROUP_FF && X86_MODRM_REG(insn.modrm.bytes[0]) == 4)
		return true;
	if (ow_leads_to(r, &insn, next, callee))
		return true;
	if (op == OW_RET || ow_is_bug(&insn, at))
		return false;
	if (ow_jumps(&insn))
		ow_open_place(r, next + insn.immediate.value);
	if (!ow_always_jumps(&insn))
		ow_open_place(r, next);
	return false;
}

/* Can the function that @within lies in come from @at to a call of @callee? */
static bool ow_reaches(unsigned long at, unsigned long within,
		       unsigned long callee)
{
	struct ow_reach r = { };
	unsigned long offset;
	bool found = true;

	if (!kallsyms_lookup_size_offset(within, &r.size, &offset))
		return true;
	r.start = within - offset;
	r.seen = bitmap_zalloc(r.size, GFP_KERNEL);
	r.open = kvmalloc_array(r.size, sizeof(*r.open), GFP_KERNEL);
	if (r.seen && r.open) {
		ow_open_place(&r, at);
		for (found = false; r.nr_open && !found; )
			found = ow_reach_step(&r, r.open[--r.nr_open], callee);
	}
	kvfree(r.open);
	bitmap_free(r.seen);
	return found;
}

bool ow_may_call(struct ow_dead *d, const char *fn, const char *callee)
{
	unsigned long at = ow_ip_of(d, fn);

	return at && ow_reaches(at, ow_within(d, at), ow_function(callee));
}

/* Behind each call by pointer of the function, is there no other any more? */
static bool ow_calls_one_by_pointer(unsigned long start, unsigned long size)
{
	unsigned long at, next;
	struct insn insn;

	for (at = start; at < start + size; at = next) {
		if (insn_decode_kernel(&insn, (void *)at))
			return false;
		next = at + insn.length;
		if (ow_calls_by_pointer(&insn) &&
		    ow_reaches(next, at, OW_BY_POINTER))
			return false;
	}
	return true;
}

bool ow_ahead_of_pointer(struct ow_dead *d, const char *fn)
{
	unsigned long at = ow_ip_of(d, fn), size, offset, within;

	if (!at)
		return false;
	within = ow_within(d, at);
	return kallsyms_lookup_size_offset(within, &size, &offset) &&
	       ow_reaches(at, within, OW_BY_POINTER) &&
	       ow_calls_one_by_pointer(within - offset, size);
}
