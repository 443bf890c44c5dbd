// SPDX-License-Identifier: GPL-2.0-only
/*
 * One instruction of the kernel, carried out on what is known of registers
 * and stack. What comes from elsewhere is not known, nor is what a function
 * called on the way returns; neither is anything that is computed from these.
 * On an exact walk calls are entered, and the dead kernel's memory is known.
 * Only what compilers make of the ends of functions is understood.
 */
#include <linux/bitops.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <asm/insn.h>
#include <asm/processor-flags.h>
#include <asm/sections.h>

#include "course.h"
#include "syscalls.h"

#define OW_FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_OF)

/* The operand of an instruction that can be a register or in memory. */
struct ow_operand {
	bool memory;
	unsigned int reg;
	struct ow_value at;
};

/* An instruction at hand. */
#define OW_REP		0xf3

struct ow_insn {
	struct insn insn;
	u8 op;				/* the last byte of the opcode */
	bool two;			/* which 0F precedes */
	unsigned int size;		/* of its operands, in bytes */
	unsigned int reg;		/* its second operand */
	struct ow_operand rm;
};

static const struct ow_value ow_unknown;

static u64 ow_mask(unsigned int size)
{
	return size == 8 ? ~0ULL : (1ULL << 8 * size) - 1;
}

static u64 ow_extend(u64 v, unsigned int size)
{
	return sign_extend64(v, 8 * size - 1);
}

static struct ow_value ow_known(u64 v)
{
	return (struct ow_value){ v, true };
}

/* --- registers and memory --- */

static struct ow_value ow_get_reg(const struct ow_course *c, unsigned int reg,
				  unsigned int size)
{
	return (struct ow_value){ c->regs[reg] & ow_mask(size),
				  c->known & BIT(reg) };
}

static void ow_set_reg(struct ow_course *c, unsigned int reg, unsigned int size,
		       struct ow_value value)
{
	u64 kept = size < 4 ? c->regs[reg] & ~ow_mask(size) : 0;
	bool known = value.known && (size >= 4 || c->known & BIT(reg));

	c->regs[reg] = kept | (value.v & ow_mask(size));
	c->known = known ? c->known | BIT(reg) : c->known & ~BIT(reg);
}

static bool ow_on_stack(const struct ow_course *c, unsigned long at)
{
	return at - c->stack->bottom < THREAD_SIZE;
}

/* What the kernel never changes, and what is the same in ours. */
static bool ow_is_constant(unsigned long at)
{
	return at >= (unsigned long)__start_rodata &&
	       at < (unsigned long)__end_rodata &&
	       (at < (unsigned long)__start_ro_after_init ||
		at >= (unsigned long)__end_ro_after_init);
}

static bool ow_knows_memory(const struct ow_course *c)
{
	return c->stack->exact || c->fresh;
}

struct ow_word ow_word_at(const struct ow_course *c, unsigned long at)
{
	struct ow_word word = { .at = at };
	unsigned int i;

	for (i = 0; i < c->nr_words; i++)
		if (c->words[i].at == at)
			return c->words[i];
	if (ow_on_stack(c, at)) {
		memcpy(&word.value, c->stack->copy + (at - c->stack->bottom),
		       sizeof(word.value));
		word.known = 0xff;
	} else if (ow_is_constant(at)) {
		word.value = *(const u64 *)at;
		word.known = 0xff;
	} else if (ow_knows_memory(c) && at >= TASK_SIZE_MAX &&
		   ow_read(&word.value, (void *)at, sizeof(word.value))) {
		word.known = 0xff;
	}
	return word;
}

struct ow_value ow_peek(const struct ow_course *c, unsigned long at,
			unsigned int size)
{
	unsigned int from = at & 7, first = 8 - from;
	struct ow_word word = ow_word_at(c, at - from);
	u8 bytes = (BIT(size) - 1) << from;
	struct ow_value low, high;

	if (size > first) {
		low = ow_peek(c, at, first);
		high = ow_peek(c, at + first, size - first);
		return (struct ow_value){ low.v | high.v << 8 * first,
					  low.known && high.known };
	}
	return (struct ow_value){ word.value >> 8 * from & ow_mask(size),
				  (word.known & bytes) == bytes };
}

/* A part of the word at @at, @from bytes into it. */
static bool ow_change(struct ow_course *c, unsigned long at, unsigned int from,
		      unsigned int size, struct ow_value value)
{
	struct ow_word word = ow_word_at(c, at);
	u64 mask = ow_mask(size) << 8 * from;
	u8 bytes = (BIT(size) - 1) << from;
	unsigned int i;

	word.value = (word.value & ~mask) | (value.v << 8 * from & mask);
	word.known = value.known ? word.known | bytes : word.known & ~bytes;
	for (i = 0; i < c->nr_words && c->words[i].at != at; i++)
		;
	if (i == OW_MAX_WORDS)
		return false;
	c->words[i] = word;
	c->nr_words = max(c->nr_words, i + 1);
	return true;
}

