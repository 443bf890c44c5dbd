// SPDX-License-Identifier: GPL-2.0-only
/*
 * What would a call have answered that a death found on its way out? The rest
 * of it is walked, function by function, in the kernel's own text: from where
 * the task stood, with its registers and its stack, to the store of the answer
 * for user mode. Of a function that cannot be walked only this is taken: it
 * returns, with the registers its caller relies on. Where a branch depends on
 * what is not known, both ways are walked, but for one that ends in a warning,
 * and only what they agree on counts.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <asm/insn.h>
#include <asm/switch_to.h>

#include "course.h"
#include "syscalls.h"

#define OW_MAX_COURSES	16
#define OW_MAX_STEPS	2000
#define OW_MAX_FRAMES	48

/* All ways through one function: those still open, and what the others had
 * come to.
 */
struct ow_ways {
	struct ow_course open[OW_MAX_COURSES];
	struct ow_course end;
	unsigned int nr_open;
	enum ow_step ended;		/* OW_ON: none has */
};

/* --- one function --- */

static void ow_agree_on_words(struct ow_course *a, const struct ow_course *b)
{
	unsigned int i;

	for (i = 0; i < a->nr_words; i++) {
		struct ow_word other = ow_word_at(b, a->words[i].at);

		if (other.value != a->words[i].value)
			a->words[i].known = 0;
		a->words[i].known &= other.known;
	}
}

/* What holds on both courses, in @a; false if they end in different places. */
static bool ow_agree(struct ow_course *a, struct ow_course *b)
{
	const struct ow_word *word;
	struct ow_word other;
	unsigned int i;

	if (a->ip != b->ip || a->regs[OW_RSP] != b->regs[OW_RSP] ||
	    a->nr_puts != b->nr_puts || a->wrote != b->wrote ||
	    memcmp(a->puts, b->puts, a->nr_puts * sizeof(*a->puts)) ||
	    a->answer.v != b->answer.v || a->answer.known != b->answer.known)
		return false;
	for (i = 0; i < OW_REGISTERS; i++)
		if (a->regs[i] != b->regs[i])
			a->known &= ~BIT(i);
	a->known &= b->known;
	a->flags_known = false;
	a->fresh = a->fresh && b->fresh;
	/* What only one of them has written is the other's old word. */
	for (i = 0; i < b->nr_words; i++) {
		word = &b->words[i];
		other = ow_word_at(a, word->at);
		if (word->at >= a->regs[OW_RSP] &&
		    (other.value != word->value || other.known & ~word->known) &&
		    !ow_forget_word(a, word->at))
			return false;
	}
	ow_agree_on_words(a, b);
	return true;
}

static bool ow_end_way(struct ow_ways *w, struct ow_course *c, enum ow_step step)
{
	ow_drop_words(c);
	if (w->ended == OW_ON) {
		w->end = *c;
		w->ended = step;
		return true;
	}
	return w->ended == step && ow_agree(&w->end, c);
}

static bool ow_open_way(struct ow_ways *w, const struct ow_course *c,
			unsigned long from)
{
	struct ow_course *other;
	enum ow_step step;

	if (w->nr_open == OW_MAX_COURSES)
		return false;
	other = &w->open[w->nr_open];
	*other = *c;
	step = ow_jump(other, from, c->branch);
	if (step == OW_ON)
		w->nr_open++;
	return step == OW_ON || (step != OW_LOST && ow_end_way(w, other, step));
}

/* To the end of the function; OW_LOST if not all of it can be walked. */
static enum ow_step ow_walk_function(struct ow_ways *w, struct ow_course *c)
{
	struct ow_course *at = &w->open[0];
	unsigned long from;
	enum ow_step step;
	int left;

