// SPDX-License-Identifier: GPL-2.0-only
/*
 * The struct pages of dead memory at boot. All of them are reserved and look
 * alike within a zone: the kernel makes one of each block, the others have its
 * flags. To make each from its parts and to reserve it afterwards takes a fifth
 * of all instructions between a death and the first one of user mode.
 */
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/otherworld.h>
#include <linux/pageblock-flags.h>
#include <linux/pfn.h>
#include <linux/sizes.h>

#include "../../mm/internal.h"
#include "internal.h"

static void __init ow_init_own(struct zone *zone, unsigned long pfn,
			       unsigned long end)
{
	if (pfn < end)
		memmap_init_range(end - pfn, zone_to_nid(zone), zone_idx(zone),
				  pfn, zone_end_pfn(zone), MEMINIT_EARLY, NULL,
				  MIGRATE_MOVABLE);
}

static void __init ow_init_dead(struct zone *zone, unsigned long pfn,
				unsigned long end)
{
	while (pfn < end) {
		unsigned long stop = min(pageblock_align(pfn + 1), end);
		struct page *page = pfn_to_page(pfn);
		unsigned long flags;

		ow_init_own(zone, pfn, pfn + 1);
		__SetPageReserved(page);
		flags = page->flags;
		while (++pfn < stop) {
			mm_zero_struct_page(++page);
			page->flags = flags;
			init_page_count(page);
			page_mapcount_reset(page);
			INIT_LIST_HEAD(&page->lru);
		}
	}
}

/* Hook of memmap_init_zone_range(): false leaves the pages to it. */
bool __init otherworld_memmap_init(struct zone *zone, unsigned long start,
				   unsigned long end)
{
	const struct ow_range *own = &ow_slots[ow_own_slot];
	unsigned long low = PFN_DOWN(SZ_1M);
	unsigned long own_start = PFN_DOWN(own->start);
	unsigned long own_end = PFN_DOWN(own->end);

	if (!ow_is_crash_kernel())
		return false;
	ow_init_own(zone, start, min(end, low));
	ow_init_dead(zone, max(start, low), min(end, own_start));
	ow_init_own(zone, max(start, own_start), min(end, own_end));
	ow_init_dead(zone, max(start, own_end), end);
	/* What lies behind this is no page to who finds it in a page table. */
	highest_memmap_pfn = max(highest_memmap_pfn, end - 1);
	return true;
}

static void __init ow_reserve_own(phys_addr_t start, phys_addr_t end)
{
	if (start < end)
		reserve_bootmem_region(start, end);
}

/* Hook of memmap_init_reserved_pages(), which comes later: dead memory is
 * reserved already.
 */
bool __init otherworld_reserve_pages(phys_addr_t start, phys_addr_t end)
{
	const struct ow_range *own = &ow_slots[ow_own_slot];

	if (!ow_is_crash_kernel())
		return false;
	ow_reserve_own(start, min_t(phys_addr_t, end, SZ_1M));
	ow_reserve_own(max(start, own->start), min(end, own->end));
	return true;
}
