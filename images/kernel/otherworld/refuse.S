/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of crash.c from where an address is refused (otherworld_address.h), or
 * memory (otherworld_memory.h). All registers are as before. What is called is
 * given @addr and @size, if there are, and who asks.
 */
#include <linux/linkage.h>

.macro OW_SAVE
	push	%rbp
	mov	%rsp, %rbp
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
.endm

.macro OW_RESTORE
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	pop	%rbp
.endm

.macro OW_REFUSE name, function
SYM_FUNC_START(\name)
	OW_SAVE
	mov	24(%rbp), %rdi
	mov	16(%rbp), %rsi
	mov	8(%rbp), %rdx
	call	\function
	OW_RESTORE
	RET
SYM_FUNC_END(\name)
.endm

OW_REFUSE otherworld_no_range, ow_see_range
OW_REFUSE otherworld_no_buffer, ow_see_buffer
OW_REFUSE otherworld_no_length, ow_see_length

SYM_FUNC_START(otherworld_no_memory)
	OW_SAVE
	mov	8(%rbp), %rdi
	call	ow_see_no_memory
	OW_RESTORE
	RET
SYM_FUNC_END(otherworld_no_memory)