	w->open[0] = *c;
	w->nr_open = 1;
	w->ended = OW_ON;
	for (left = OW_MAX_STEPS; left && w->nr_open; left--) {
		at = &w->open[w->nr_open - 1];
		from = at->ip;
		step = ow_step(at);
		if (step == OW_ON)
			continue;
		if (step == OW_REACHED) {
			*c = *at;
			return step;
		}
		if (step == OW_FORK) {
			/* The new one is on top: this one goes on later. */
			if (!ow_open_way(w, at, from))
				return OW_LOST;
			continue;
		}
		w->nr_open--;
		/* One of the ways that gets there is enough. */
		if (step == OW_LOST && c->stack->until)
			continue;
		if (step == OW_LOST ||
		    (step != OW_NEVER && !ow_end_way(w, at, step)))
			return OW_LOST;
	}
	if (!left || w->ended == OW_ON)
		return OW_LOST;
	*c = w->end;
	return w->ended;
}

/* --- out of a function that cannot be walked --- */

/* What the beginning of a function has put on the stack. */
struct ow_prologue {
	u8 pushed[8];			/* registers, in order */
	unsigned int nr_pushed;
	bool framed;			/* RBP points to the first of them */
	bool realigned;			/* R10 is where its caller's stack ends */
	bool always;			/* nothing branches off before */
	bool whole;			/* the function is behind it */
};

static bool ow_branches(u8 op, bool two)
{
	if (two)
		return (op & 0xf0) == 0x80;
	return (op & 0xf0) == 0x70 || op == 0xe8 || op == 0xe9 || op == 0xeb ||
	       op == 0xc3 || op == 0xff;
}

static bool ow_is_push(const struct insn *insn, u8 *reg)
{
	u8 op = insn->opcode.bytes[0];

	*reg = (op & 7) | (X86_REX_B(insn->rex_prefix.bytes[0]) ? 8 : 0);
	return op >= 0x50 && op < 0x58;
}

/* What makes room for variables; nothing is pushed behind it. */
static bool ow_makes_room(const struct insn *insn)
{
	u8 op = insn->opcode.bytes[0], modrm = insn->modrm.bytes[0];

	return op == 0x68 || op == 0x6a ||
	       ((op == 0x81 || op == 0x83) && (modrm == 0xec || modrm == 0xe4));
}

/* The stack is aligned by a multiple of more than the ABI says: lea 8(%rsp), %r10
 * first, and the return address is put above the frame once more.
 */
static bool ow_realigns(const u8 *insn)
{
	static const u8 lea[] = { 0x4c, 0x8d, 0x54, 0x24, 0x08 };

	return !memcmp(insn, lea, sizeof(lea));
}

static bool ow_read_prologue(unsigned long ip, struct ow_prologue *p)
{
	unsigned long size, offset, at;
	struct insn insn;
	u8 reg;

	*p = (struct ow_prologue){ .always = true };
	if (!kallsyms_lookup_size_offset(ip, &size, &offset))
		return false;
	for (at = ip - offset; at < ip && !p->whole; at += insn.length) {
		bool two;

		if (insn_decode_kernel(&insn, (void *)at))
			return false;
		two = insn.opcode.nbytes == 2;
		if (ow_realigns((u8 *)at))
			p->realigned = true;
		else if (p->realigned && !p->framed && !two &&
			 (ow_makes_room(&insn) || insn.opcode.bytes[0] == 0xff))
			continue;
		else if (!two && ow_is_push(&insn, &reg)) {
			if (p->nr_pushed == ARRAY_SIZE(p->pushed))
				return false;
			p->pushed[p->nr_pushed++] = reg;
		} else if (!two && insn.opcode.bytes[0] == 0x89 &&
			   insn.modrm.bytes[0] == 0xe5) {
			p->framed = true;
		} else if (!two && ow_makes_room(&insn)) {
			p->whole = true;
		} else if (ow_branches(insn.opcode.bytes[two], two)) {
			p->whole = p->nr_pushed;
			p->always = p->whole;
		}
	}
	return true;
}

