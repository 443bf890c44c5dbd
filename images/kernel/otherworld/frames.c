// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frames of the dead kernel. A frame is dead as long as its struct page is
 * reserved: nothing but the early reservation reserves frames outside our slot.
 */
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>

#include "internal.h"

static bool ow_pfn_is_ram(unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < ow_ram_count; i++)
		if (ow_in_range(&ow_ram[i], pfn))
			return true;
	return false;
}

bool ow_dead_frame(unsigned long pfn)
{
	if (!ow_is_crash_kernel() || pfn < SZ_1M >> PAGE_SHIFT ||
	    !ow_pfn_is_ram(pfn) || !pfn_valid(pfn) ||
	    ow_in_range(&ow_slots[ow_own_slot], pfn))
		return false;
	return PageReserved(pfn_to_page(pfn));
}

bool ow_frame_in_slot(unsigned long pfn)
{
	return ow_in_range(ow_other_slot(), pfn);
}

int ow_adopt_frame(unsigned long pfn)
{
	struct page *page;

	if (!ow_dead_frame(pfn))
		return -EINVAL;
	if (ow_frame_in_slot(pfn))
		return -EBUSY;
	page = pfn_to_page(pfn);
	__ClearPageReserved(page);
	adjust_managed_page_count(page, 1);
	return 0;
}

unsigned long ow_dead_frames(void)
{
	unsigned long pfn, count = 0;
	unsigned int i;

	for (i = 0; i < ow_ram_count; i++)
		for (pfn = ow_ram[i].start >> PAGE_SHIFT;
		     pfn < ow_ram[i].end >> PAGE_SHIFT; pfn++)
			if (ow_dead_frame(pfn) && !ow_frame_in_slot(pfn))
				count++;
	return count;
}

void ow_frames_status(struct seq_file *m)
{
	if (ow_is_crash_kernel())
		seq_printf(m, "dead_pages=%lu\n", ow_dead_frames());
}
