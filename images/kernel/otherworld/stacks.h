/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks of the crash path, one for each entry; for C and assembler. */
#ifndef _OTHERWORLD_STACKS_H
#define _OTHERWORLD_STACKS_H

#define OW_STACKS		3
#define OW_STACK_SIZE		8192

#endif /* _OTHERWORLD_STACKS_H */
