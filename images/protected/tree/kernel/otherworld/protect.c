// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protected mode: no stray write reaches the private memory of a process.
 *
 * The kernel can write to a page of a process in two ways. By the process's
 * own mapping: SMAP keeps it from that outside of copies that are meant. And
 * by its own mapping of all memory: there, the page is read-only as long as
 * a process has it. It stays readable, so that whoever copies, swaps or
 * dumps it notices nothing.
 *
 * Large pages of the kernel's mapping are split when the first page in them
 * is protected. The page allocator keeps movable pages together in pieces of
 * the same size, so that most of the kernel's own data stays in large pages.
 */
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/otherworld_protect.h>
#include <linux/pgtable.h>

/* Tables for split pages, linked through their first words. They are put by
 * beforehand: a page is protected where nothing may be allocated.
 */
static void *ow_spare_tables;

static int __init ow_prepare_tables(void)
{
	unsigned long left = DIV_ROUND_UP(max_pfn, PTRS_PER_PTE);
	void **table;

	while (left--) {
		table = (void **)__get_free_page(GFP_KERNEL | __GFP_NOFAIL);
		*table = ow_spare_tables;
		ow_spare_tables = table;
	}
	return 0;
}
early_initcall(ow_prepare_tables);

static void ow_flush(unsigned long va)
{
	asm volatile("invlpg (%0)" : : "r" (va) : "memory");
}

static bool ow_split(pmd_t *pmd, unsigned long va)
{
	pgprot_t prot = pgprot_large_2_4k(__pgprot(pmd_flags(*pmd)));
	unsigned long pfn = pmd_pfn(*pmd);
	pte_t *table = ow_spare_tables;
	unsigned int i;

	if (!table)
		return false;
	ow_spare_tables = *(void **)table;
	for (i = 0; i < PTRS_PER_PTE; i++)
		set_pte(&table[i], pfn_pte(pfn + i, prot));
	set_pmd(pmd, __pmd(__pa(table) | _KERNPG_TABLE));
	ow_flush(va);
	return true;
}

void otherworld_protect(struct page *page)
{
	unsigned long va = (unsigned long)page_address(page);
	pmd_t *pmd = pmd_off_k(va);
	pte_t *pte;

	if (unlikely(pmd_large(*pmd)) && !ow_split(pmd, va))
		return;
	pte = pte_offset_kernel(pmd, va);
	set_pte(pte, pte_wrprotect(*pte));
	ow_flush(va);
}

static void ow_make_writable(struct page *page)
{
	unsigned long va = (unsigned long)page_address(page);
	pmd_t *pmd = pmd_off_k(va);
	pte_t *pte;

	if (unlikely(pmd_large(*pmd)))
		return;
	pte = pte_offset_kernel(pmd, va);
	set_pte(pte, pte_mkwrite(*pte));
	ow_flush(va);
}

void otherworld_unprotect(struct page *page)
{
	if (PageAnon(page))
		ow_make_writable(page);
}

void otherworld_open(struct page *page)
{
	if (PageAnon(page))
		ow_make_writable(page);
}

void otherworld_close(struct page *page)
{
	if (PageAnon(page))
		otherworld_protect(page);
}

void otherworld_protect_again(void)
{
	unsigned long pfn;
	struct page *page;

	for (pfn = 0; pfn < max_pfn; pfn++) {
		if (!pfn_valid(pfn))
			continue;
		page = pfn_to_page(pfn);
		if (page_count(page) && !PageReserved(page) &&
		    !PageSlab(page) && PageAnon(page))
			otherworld_protect(page);
	}
}
