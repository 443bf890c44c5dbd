// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guard below the first task's stack, which is the idle task's. All other
 * stacks have one (VMAP_STACK); this one lies in the image, and below it is
 * the gap between read-only and writable data, whose frames the kernel gives
 * to the allocator but leaves mapped here. An overflow would change what
 * files and processes keep in them, up to a megabyte, before it faults.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/set_memory.h>
#include <asm/sections.h>

#include "otherworld.h"

static int __init ow_guard_first_stack(void)
{
	unsigned long gap = (unsigned long)__end_rodata;
	int pages = ((unsigned long)_sdata - gap) >> PAGE_SHIFT;

	/* The frames stay in use by way of the direct map. */
	return ow_enabled() && pages ? set_memory_np_noalias(gap, pages) : 0;
}
late_initcall(ow_guard_first_stack);
