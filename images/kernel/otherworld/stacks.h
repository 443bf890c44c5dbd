/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks of the crash path, one for each entry, each above a guard page; for C
 * and assembler.
 */
#ifndef _OTHERWORLD_STACKS_H
#define _OTHERWORLD_STACKS_H

#define OW_STACKS		3
#define OW_STACK_GUARD		4096
#define OW_STACK_SIZE		8192
#define OW_STACK_STRIDE		(OW_STACK_GUARD + OW_STACK_SIZE)

#endif /* _OTHERWORLD_STACKS_H */
