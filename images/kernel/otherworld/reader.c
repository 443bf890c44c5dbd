// SPDX-License-Identifier: GPL-2.0-only
/* Dead memory: translation of dead pointers and checked copying. */
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "otherworld.h"
#include "reader.h"

/* The last large mapping found in the dead kernel's own page table. */
static struct {
	unsigned long va;
	phys_addr_t pa;
	bool valid;
} ow_large;

/* This way to copy does not die of an address behind which there is nothing,
 * and takes half the instructions of copy_from_kernel_nofault().
 */
static bool ow_read_phys(void *dst, phys_addr_t pa, size_t len)
{
	if (!ow_dead_frame(PHYS_PFN(pa)))
		return false;
	ow_count_read(len);
	return !copy_user_generic(dst, __va(pa), len);
}

/* One entry of a table at @table, which must be a whole dead frame. */
static bool ow_entry(phys_addr_t table, unsigned int index, u64 *entry)
{
	return ow_read_phys(entry, table + index * sizeof(u64), sizeof(u64)) &&
	       (*entry & _PAGE_PRESENT);
}

/* vmalloc and vmemmap: walk the dead kernel's master page table. */
static phys_addr_t ow_translate_mapped(unsigned long va)
{
	phys_addr_t table;
	u64 entry;

	if (ow_large.valid && (va & PMD_MASK) == ow_large.va)
		return ow_large.pa + (va & ~PMD_MASK);

	table = (unsigned long)init_top_pgt - __START_KERNEL_map +
		ow_dead_phys_base();
	if (!ow_entry(table, pgd_index(va), &entry))
		return OW_NO_PHYS;
	if (!ow_entry(entry & PTE_PFN_MASK, pud_index(va), &entry))
		return OW_NO_PHYS;
	if (entry & _PAGE_PSE)
		return (entry & PTE_PFN_MASK & PUD_MASK) | (va & ~PUD_MASK);
	if (!ow_entry(entry & PTE_PFN_MASK, pmd_index(va), &entry))
		return OW_NO_PHYS;
	if (entry & _PAGE_PSE) {
		ow_large.va = va & PMD_MASK;
		ow_large.pa = entry & PTE_PFN_MASK & PMD_MASK;
		ow_large.valid = true;
		return ow_large.pa + (va & ~PMD_MASK);
	}
	if (!ow_entry(entry & PTE_PFN_MASK, pte_index(va), &entry))
		return OW_NO_PHYS;
	return (entry & PTE_PFN_MASK) | (va & ~PAGE_MASK);
}

phys_addr_t ow_translate(const void *dead)
{
	unsigned long va = (unsigned long)dead;

	if (va >= PAGE_OFFSET && va < VMALLOC_START)
		return va - PAGE_OFFSET < PFN_PHYS(max_pfn) ?
		       va - PAGE_OFFSET : OW_NO_PHYS;
	if (va >= __START_KERNEL_map &&
	    va < __START_KERNEL_map + KERNEL_IMAGE_SIZE)
		return va - __START_KERNEL_map + ow_dead_phys_base();
	if (va >= VMALLOC_START && va < __START_KERNEL_map)
		return ow_translate_mapped(va);
	return OW_NO_PHYS;
}

bool ow_read(void *dst, const void *dead, size_t len)
{
	while (len) {
		size_t part = min_t(size_t, len,
				    PAGE_SIZE - offset_in_page(dead));
		phys_addr_t pa = ow_translate(dead);

		if (pa == OW_NO_PHYS || !ow_read_phys(dst, pa, part))
			return false;
		dst += part;
		dead += part;
		len -= part;
	}
	return true;
}

bool ow_read_frame(void *dst, unsigned long pfn)
{
	return ow_read_phys(dst, PFN_PHYS(pfn), PAGE_SIZE);
}

int ow_read_string(char *dst, const char *dead, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t part = min_t(size_t, size - done,
				    PAGE_SIZE - offset_in_page(dead + done));
		size_t len;

		if (!ow_read(dst + done, dead + done, part))
			return -EFAULT;
		len = strnlen(dst + done, part);
		done += len;
		if (len < part)
			return done;
	}
	return -EFAULT;
}

bool ow_dead_page(unsigned long pfn, struct page *page)
{
	return ow_read(page, pfn_to_page(pfn), sizeof(*page));
}
