/* SPDX-License-Identifier: GPL-2.0-only */
/* The rest of a call, walked with what is known of it (foretell.c). */
#ifndef _OTHERWORLD_COURSE_H
#define _OTHERWORLD_COURSE_H

#include <linux/sched.h>

#include "resurrect.h"

/* General registers by the number instructions have for them. */
enum {
	OW_RAX, OW_RCX, OW_RDX, OW_RBX, OW_RSP, OW_RBP, OW_RSI, OW_RDI,
	OW_R10 = 10,
	OW_REGISTERS = 16,
};

/* A called function may change these; its caller finds all others unchanged. */
#define OW_CALLER_SAVED	(BIT(OW_RAX) | BIT(OW_RCX) | BIT(OW_RDX) | \
			 BIT(OW_RSI) | BIT(OW_RDI) | GENMASK(11, 8))

#define OW_MAX_WORDS	96

/* What may be known, or not. */
struct ow_value {
	u64 v;
	bool known;
};

/* A word of the stack, or on an exact walk of the kernel's memory, that differs
 * from the dead one.
 */
struct ow_word {
	unsigned long at;
	u64 value;
	u8 known;			/* bit per byte */
};

/* The dead task's stack. */
struct ow_stack {
	unsigned long bottom;
	u8 *copy;
	struct pt_regs *user;		/* its registers of user mode, at the top */
	bool answers;			/* what is stored in their RAX ends the walk */
	/* A function in which a call through a pointer yields nothing: it asks
	 * for more, and what nobody has taken yet can as well stay where it is.
	 */
	unsigned long dry, dry_size;
	unsigned long watched;		/* see struct ow_course */
	unsigned long until;		/* a call of this function ends the walk */
	/* A function that is asked for more, and what it says when there is no
	 * more; has it been asked, with nothing in hand?
	 */
	unsigned long asks;
	long none;
	bool *asked;
	unsigned long enters;		/* a function that is entered, not stepped over */
	struct ow_dead *d;		/* whose it is */
	/* Nothing but the task ran any more, and nothing is left out: memory
	 * is what the dead kernel had in it, and calls are entered.
	 */
	bool exact;
};

/* One way the call can go on from where it stands. */
struct ow_course {
	const struct ow_stack *stack;
	unsigned long ip;
	unsigned long branch;		/* OW_FORK: the other next instruction */
	u64 regs[OW_REGISTERS];
	u16 known;			/* bit per register */
	unsigned long flags;
	bool flags_known;
	/* Nothing has changed the dead kernel's memory yet: what it had there is
	 * what the call finds.
	 */
	bool fresh;
	bool wrote;			/* something to the watched address: */
	struct ow_value written;	/* this */
	unsigned int depth;		/* calls entered and not left yet */
	struct ow_word words[OW_MAX_WORDS];
	unsigned int nr_words;
	struct ow_put puts[OW_MAX_PUTS];
	unsigned int nr_puts;
	struct ow_value answer;		/* OW_ANSWERED: what user mode will see */
};

enum ow_step {
	OW_ON,				/* one instruction further */
	OW_FORK,			/* it depends on what is not known */
	OW_RETURNED,			/* from the function it was in */
	OW_ANSWERED,			/* the call is over */
	OW_REACHED,			/* what the walk was to go to */
	OW_NEVER,			/* a bug or a warning of the kernel */
	OW_LOST,			/* an instruction that is not understood */
};

/* course.c: one instruction. */
enum ow_step ow_step(struct ow_course *c);
/* To @to, from @from, which may lie in another function. */
enum ow_step ow_jump(struct ow_course *c, unsigned long from, unsigned long to);
struct ow_value ow_peek(const struct ow_course *c, unsigned long at,
			unsigned int size);
/* The word at @at, as it is on this course. */
struct ow_word ow_word_at(const struct ow_course *c, unsigned long at);
/* What that word is, is not known any more; false if there is no room for it. */
bool ow_forget_word(struct ow_course *c, unsigned long at);
/* Forget what functions that have returned had on the stack. */
void ow_drop_words(struct ow_course *c);
/* Is that where a call returns to? */
bool ow_behind_a_call(unsigned long ip);
/* Is it in one of the loops that copy bytes? They have no frame. */
bool ow_copies(unsigned long ip);
/* Out of such a loop, as if it had copied all. */
enum ow_step ow_copied(struct ow_course *c);

#endif /* _OTHERWORLD_COURSE_H */
