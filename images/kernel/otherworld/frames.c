// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frames of the dead kernel. A frame is dead as long as its struct page is
 * reserved: nothing but the early reservation reserves frames outside our slot.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/seq_file.h>
#include <linux/set_memory.h>
#include <linux/sizes.h>

#include "internal.h"
#include "reader.h"

/* Frames adopted or released. */
static unsigned long ow_taken;

/* The RAM around the frame that was asked for last, from the first mebibyte on;
 * empty in a kernel that no other one died for.
 */
static struct {
	unsigned long first;
	unsigned long count;
} ow_around;

static bool ow_find_around(unsigned long pfn)
{
	unsigned long low = PFN_DOWN(SZ_1M);
	unsigned int i;

	if (!ow_is_crash_kernel() || pfn < low)
		return false;
	for (i = 0; i < ow_ram_count; i++) {
		if (!ow_in_range(&ow_ram[i], pfn))
			continue;
		ow_around.first = max(PFN_DOWN(ow_ram[i].start), low);
		ow_around.count = PFN_DOWN(ow_ram[i].end) - ow_around.first;
		return true;
	}
	return false;
}

/* Asked before every read. RAM has a struct page for every frame. */
bool ow_dead_frame(unsigned long pfn)
{
	if (pfn - ow_around.first >= ow_around.count && !ow_find_around(pfn))
		return false;
	return !ow_in_range(&ow_slots[ow_own_slot], pfn) &&
	       PageReserved(pfn_to_page(pfn));
}

void ow_note_taken(unsigned long frames)
{
	ow_taken += frames;
}

bool ow_frame_in_slot(unsigned long pfn)
{
	return ow_in_range(ow_other_slot(), pfn);
}

/*
 * Dead memory is read-only until somebody takes it over: a wild write of ours
 * must not change what is to be saved. Whole large pages of the direct map, so
 * that none is split.
 */
static int ow_set_writable(phys_addr_t start, phys_addr_t end, bool writable)
{
	start = round_up(start, PMD_SIZE);
	end = round_down(end, PMD_SIZE);
	if (start >= end)
		return 0;
	return (writable ? set_memory_rw : set_memory_ro)
		((unsigned long)__va(start), PFN_DOWN(end - start));
}

static int ow_set_dead_writable(bool writable)
{
	const struct ow_range *own = &ow_slots[ow_own_slot];
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ow_ram_count; i++) {
		const struct ow_range *r = &ow_ram[i];

		err = ow_set_writable(r->start, min(r->end, own->start),
				      writable);
		if (!err)
			err = ow_set_writable(max(r->start, own->end), r->end,
					      writable);
	}
	return err;
}

static int __init ow_protect_dead(void)
{
	return ow_is_crash_kernel() ? ow_set_dead_writable(false) : 0;
}
early_initcall(ow_protect_dead);

int ow_unprotect_dead(void)
{
	return ow_set_dead_writable(true);
}

/* The large page around an adopted frame becomes ordinary memory again. Of
 * neighbours, which mostly come together, the first one finds it read-only.
 */
static int ow_unprotect_around(unsigned long pfn)
{
	static unsigned long last;
	unsigned long va = (unsigned long)pfn_to_kaddr(pfn);
	unsigned int level;
	pte_t *pte;
	int err = 0;

	if ((va & PMD_MASK) == last)
		return 0;
	pte = lookup_address(va, &level);
	if (!pte)
		return -EFAULT;
	if (!pte_write(*pte))
		err = set_memory_rw(va & PMD_MASK, PTRS_PER_PTE);
	if (!err)
		last = va & PMD_MASK;
	return err;
}

int ow_adopt_frame(unsigned long pfn)
{
	struct page *page;
	int err;

	if (!ow_dead_frame(pfn))
		return -EINVAL;
	if (ow_frame_in_slot(pfn))
		return -EBUSY;
	err = ow_unprotect_around(pfn);
	if (err)
		return err;
	page = pfn_to_page(pfn);
	__ClearPageReserved(page);
	adjust_managed_page_count(page, 1);
	ow_taken++;
	return 0;
}

struct page *ow_take_frame(unsigned long pfn, bool adopt)
{
	struct page *page;

	if (adopt && !ow_adopt_frame(pfn))
		return pfn_to_page(pfn);
	page = alloc_page(GFP_HIGHUSER_MOVABLE);
	if (!page)
		return ERR_PTR(-ENOMEM);
	if (ow_read_frame(page_address(page), pfn))
		return page;
	__free_page(page);
	return ERR_PTR(-EFAULT);
}

/* Pages of @r in [start, end). */
static unsigned long ow_overlap(const struct ow_range *r, phys_addr_t start,
				phys_addr_t end)
{
	start = max(start, r->start);
	end = min(end, r->end);
	return start < end ? PFN_DOWN(end) - PFN_UP(start) : 0;
}

unsigned long ow_dead_frames(void)
{
	unsigned long count = 0;
	unsigned int i, slot;

	for (i = 0; i < ow_ram_count; i++) {
		count += ow_overlap(&ow_ram[i], SZ_1M, PHYS_ADDR_MAX);
		for (slot = 0; slot < OW_SLOTS; slot++)
			count -= ow_overlap(&ow_ram[i], ow_slots[slot].start,
					    ow_slots[slot].end);
	}
	return count - ow_taken;
}

void ow_frames_status(struct seq_file *m)
{
	if (ow_is_crash_kernel())
		seq_printf(m, "dead_pages=%lu\n", ow_dead_frames());
}