bool ow_saved_register(unsigned long function, unsigned long frame,
		       unsigned int reg, unsigned long *value)
{
	unsigned long size, offset;
	struct ow_prologue p;
	unsigned int i;

	if (!kallsyms_lookup_size_offset(function, &size, &offset) ||
	    !ow_read_prologue(function + size - 1, &p) || !p.always || !p.framed ||
	    p.pushed[0] != OW_RBP)
		return false;
	for (i = 0; i < p.nr_pushed; i++)
		if (p.pushed[i] == reg)
			return ow_get(*value, (unsigned long *)frame - i);
	return false;
}

/* The function was called here, and directly: no other can have jumped to it. */
static bool ow_called_from(unsigned long ret, unsigned long ip)
{
	unsigned long size, offset;

	return kallsyms_lookup_size_offset(ip, &size, &offset) &&
	       *(const u8 *)(ret - 5) == 0xe8 &&
	       ret + *(const s32 *)(ret - 4) == ip - offset;
}

/* Its caller goes on at the return address, with what was pushed. */
static bool ow_leave(struct ow_course *c)
{
	unsigned long first, ip = c->ip;
	struct ow_prologue p;
	struct ow_value v;
	unsigned int i;

	if (!ow_read_prologue(ip, &p))
		return false;
	/* RBP is that of the caller, or points to where it was put. */
	if (p.whole && p.framed && p.pushed[0] == OW_RBP)
		first = c->regs[OW_RBP];
	else if (!p.whole)
		first = c->regs[OW_RSP] + 8 * p.nr_pushed - 8;
	else
		return false;
	v = ow_peek(c, first + 8, 8);
	if (!v.known || !ow_behind_a_call(v.v) ||
	    (!p.always && !ow_called_from(v.v, ip)))
		return false;
	c->ip = v.v;
	for (i = 0; i < p.nr_pushed; i++) {
		v = ow_peek(c, first - 8 * i, 8);
		c->regs[p.pushed[i]] = v.v;
		c->known = v.known ? c->known | BIT(p.pushed[i]) :
				     c->known & ~BIT(p.pushed[i]);
	}
	c->regs[OW_RSP] = first + 16;
	if (p.realigned) {
		if (!p.whole || !(c->known & BIT(OW_R10)))
			return false;
		c->regs[OW_RSP] = c->regs[OW_R10];
	}
	c->known &= ~OW_CALLER_SAVED;
	c->flags_known = false;
	c->fresh = false;
	ow_drop_words(c);
	return c->known & BIT(OW_RBP);
}

/* --- the call --- */

/* The dead kernel's text of the function, but for the fault, is ours? */
static bool ow_text_as_built(unsigned long ip)
{
	unsigned long size, offset, at;
	u8 byte;

	if (!core_kernel_text(ip) ||
	    !kallsyms_lookup_size_offset(ip, &size, &offset))
		return false;
	for (at = ip - offset; at < ip - offset + size; at++) {
		if (at - ip < MAX_INSN_SIZE)
			continue;
		if (!ow_read(&byte, (void *)at, 1) || byte != *(u8 *)at)
			return false;
	}
	return true;
}

static void ow_set_out(struct ow_course *c, const struct pt_regs *r)
{
	const u64 regs[OW_REGISTERS] = {
		r->ax, r->cx, r->dx, r->bx, r->sp, r->bp, r->si, r->di,
		r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15,
	};

	memcpy(c->regs, regs, sizeof(regs));
	c->ip = r->ip;
	c->flags = r->flags;
	c->known = GENMASK(OW_REGISTERS - 1, 0);
	c->flags_known = true;
}

/* A task that slept did so in a function that returns nothing. */
static void ow_wake_up(struct ow_course *c)
{
	c->known &= ~OW_CALLER_SAVED;
	c->flags_known = false;
}

static enum ow_step ow_walk_call(struct ow_ways *w, struct ow_course *c)
{
	enum ow_step step;
	int frame;

	for (frame = 0; frame < OW_MAX_FRAMES; frame++) {
		step = ow_walk_function(w, c);
		if (step == OW_ANSWERED || step == OW_REACHED)
			return step;
		if (step == OW_LOST && !ow_leave(c))
			return OW_LOST;
	}
	return OW_LOST;
}