bool ow_forget_word(struct ow_course *c, unsigned long at)
{
	return ow_change(c, at, 0, sizeof(u64), ow_unknown);
}

void ow_drop_words(struct ow_course *c)
{
	unsigned int i, kept = 0;

	for (i = 0; i < c->nr_words; i++)
		if (c->words[i].at >= c->regs[OW_RSP] ||
		    !ow_on_stack(c, c->words[i].at))
			c->words[kept++] = c->words[i];
	c->nr_words = kept;
}

static enum ow_step ow_put(struct ow_course *c, unsigned long at,
			   unsigned int size, struct ow_value value)
{
	if (!value.known || c->nr_puts == OW_MAX_PUTS)
		return OW_LOST;
	c->puts[c->nr_puts++] = (struct ow_put){ at, value.v, size };
	return OW_ON;
}

static enum ow_step ow_store(struct ow_course *c, struct ow_value at,
			     unsigned int size, struct ow_value value)
{
	bool exact = c->stack->exact;
	unsigned int from = at.v & 7, first = 8 - from;
	struct ow_value rest = { value.v >> 8 * first, value.known };
	enum ow_step step;

	if (!at.known || !ow_on_stack(c, at.v))
		c->fresh = false;
	if (!at.known)
		return exact ? OW_LOST : OW_ON;
	if (at.v < TASK_SIZE_MAX)
		return ow_put(c, at.v, size, value);
	if (c->stack->answers && at.v == (unsigned long)&c->stack->user->ax) {
		c->answer = value;
		return OW_ANSWERED;
	}
	if (at.v == c->stack->watched) {
		c->wrote = true;
		c->written = value;
	}
	if (!exact && !ow_on_stack(c, at.v))
		return OW_ON;
	if (size <= first)
		return ow_change(c, at.v - from, from, size, value) ? OW_ON :
								      OW_LOST;
	step = ow_store(c, at, first, value);
	at.v += first;
	return step == OW_ON ? ow_store(c, at, size - first, rest) : step;
}

static enum ow_step ow_push(struct ow_course *c, struct ow_value value)
{
	c->regs[OW_RSP] -= 8;
	return ow_store(c, ow_get_reg(c, OW_RSP, 8), 8, value);
}

static struct ow_value ow_pop(struct ow_course *c)
{
	struct ow_value value = ow_peek(c, c->regs[OW_RSP], 8);

	c->regs[OW_RSP] += 8;
	return value;
}

/* --- operands --- */

/* In a segment of its own: what belongs to the processor. */
static bool ow_has_segment(const struct insn *insn)
{
	insn_byte_t prefix;
	int i;

	for_each_insn_prefix(insn, i, prefix)
		if (prefix == 0x64 || prefix == 0x65)
			return true;
	return false;
}

static struct ow_value ow_address(const struct ow_course *c,
				  const struct ow_insn *i, u8 modrm)
{
	u64 at = (s64)i->insn.displacement.value;
	u8 rex = i->insn.rex_prefix.bytes[0], sib = i->insn.sib.bytes[0];
	unsigned int base = X86_MODRM_RM(modrm), index = X86_SIB_INDEX(sib);
	bool known = !ow_has_segment(&i->insn);

	if (i->insn.sib.nbytes) {
		base = X86_SIB_BASE(sib);
		index |= X86_REX_X(rex) ? 8 : 0;
		if (index != OW_RSP) {
			at += c->regs[index] << X86_SIB_SCALE(sib);
			known = known && c->known & BIT(index);
		}
	}
	if (!X86_MODRM_MOD(modrm) && base == OW_RBP) {
		/* A variable of the kernel, behind the instruction or absolute. */
		at += i->insn.sib.nbytes ? 0 : c->ip + i->insn.length;
		return (struct ow_value){ at, known && (ow_knows_memory(c) ||
							ow_is_constant(at)) };
	}
	base |= X86_REX_B(rex) ? 8 : 0;
	known = known && c->known & BIT(base);
	return (struct ow_value){ at + c->regs[base], known };
}

static bool ow_decode(const struct ow_course *c, struct ow_insn *i)
{
	struct insn *insn = &i->insn;
	u8 modrm, rex;

	if (!core_kernel_text(c->ip) || insn_decode_kernel(insn, (void *)c->ip) ||
	    insn->opcode.nbytes > 2)
		return false;
	modrm = insn->modrm.bytes[0];
	rex = insn->rex_prefix.bytes[0];
	i->two = insn->opcode.nbytes == 2;
	i->op = insn->opcode.bytes[i->two];
	i->size = insn->opnd_bytes;
	i->reg = X86_MODRM_REG(modrm) | (X86_REX_R(rex) ? 8 : 0);
	i->rm.memory = insn->modrm.nbytes && X86_MODRM_MOD(modrm) != 3;
	i->rm.reg = X86_MODRM_RM(modrm) | (X86_REX_B(rex) ? 8 : 0);
	i->rm.at = i->rm.memory ? ow_address(c, i, modrm) : ow_unknown;
	return true;
}

