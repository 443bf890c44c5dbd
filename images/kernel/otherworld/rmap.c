// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages a process has is said twice: by its page tables, and by the
 * struct page of each private page, which names the areas it may be mapped in
 * and its place in them. Where a table is damaged, a wild write having run into
 * it, the pages themselves are asked.
 */
#include <linux/rmap.h>

#include "rmap.h"

/* Areas one page may be in: as many as processes had a common ancestor. */
#define OW_MAX_SHARERS	OW_MAX_TASKS

struct ow_rmap {
	struct ow_dead *d;
	unsigned long pfn;
	struct page page;		/* copy */
	const struct ow_vma *own;	/* where the process would have it */
	int others;			/* page tables of others that name it */
};

static int ow_compare_pfn(unsigned long addr, pte_t pte, void *arg)
{
	struct ow_rmap *r = arg;

	if (pte_present(pte) && pte_pfn(pte) == r->pfn)
		r->others++;
	return 0;
}

static unsigned long ow_address(const struct ow_rmap *r, unsigned long start,
				unsigned long pgoff)
{
	return start + ((r->page.index - pgoff) << PAGE_SHIFT);
}

static const struct ow_vma *ow_own_vma(const struct ow_rmap *r,
				       const struct vm_area_struct *dead)
{
	const struct ow_dead *d = r->d;
	unsigned int i;

	for (i = 0; i < d->nr_vmas; i++)
		if (d->vmas[i].dead == dead)
			return &d->vmas[i];
	return NULL;
}

static int ow_visit_area(const struct rb_node *node, void *arg)
{
	struct ow_rmap *r = arg;
	struct vm_area_struct *area, vma;
	unsigned long addr;
	pgd_t *pgd;

	if (!ow_get(area, &rb_entry(node, struct anon_vma_chain, rb)->vma) ||
	    !ow_get(vma, area))
		return -EUCLEAN;
	if (r->page.index - vma.vm_pgoff >= vma_pages(&vma))
		return 0;
	if (vma.vm_mm == r->d->task->mm) {
		if (r->own)
			return -EUCLEAN;
		r->own = ow_own_vma(r, area);
		return r->own ? 0 : -EUCLEAN;
	}
	addr = ow_address(r, vma.vm_start, vma.vm_pgoff);
	if (!ow_get(pgd, &vma.vm_mm->pgd))
		return -EUCLEAN;
	return ow_walk_ptes(pgd, addr, addr + PAGE_SIZE, ow_compare_pfn, r);
}

/*
 * Its count says how many page tables name it: one more than those of others
 * do, if the process has it.
 */
static bool ow_is_mapped(struct ow_rmap *r)
{
	const struct anon_vma *anon =
		(void *)r->page.mapping - PAGE_MAPPING_ANON;

	r->own = NULL;
	r->others = 0;
	return !ow_walk_tree(&anon->rb_root.rb_root, OW_MAX_SHARERS,
			     ow_visit_area, r) &&
	       r->own && atomic_read(&r->page._mapcount) == r->others;
}

int ow_walk_anon(struct ow_dead *d,
		 int (*visit)(struct ow_dead *d, const struct ow_vma *v,
			      unsigned long addr, unsigned long pfn))
{
	struct ow_rmap r = { .d = d };
	unsigned long addr;
	int err = 0;

	for (r.pfn = 0; r.pfn < max_pfn && !err; r.pfn++) {
		if (!ow_dead_frame(r.pfn) || !ow_dead_page(r.pfn, &r.page) ||
		    PageCompound(&r.page) ||
		    ((unsigned long)r.page.mapping & PAGE_MAPPING_FLAGS) !=
			    PAGE_MAPPING_ANON ||
		    atomic_read(&r.page._mapcount) < 0 || !ow_is_mapped(&r))
			continue;
		addr = ow_address(&r, r.own->start, r.own->pgoff);
		if (addr >= r.own->start && addr < r.own->end)
			err = visit(d, r.own, addr, r.pfn);
	}
	return err;
}