struct ow_walk {
	struct ow_stack stack;
	struct ow_course course;
	struct ow_ways ways;
	u8 copy[THREAD_SIZE];
};

/* A walk from where the task stood; NULL if that is not known. */
static struct ow_walk *ow_begin_walk(struct ow_dead *d)
{
	struct ow_walk *w = kvzalloc(sizeof(*w), GFP_KERNEL);
	struct pt_regs regs;

	if (!w || !ow_stood(d, &regs) ||
	    !ow_read(w->copy, d->task->stack, THREAD_SIZE) ||
	    (d->was_current && !ow_text_as_built(regs.ip))) {
		kvfree(w);
		return NULL;
	}
	w->stack.d = d;
	w->stack.bottom = (unsigned long)d->task->stack;
	w->stack.copy = w->copy;
	w->stack.user = d->task->stack + THREAD_SIZE - sizeof(struct pt_regs);
	w->course.stack = &w->stack;
	ow_set_out(&w->course, &regs);
	if (!d->was_current)
		ow_wake_up(&w->course);
	return w;
}

static bool ow_tell(struct ow_walk *w, struct ow_rest *rest)
{
	const struct ow_course *c = &w->course;

	w->stack.answers = true;
	if (ow_walk_call(&w->ways, &w->course) != OW_ANSWERED || !c->answer.known)
		return false;
	/* What the dead kernel would not say any more. */
	if (w->stack.d->was_current && ow_died_refusing(c->answer.v))
		return false;
	rest->answer = c->answer.v;
	rest->nr_puts = c->nr_puts;
	rest->wrote = c->wrote;
	memcpy(rest->puts, c->puts, sizeof(rest->puts));
	return rest->answer != -ERESTART_RESTARTBLOCK;
}

bool ow_foretell(struct ow_dead *d, const void *watched, struct ow_rest *rest)
{
	struct ow_walk *w = ow_begin_walk(d);
	unsigned long offset;
	bool told;

	if (!w)
		return false;
	w->stack.watched = (unsigned long)watched;
	w->stack.dry = ow_symbol("tty_read");
	if (!kallsyms_lookup_size_offset(w->stack.dry, &w->stack.dry_size, &offset))
		w->stack.dry_size = 0;
	told = ow_tell(w, rest);
	kvfree(w);
	return told;
}

/* Out of the function that was asked, which has nothing to give. */
static bool ow_leave_empty(struct ow_course *c, const char *asks, long none)
{
	int frame;
	bool left;

	for (frame = 0; frame < OW_MAX_FRAMES; frame++) {
		left = ow_ip_in(c->ip, asks);
		if (!ow_leave(c))
			return false;
		if (!left)
			continue;
		c->regs[OW_RAX] = none;
		c->known |= BIT(OW_RAX);
		return true;
	}
	return false;
}

bool ow_foretell_end(struct ow_dead *d, struct ow_asking *a,
		     struct ow_rest *rest)
{
	struct ow_walk *w = ow_begin_walk(d);
	bool told = false;

	if (!w)
		return false;
	w->stack.asks = ow_function(a->asks);
	w->stack.enters = a->gives ? ow_function(a->gives) : 0;
	w->stack.none = a->none;
	w->stack.asked = &a->asked;
	w->course.fresh = d->was_current;
	a->asked = a->empty;
	if (!a->empty || ow_leave_empty(&w->course, a->asks, a->none))
		told = ow_tell(w, rest);
	kvfree(w);
	return told;
}

bool ow_will_call(struct ow_dead *d, const char *function, unsigned long *second)
{
	struct ow_walk *w = ow_begin_walk(d);
	const struct ow_course *c = &w->course;
	bool reached;

	if (!w)
		return false;
	w->stack.answers = true;
	w->course.fresh = d->was_current;
	w->stack.until = ow_function(function);
	reached = w->stack.until &&
		  ow_walk_call(&w->ways, &w->course) == OW_REACHED;
	*second = reached && c->known & BIT(OW_RSI) ? c->regs[OW_RSI] : 0;
	kvfree(w);
	return reached;
}