/* AH to BH: neither read nor written as such. */
static bool ow_high_byte(const struct ow_insn *i, unsigned int reg,
			 unsigned int size)
{
	return size == 1 && !i->insn.rex_prefix.nbytes && reg >= 4 && reg < 8;
}

static struct ow_value ow_reg(const struct ow_course *c, const struct ow_insn *i,
			      unsigned int reg, unsigned int size)
{
	return ow_high_byte(i, reg, size) ? ow_unknown : ow_get_reg(c, reg, size);
}

static enum ow_step ow_set(struct ow_course *c, const struct ow_insn *i,
			   unsigned int reg, unsigned int size,
			   struct ow_value value)
{
	if (ow_high_byte(i, reg, size))
		ow_set_reg(c, reg - 4, size, ow_unknown);
	else
		ow_set_reg(c, reg, size, value);
	/* Without a stack there is nothing left to walk on. */
	return c->known & BIT(OW_RSP) ? OW_ON : OW_LOST;
}

static struct ow_value ow_rm(const struct ow_course *c, const struct ow_insn *i,
			     unsigned int size)
{
	if (!i->rm.memory)
		return ow_reg(c, i, i->rm.reg, size);
	return i->rm.at.known ? ow_peek(c, i->rm.at.v, size) : ow_unknown;
}

static enum ow_step ow_set_rm(struct ow_course *c, const struct ow_insn *i,
			      unsigned int size, struct ow_value value)
{
	if (i->rm.memory)
		return ow_store(c, i->rm.at, size, value);
	return ow_set(c, i, i->rm.reg, size, value);
}

static struct ow_value ow_immediate(const struct ow_insn *i)
{
	return ow_known((s64)i->insn.immediate.value);
}

/* --- arithmetic --- */

enum { OW_ADD, OW_OR, OW_ADC, OW_SBB, OW_AND, OW_SUB, OW_XOR, OW_CMP };

static void ow_set_flags(struct ow_course *c, u64 result, unsigned int size,
			 bool carry, bool overflow)
{
	c->flags_known = true;
	c->flags = (carry ? X86_EFLAGS_CF : 0) |
		   (overflow ? X86_EFLAGS_OF : 0) |
		   (result & ow_mask(size) ? 0 : X86_EFLAGS_ZF) |
		   (result >> (8 * size - 1) & 1 ? X86_EFLAGS_SF : 0);
}

static struct ow_value ow_compute(struct ow_course *c, unsigned int what,
				  unsigned int size, struct ow_value a,
				  struct ow_value b)
{
	u64 mask = ow_mask(size), sign = 1ULL << (8 * size - 1), r;
	bool with_carry = what == OW_ADC || what == OW_SBB;
	bool carry = with_carry && c->flags & X86_EFLAGS_CF;
	bool known = a.known && b.known && (c->flags_known || !with_carry);

	a.v &= mask;
	b.v &= mask;
	c->flags_known = false;
	if (!known)
		return ow_unknown;
	switch (what) {
	case OW_ADD:
	case OW_ADC:
		r = (a.v + b.v + carry) & mask;
		ow_set_flags(c, r, size, r < a.v || (carry && r == a.v),
			     (a.v ^ r) & (b.v ^ r) & sign);
		break;
	case OW_SUB:
	case OW_SBB:
	case OW_CMP:
		r = (a.v - b.v - carry) & mask;
		ow_set_flags(c, r, size, a.v < b.v || (carry && a.v == b.v),
			     (a.v ^ b.v) & (a.v ^ r) & sign);
		break;
	default:
		r = what == OW_AND ? a.v & b.v :
		    what == OW_OR ? a.v | b.v : a.v ^ b.v;
		ow_set_flags(c, r, size, false, false);
	}
	return ow_known(r);
}

/* A register combined with itself in a way that does not depend on what it
 * holds: 0, or of SBB the carry.
 */
static bool ow_clears(const struct ow_insn *i, unsigned int what)
{
	return (what == OW_XOR || what == OW_SUB || what == OW_SBB) &&
	       !i->rm.memory && i->rm.reg == i->reg;
}

/* 00 to 3F: the operands in the six ways there are. */
static enum ow_step ow_arithmetic(struct ow_course *c, const struct ow_insn *i)
{
	unsigned int what = i->op >> 3, way = i->op & 7;
	unsigned int size = way & 1 ? i->size : 1;
	struct ow_value reg = ow_reg(c, i, i->reg, size), r;

