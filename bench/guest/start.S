// SPDX-License-Identifier: MIT
// A kernel of a few instructions: says that it runs, and waits. Entered by its PVH note in 32-bit protected mode.
	.section .note.Xen, "a", @note
	.long 4, 4, 18			// sizes of name and value; XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.long start

	.text
	.code32
	.globl start
start:
	mov $text, %esi
	mov $length, %ecx
	mov $0x3f8, %edx
	cld
	rep outsb
	hlt
	jmp . - 1

text:
	.ascii "bench: ready\nbench: done\n"
	.set length, . - text