/* --- one piece of a transfer --- */

#define OW_MAX_FOLLOWED	20000

/* Does the name of the function at @ip stand among these? */
static bool ow_among(unsigned long ip, const char * const *names, int n)
{
	int i;

	for (i = 0; i < n && names[i]; i++)
		if (ow_ip_in(ip, names[i]))
			return true;
	return false;
}

/* @from the mover to @at: it has called what is of no piece under way. */
static bool ow_is_astray(const struct ow_mover *m, unsigned long at)
{
	return (m->copies && ow_ip_in(at, m->copies)) ||
	       !ow_among(at, m->then, ARRAY_SIZE(m->then));
}

static enum ow_piece ow_follow_piece(struct ow_course *c,
				     const struct ow_mover *m,
				     unsigned long start, unsigned long size)
{
	enum ow_step step = ow_copies(c->ip) ? ow_copied(c) : OW_ON;
	bool inside, was_inside;
	int left;

	for (left = OW_MAX_FOLLOWED; left && step != OW_LOST; left--) {
		was_inside = c->ip - start < size;
		step = ow_step(c);
		if (c->wrote)
			return c->written.known ? OW_PIECE_COUNTS : OW_PIECE_LOST;
		if (step == OW_RETURNED)
			step = was_inside ? OW_NEVER : OW_ON;
		if (step == OW_NEVER)
			return was_inside ? OW_PIECE_NONE : OW_PIECE_LOST;
		if (step != OW_ON)
			return OW_PIECE_LOST;
		inside = c->ip - start < size;
		if (was_inside && !inside && ow_is_astray(m, c->ip))
			return OW_PIECE_NONE;
	}
	return OW_PIECE_LOST;
}

/* What it frees changes no count, and takes many ways. */
static bool ow_leave_out(struct ow_dead *d, const struct ow_mover *m,
			 struct ow_course *c)
{
	int frame;

	if (!m->frees || !ow_ip_in(ow_callee_of(d, m->name), m->frees))
		return true;
	for (frame = 0; frame < OW_MAX_FRAMES; frame++) {
		if (ow_ip_in(c->ip, m->name))
			return true;
		if (!ow_leave(c))
			return false;
	}
	return false;
}

enum ow_piece ow_follow(struct ow_dead *d, const struct ow_mover *m,
			const void *counter, const void *watch, u64 *written,
			u64 *watched)
{
	struct ow_walk *w = ow_begin_walk(d);
	enum ow_piece piece = OW_PIECE_LOST;
	unsigned long size, offset, ip = ow_ip_of(d, m->name);
	struct ow_value v;

	if (w && ip && ow_leave_out(d, m, &w->course) &&
	    kallsyms_lookup_size_offset(ip - 1, &size, &offset)) {
		w->stack.exact = true;
		w->stack.watched = (unsigned long)counter;
		piece = ow_follow_piece(&w->course, m, ip - 1 - offset, size);
		*written = w->course.written.v;
		v = ow_peek(&w->course, (unsigned long)watch, sizeof(v.v));
		*watched = v.v;
		if (!v.known)
			piece = OW_PIECE_LOST;
	}
	kvfree(w);
	return piece;
}

bool ow_finish_registers(struct ow_dead *d, struct pt_regs *user)
{
	struct ow_walk *w = ow_begin_walk(d);
	const struct ow_word *word;
	bool changed = false;
	unsigned long at;
	unsigned int i;

	if (!w)
		return false;
	if (ow_walk_function(&w->ways, &w->course) == OW_RETURNED &&
	    !w->course.nr_puts)
		for (i = 0; i < w->course.nr_words; i++) {
			word = &w->course.words[i];
			at = word->at - (unsigned long)w->stack.user;
			if (at >= sizeof(*user) || word->known != 0xff)
				continue;
			memcpy((u8 *)user + at, &word->value, sizeof(word->value));
			changed = true;
		}
	kvfree(w);
	return changed;
}