	if (way >= 4) {
		r = ow_compute(c, what, size, ow_get_reg(c, OW_RAX, size),
			       ow_immediate(i));
		return what == OW_CMP ? OW_ON : ow_set(c, i, OW_RAX, size, r);
	}
	if (ow_clears(i, what))
		r = ow_compute(c, what, size, ow_known(0), ow_known(0));
	else if (way < 2)
		r = ow_compute(c, what, size, ow_rm(c, i, size), reg);
	else
		r = ow_compute(c, what, size, reg, ow_rm(c, i, size));
	if (what == OW_CMP)
		return OW_ON;
	return way < 2 ? ow_set_rm(c, i, size, r) : ow_set(c, i, i->reg, size, r);
}

static enum ow_step ow_group(struct ow_course *c, const struct ow_insn *i)
{
	unsigned int what = i->reg & 7, size = i->op & 1 ? i->size : 1;
	struct ow_value r = ow_compute(c, what, size, ow_rm(c, i, size),
				       ow_immediate(i));

	return what == OW_CMP ? OW_ON : ow_set_rm(c, i, size, r);
}

/* Whether a condition holds, by its number in Jcc, SETcc and CMOVcc. */
static struct ow_value ow_condition(const struct ow_course *c, unsigned int cc)
{
	bool cf = c->flags & X86_EFLAGS_CF, zf = c->flags & X86_EFLAGS_ZF;
	bool sf = c->flags & X86_EFLAGS_SF, of = c->flags & X86_EFLAGS_OF;
	const bool holds[8] = {
		of, cf, zf, cf || zf, sf, false, sf != of, zf || sf != of,
	};

	return (struct ow_value){ holds[cc >> 1 & 7] != (cc & 1),
				  c->flags_known && (cc >> 1 & 7) != 5 };
}

/* --- calls --- */

bool ow_behind_a_call(unsigned long ip)
{
	static const u8 lengths[] = { 2, 3, 4, 6, 7 };
	const u8 *end = (const u8 *)ip;
	int i;

	if (!core_kernel_text(ip - 7) || !core_kernel_text(ip))
		return false;
	if (end[-5] == 0xe8)
		return true;
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		if (end[-lengths[i]] == 0xff &&
		    X86_MODRM_REG(end[1 - lengths[i]]) == 2)
			return true;
	return false;
}

static void ow_forget(struct ow_course *c, u16 registers)
{
	c->known &= ~registers;
	c->flags_known = false;
}

