/* SPDX-License-Identifier: GPL-2.0-only */
/* The two steps of the crash path that C cannot take. */
#include <linux/linkage.h>
#include <asm/nospec-branch.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/unwind_hints.h>

#include "stacks.h"

	.text
	.code64

/*
 * ow_switch_stack(cause, depth, stack_top, cr3): go on in ow_crash_run(cause,
 * depth) on our own stack and page tables. Nothing of the old stack is
 * touched; it may be the one that overflowed. Clearing CR4.PGE drops the
 * global translations, which know nothing of the guard pages.
 */
SYM_CODE_START(ow_switch_stack)
	UNWIND_HINT_EMPTY
	cli
	movq	%cr4, %rax
	andq	$~X86_CR4_PGE, %rax
	movq	%rax, %cr4
	movq	%rcx, %cr3
	movq	%rdx, %rsp
	xorl	%ebp, %ebp
	call	ow_crash_run
	ud2
SYM_CODE_END(ow_switch_stack)

/*
 * ow_fault: an exception, or an NMI, inside the crash path. It comes in on a
 * stack of its own (IST), for the one before may have overflowed. Go on like a
 * new entry, on the next stack; what it interrupted is given up.
 */
SYM_CODE_START(ow_fault)
	UNWIND_HINT_EMPTY
	cli
	cld
	movl	ow_depth(%rip), %esi
	incl	ow_depth(%rip)
	cmpl	$(OW_STACKS - 1), %esi
	jbe	1f
	movl	$(OW_STACKS - 1), %esi
1:	leal	1(%rsi), %eax
	imull	$OW_STACK_STRIDE, %eax
	leaq	ow_stacks(%rip), %rsp
	addq	%rax, %rsp
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	call	ow_crash_run
	ud2
SYM_CODE_END(ow_fault)

/*
 * ow_leave(entry, boot_params): enter the waiting kernel at its 64-bit entry,
 * as a boot loader does: identity map, interrupts off, %rsi = boot_params. The
 * control registers go back to what the entry code builds upon.
 */
SYM_CODE_START(ow_leave)
	UNWIND_HINT_EMPTY
	cli
	cld
	lidt	ow_no_idt(%rip)
	movl	$X86_CR4_PAE, %eax
	movq	%rax, %cr4
	movl	$CR0_STATE, %eax
	movq	%rax, %cr0
	xorl	%eax, %eax
	movq	%rax, %dr7
	pushq	%rax
	popfq
	jmp	*%rdi
	int3
SYM_CODE_END(ow_leave)

	.section .rodata
	.balign 8
SYM_DATA_START_LOCAL(ow_no_idt)
	.word	0
	.quad	0
SYM_DATA_END(ow_no_idt)