/* What put_user() calls: the value in RAX, its place in RCX, the error there. */
static unsigned int ow_put_size(unsigned long function)
{
	static void (*const puts[][2])(void) = {
		{ __put_user_1, __put_user_nocheck_1 },
		{ __put_user_2, __put_user_nocheck_2 },
		{ __put_user_4, __put_user_nocheck_4 },
		{ __put_user_8, __put_user_nocheck_8 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(puts); i++)
		if (function == (unsigned long)puts[i][0] ||
		    function == (unsigned long)puts[i][1])
			return 1 << i;
	return 0;
}

/* What get_user() calls: the place in RAX, there the error, the value in RDX. */
static unsigned int ow_get_size(unsigned long function)
{
	static int (*const gets[][2])(void) = {
		{ __get_user_1, __get_user_nocheck_1 },
		{ __get_user_2, __get_user_nocheck_2 },
		{ __get_user_4, __get_user_nocheck_4 },
		{ __get_user_8, __get_user_nocheck_8 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(gets); i++)
		if (function == (unsigned long)gets[i][0] ||
		    function == (unsigned long)gets[i][1])
			return 1 << i;
	return 0;
}

static enum ow_step ow_copy_in(struct ow_course *c, unsigned int size)
{
	u64 value = 0;
	bool read = c->known & BIT(OW_RAX) && c->regs[OW_RAX] < TASK_SIZE_MAX &&
		    ow_read_user(c->stack->d, &value, c->regs[OW_RAX], size);

	ow_forget(c, BIT(OW_RAX) | BIT(OW_RDX));
	if (read) {
		ow_set_reg(c, OW_RAX, 8, ow_known(0));
		ow_set_reg(c, OW_RDX, 8, ow_known(value));
	}
	return OW_ON;
}

static enum ow_step ow_copy_out(struct ow_course *c)
{
	u64 to = c->regs[OW_RDI], from = c->regs[OW_RSI], left = c->regs[OW_RDX];
	u16 needed = BIT(OW_RDI) | BIT(OW_RSI) | BIT(OW_RDX);
	enum ow_step step = OW_ON;
	unsigned int size;

	if ((c->known & needed) != needed || to >= TASK_SIZE_MAX)
		return OW_LOST;
	for (; left && step == OW_ON; left -= size, to += size, from += size) {
		size = left >= 8 ? 8 : 1;
		step = ow_put(c, to, size, ow_peek(c, from, size));
	}
	ow_forget(c, OW_CALLER_SAVED);
	ow_set_reg(c, OW_RAX, 8, ow_known(0));
	return step;
}

/* The same through an iterator over one buffer, if all of it is wanted. */
static bool ow_aim(struct ow_course *c)
{
	u64 bytes = c->regs[OW_RSI], it = c->regs[OW_RDX], from = c->regs[OW_RDI];
	u16 needed = BIT(OW_RDI) | BIT(OW_RSI) | BIT(OW_RDX);
	struct ow_value type = ow_peek(c, it + offsetof(struct iov_iter, iter_type), 1);
	struct ow_value done = ow_peek(c, it + offsetof(struct iov_iter, iov_offset), 8);
	struct ow_value left = ow_peek(c, it + offsetof(struct iov_iter, count), 8);
	struct ow_value to = ow_peek(c, it + offsetof(struct iov_iter, ubuf), 8);

	if ((c->known & needed) != needed || !type.known || !done.known ||
	    !left.known || !to.known || type.v != ITER_UBUF || left.v < bytes)
		return false;
	ow_set_reg(c, OW_RSI, 8, ow_known(from));
	ow_set_reg(c, OW_RDI, 8, ow_known(to.v + done.v));
	ow_set_reg(c, OW_RDX, 8, ow_known(bytes));
	return true;
}

bool ow_copies(unsigned long ip)
{
	static const char * const loops[] = {
		"copy_user_", "__copy_user_nocache", "__memcpy", "memcpy_",
	};
	char name[KSYM_SYMBOL_LEN];
	int i;

	sprint_symbol_no_offset(name, ip);
	for (i = 0; i < ARRAY_SIZE(loops); i++)
		if (strstarts(name, loops[i]))
			return true;
	return false;
}

/* Of a signal, which depends on its number and code only. */
static enum ow_step ow_layout(struct ow_course *c)
{
	u16 needed = BIT(OW_RDI) | BIT(OW_RSI);
	struct ow_value layout = {
		siginfo_layout(c->regs[OW_RDI], c->regs[OW_RSI]),
		(c->known & needed) == needed
	};

	ow_forget(c, OW_CALLER_SAVED);
	ow_set_reg(c, OW_RAX, 8, layout);
	return OW_ON;
}

static enum ow_step ow_enter(struct ow_course *c, unsigned long function);

/* Over a call. What it would do to user memory is noted, to be done later. */
static enum ow_step ow_call_over(struct ow_course *c, unsigned long function)
{
	unsigned int size = ow_put_size(function);
	u64 copied = c->regs[OW_RSI];
	enum ow_step step;

	c->fresh = false;
	if (function == c->stack->until)
		return OW_REACHED;
	if (function == c->stack->enters)
		return ow_enter(c, function);
	if (function == c->stack->asks) {
		*c->stack->asked |= !c->nr_puts;
		ow_forget(c, OW_CALLER_SAVED);
		ow_set_reg(c, OW_RAX, 8, ow_known(c->stack->none));
		return OW_ON;
	}
	if (ow_get_size(function))
		return ow_copy_in(c, ow_get_size(function));
	if (function == (unsigned long)siginfo_layout)
		return ow_layout(c);
	if (size) {
		step = (c->known & BIT(OW_RCX)) ?
		       ow_put(c, c->regs[OW_RCX], size, ow_get_reg(c, OW_RAX, size)) :
		       OW_LOST;
		ow_forget(c, BIT(OW_RBX));
		ow_set_reg(c, OW_RCX, 8, ow_known(0));
		return step;
	}
	/* Or the loop both end in, which answers what it has left. */
	if (function == (unsigned long)_copy_to_user ||
	    (ow_copies(function) && c->known & BIT(OW_RDI) &&
	     c->regs[OW_RDI] < TASK_SIZE_MAX))
		return ow_copy_out(c);
	if (function == (unsigned long)_copy_to_iter && ow_aim(c)) {
		step = ow_copy_out(c);
		ow_set_reg(c, OW_RAX, 8, ow_known(copied));
		return step;
	}
	/* It would fill what only the dead kernel could. */
	if (function == (unsigned long)getrusage)
		return OW_LOST;
	ow_forget(c, OW_CALLER_SAVED);
	return OW_ON;
}

static enum ow_step ow_return(struct ow_course *c)
{
	struct ow_value to = ow_pop(c);

	if (!to.known || !ow_behind_a_call(to.v))
		return OW_LOST;
	c->ip = to.v;
	if (!c->depth)
		return OW_RETURNED;
	c->depth--;
	ow_drop_words(c);
	return OW_ON;
}

enum ow_step ow_copied(struct ow_course *c)
{
	/* What it made of variables on the stack is not known. */
	if (ow_on_stack(c, c->regs[OW_RDI]))
		return OW_LOST;
	ow_forget(c, OW_CALLER_SAVED);
	ow_set_reg(c, OW_RAX, 8, ow_known(0));
	return ow_return(c);
}

/* Where a call has pushed its return address; from there on exactly. */
static enum ow_step ow_enter(struct ow_course *c, unsigned long function)
{
	enum ow_step step = ow_push(c, ow_known(c->ip));

	if (step != OW_ON || !core_kernel_text(function))
		return OW_LOST;
	c->ip = function;
	c->depth++;
	return ow_copies(function) ? ow_copied(c) : OW_ON;
}

static enum ow_step ow_call(struct ow_course *c, unsigned long function)
{
	return c->stack->exact ? ow_enter(c, function) :
				 ow_call_over(c, function);
}

/* Out of the function it is a call in the place of a return. */
enum ow_step ow_jump(struct ow_course *c, unsigned long from, unsigned long to)
{
	unsigned long size, offset;
	enum ow_step step;

	if (!kallsyms_lookup_size_offset(from, &size, &offset))
		return OW_LOST;
	c->ip = to;
	if (to - (from - offset) < size)
		return OW_ON;
	if (c->stack->exact)
		return ow_copies(to) ? ow_copied(c) : OW_ON;
	step = ow_call_over(c, to);
	return step == OW_ON ? ow_return(c) : step;
}

/* --- the instructions --- */

static enum ow_step ow_move(struct ow_course *c, const struct ow_insn *i)
{
	unsigned int size = i->op & 1 ? i->size : 1;

	switch (i->op) {
	case 0x88:
	case 0x89:
		return ow_set_rm(c, i, size, ow_reg(c, i, i->reg, size));
	case 0x8a:
	case 0x8b:
		return ow_set(c, i, i->reg, size, ow_rm(c, i, size));
	default:			/* c6, c7 */
		return ow_set_rm(c, i, size, ow_immediate(i));
	}
}

static enum ow_step ow_test(struct ow_course *c, const struct ow_insn *i,
			    struct ow_value a, struct ow_value b)
{
	ow_compute(c, OW_AND, i->op & 1 ? i->size : 1, a, b);
	return OW_ON;
}

/* F6, F7: TEST, NOT, NEG, and what multiplies and divides. */
static enum ow_step ow_unary(struct ow_course *c, const struct ow_insn *i)
{
	unsigned int size = i->op & 1 ? i->size : 1;
	struct ow_value v = ow_rm(c, i, size);

	switch (i->reg & 7) {
	case 0:
	case 1:
		return ow_test(c, i, v, ow_immediate(i));
	case 2:
		v.v = ~v.v;
		return ow_set_rm(c, i, size, v);
	case 3:
		return ow_set_rm(c, i, size,
				 ow_compute(c, OW_SUB, size, ow_known(0), v));
	default:
		ow_forget(c, BIT(OW_RAX) | BIT(OW_RDX));
		return OW_ON;
	}
}

/* C0, C1, D0 to D3: SHL, SHR, SAR, and what rotates. */
static enum ow_step ow_shift(struct ow_course *c, const struct ow_insn *i)
{
	unsigned int what = i->reg & 7, size = i->op & 1 ? i->size : 1;
	struct ow_value v = ow_rm(c, i, size);
	struct ow_value by = i->op >= 0xd2 ? ow_get_reg(c, OW_RCX, 1) :
			     i->op >= 0xd0 ? ow_known(1) : ow_immediate(i);
	u64 r, carry;

	by.v &= size == 8 ? 63 : 31;
	if (by.known && !by.v)
		return OW_ON;
	c->flags_known = false;
	if (!v.known || !by.known || what < 4)
		return ow_set_rm(c, i, size, ow_unknown);
	if (what == 7)
		v.v = ow_extend(v.v, size);
	r = what == 7 ? (s64)v.v >> by.v : what == 5 ? v.v >> by.v : v.v << by.v;
	carry = what & 1 ? v.v >> (by.v - 1) : v.v >> (8 * size - by.v);
	ow_set_flags(c, r, size, carry & 1, false);
	return ow_set_rm(c, i, size, ow_known(r));
}

/* FF: INC, DEC, calls and jumps through pointers, PUSH. */
static enum ow_step ow_group_ff(struct ow_course *c, const struct ow_insn *i,
				unsigned long from)
{
	struct ow_value v = ow_rm(c, i, i->size);

	switch (i->reg & 7) {
	case 0:
	case 1:
		/* CF stays what it was; nobody asks for it. */
		v = ow_compute(c, i->reg & 7 ? OW_SUB : OW_ADD, i->size, v,
			       ow_known(1));
		return ow_set_rm(c, i, i->size, v);
	case 2:
		v = ow_rm(c, i, 8);
		if (c->stack->exact)
			return v.known ? ow_enter(c, v.v) : OW_LOST;
		c->fresh = false;
		ow_forget(c, OW_CALLER_SAVED);
		if (c->ip - c->stack->dry < c->stack->dry_size)
			ow_set_reg(c, OW_RAX, 8, ow_known(0));
		return OW_ON;
	case 4:				/* of a table, mostly */
		v = ow_rm(c, i, 8);
		return v.known ? ow_jump(c, from, v.v) : OW_LOST;
	case 6:
		return ow_push(c, ow_rm(c, i, 8));
	default:
		return OW_LOST;
	}
}

/* A4, A5 with REP: MOVS, the rest of a copy that was under way. */
static enum ow_step ow_copy_on(struct ow_course *c, const struct ow_insn *i)
{
	unsigned int size = i->op & 1 ? i->size : 1;
	struct ow_value to = ow_get_reg(c, OW_RDI, 8);
	struct ow_value from = ow_get_reg(c, OW_RSI, 8);
	struct ow_value left = ow_get_reg(c, OW_RCX, 8);
	enum ow_step step = OW_ON;

	if (i->insn.prefixes.bytes[0] != OW_REP || !to.known || !from.known ||
	    !left.known || left.v > OW_MAX_WORDS)
		return OW_LOST;
	for (; left.v && step == OW_ON; left.v--, to.v += size, from.v += size)
		step = ow_store(c, to, size, ow_peek(c, from.v, size));
	ow_set_reg(c, OW_RDI, 8, to);
	ow_set_reg(c, OW_RSI, 8, from);
	ow_set_reg(c, OW_RCX, 8, left);
	return step;
}

/* AB with REP: STOS, the way to clear a variable. */
static enum ow_step ow_fill(struct ow_course *c, const struct ow_insn *i)
{
	struct ow_value to = ow_get_reg(c, OW_RDI, 8);
	struct ow_value left = ow_get_reg(c, OW_RCX, 8);
	struct ow_value value = ow_get_reg(c, OW_RAX, i->size);
	enum ow_step step = OW_ON;

	if (i->insn.prefixes.bytes[0] != OW_REP || !to.known || !left.known ||
	    left.v > OW_MAX_WORDS)
		return OW_LOST;
	for (; left.v && step == OW_ON; left.v--, to.v += i->size)
		step = ow_store(c, to, i->size, value);
	ow_set_reg(c, OW_RDI, 8, to);
	ow_set_reg(c, OW_RCX, 8, left);
	return step;
}

static enum ow_step ow_stack_step(struct ow_course *c, const struct ow_insn *i)
{
	unsigned int reg = (i->op & 7) |
			   (X86_REX_B(i->insn.rex_prefix.bytes[0]) ? 8 : 0);

	if (i->op < 0x58)
		return ow_push(c, ow_get_reg(c, reg, 8));
	return ow_set(c, i, reg, 8, ow_pop(c));
}

static enum ow_step ow_branch(struct ow_course *c, const struct ow_insn *i,
			      unsigned long from)
{
	struct ow_value taken = ow_condition(c, i->op);
	unsigned long to = c->ip + i->insn.immediate.value;

	if (!taken.known) {
		c->branch = to;
		return OW_FORK;
	}
	return taken.v ? ow_jump(c, from, to) : OW_ON;
}

static enum ow_step ow_two_byte(struct ow_course *c, const struct ow_insn *i,
				unsigned long from)
{
	struct ow_value v, sum;
	unsigned int size;

	switch (i->op) {
	case 0x01:			/* STAC, CLAC and other system ones */
		return !i->rm.memory && i->reg == 1 ? OW_ON : OW_LOST;
	case 0x0b:			/* UD2: of BUG() and WARN() */
		return OW_NEVER;
	case 0x1e:			/* ENDBR64 */
	case 0x1f:			/* NOP */
		return OW_ON;
	case 0x40 ... 0x4f:
		v = ow_condition(c, i->op);
		if (!v.known)
			return ow_set(c, i, i->reg, i->size, ow_unknown);
		return ow_set(c, i, i->reg, i->size,
			      v.v ? ow_rm(c, i, i->size) :
				    ow_get_reg(c, i->reg, i->size));
	case 0x80 ... 0x8f:
		return ow_branch(c, i, from);
	case 0x90 ... 0x9f:
		return ow_set_rm(c, i, 1, ow_condition(c, i->op));
	case 0xb6:
	case 0xb7:
	case 0xbe:
	case 0xbf:
		size = i->op & 1 ? 2 : 1;
		v = ow_rm(c, i, size);
		v.v = i->op & 8 ? ow_extend(v.v, size) : v.v;
		return ow_set(c, i, i->reg, i->size, v);
	case 0xa3:			/* BT */
		c->flags_known = false;
		return OW_ON;
	case 0xb0:			/* CMPXCHG */
	case 0xb1:
		ow_forget(c, BIT(OW_RAX));
		return ow_set_rm(c, i, i->size, ow_unknown);
	case 0xbc:			/* BSF, TZCNT, BSR */
	case 0xbd:
		c->flags_known = false;
		return ow_set(c, i, i->reg, i->size, ow_unknown);
	case 0xc0:			/* XADD */
	case 0xc1:
		size = i->op & 1 ? i->size : 1;
		v = ow_rm(c, i, size);
		sum = ow_compute(c, OW_ADD, size, v, ow_reg(c, i, i->reg, size));
		ow_set(c, i, i->reg, size, v);
		return ow_set_rm(c, i, size, sum);
	default:
		return OW_LOST;
	}
}

static enum ow_step ow_one_byte(struct ow_course *c, const struct ow_insn *i,
				unsigned long from)
{
	struct ow_value v;

	switch (i->op) {
	case 0x00 ... 0x3f:
		return (i->op & 7) < 6 ? ow_arithmetic(c, i) : OW_LOST;
	case 0x50 ... 0x5f:
		return ow_stack_step(c, i);
	case 0x63:			/* MOVSXD */
		v = ow_rm(c, i, 4);
		v.v = ow_extend(v.v, 4);
		return ow_set(c, i, i->reg, i->size, v);
	case 0x68:
	case 0x6a:
		return ow_push(c, ow_immediate(i));
	case 0x70 ... 0x7f:
		return ow_branch(c, i, from);
	case 0x80:
	case 0x81:
	case 0x83:
		return ow_group(c, i);
	case 0x84:
	case 0x85:
		return ow_test(c, i, ow_rm(c, i, i->op & 1 ? i->size : 1),
			       ow_reg(c, i, i->reg, i->op & 1 ? i->size : 1));
	case 0x88 ... 0x8b:
	case 0xc6:
	case 0xc7:
		return ow_move(c, i);
	case 0x8d:			/* LEA; of a variable its place is not known */
		return ow_set(c, i, i->reg, i->size, i->rm.at);
	case 0x90:			/* NOP, PAUSE */
		return OW_ON;
	case 0x98:			/* CDQE, CWDE */
		v = ow_get_reg(c, OW_RAX, i->size / 2);
		v.v = ow_extend(v.v, i->size / 2);
		return ow_set(c, i, OW_RAX, i->size, v);
	case 0x9c:			/* PUSHF, POPF; interrupts are on */
		v = ow_known(c->flags | X86_EFLAGS_IF);
		v.known = c->stack->exact;
		return ow_push(c, v);
	case 0x9d:
		ow_pop(c);
		c->flags_known = false;
		return OW_ON;
	case 0xa4:
	case 0xa5:
		return ow_copy_on(c, i);
	case 0xa8:
	case 0xa9:
		return ow_test(c, i, ow_get_reg(c, OW_RAX, i->op & 1 ? i->size : 1),
			       ow_immediate(i));
	case 0xab:
		return ow_fill(c, i);
	case 0xb8 ... 0xbf:
		v = ow_immediate(i);
		if (i->size == 8)
			v.v = (u64)i->insn.immediate2.value << 32 |
			      (u32)i->insn.immediate1.value;
		return ow_set(c, i, (i->op & 7) |
			      (X86_REX_B(i->insn.rex_prefix.bytes[0]) ? 8 : 0),
			      i->size, v);
	case 0xc0:
	case 0xc1:
	case 0xd0 ... 0xd3:
		return ow_shift(c, i);
	case 0xc3:
		return ow_return(c);
	case 0xc9:			/* LEAVE */
		c->regs[OW_RSP] = c->regs[OW_RBP];
		if (!(c->known & BIT(OW_RBP)))
			return OW_LOST;
		return ow_set(c, i, OW_RBP, 8, ow_pop(c));
	case 0xe8:
		return ow_call(c, c->ip + i->insn.immediate.value);
	case 0xe9:
	case 0xeb:
		return ow_jump(c, from, c->ip + i->insn.immediate.value);
	case 0xf6:
	case 0xf7:
		return ow_unary(c, i);
	case 0xfa:			/* CLI, STI */
	case 0xfb:
		return OW_ON;
	case 0xff:
		return ow_group_ff(c, i, from);
	default:
		return OW_LOST;
	}
}

enum ow_step ow_step(struct ow_course *c)
{
	unsigned long from = c->ip;
	struct ow_insn i = { };

	if (!ow_decode(c, &i))
		return OW_LOST;
	c->ip += i.insn.length;
	return i.two ? ow_two_byte(c, &i, from) : ow_one_byte(c, &i, from);
}
