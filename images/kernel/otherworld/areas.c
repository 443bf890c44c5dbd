// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory areas of a dead process without its map. The map is a tree of
 * nodes, and when one of them is damaged the areas below it seem to be gone;
 * but they lie in slabs of their own kind and name the memory they belong to.
 * An mm_struct counts its areas and their pages: found is only what comes to
 * exactly these numbers.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <../mm/slab.h>

#include "internal.h"
#include "resurrect.h"

/* Bits of the 15 for it in struct slab. */
#define OW_MAX_OBJECTS	(1 << 15)

struct ow_area {
	unsigned long start, end;
	struct vm_area_struct *vma;	/* dead */
};

struct ow_areas {
	const struct ow_dead *d;
	const struct kmem_cache *cache;	/* dead, */
	struct kmem_cache copy;
	struct kmem_cache_cpu cpu;
	struct ow_area *found;
	unsigned int count;
	unsigned long pages;
	unsigned long *idle;		/* objects of a slab that are nobody's */
};

/* A list of free objects, each of which has the address of the next. */
static bool ow_note_idle(struct ow_areas *a, const struct slab *slab,
			 unsigned long base, unsigned long at)
{
	unsigned int i, size = a->copy.size;

	for (i = 0; at; i++) {
		if (i == slab->objects || at < base || (at - base) % size ||
		    (at - base) / size >= slab->objects ||
		    test_and_set_bit((at - base) / size, a->idle) ||
		    !ow_get(at, (unsigned long *)(at + a->copy.offset)))
			return false;
	}
	return true;
}

static bool ow_note_area(struct ow_areas *a, struct vm_area_struct *dead)
{
	struct vm_area_struct vma;

	if (!ow_get(vma, dead))
		return false;
	if (vma.vm_mm != a->d->task->mm)
		return true;
	if (a->count == a->d->mm.map_count || vma.vm_start >= vma.vm_end)
		return false;
	a->found[a->count++] = (struct ow_area) {
		vma.vm_start, vma.vm_end, dead };
	a->pages += PHYS_PFN(vma.vm_end - vma.vm_start);
	return true;
}

static bool ow_search_slab(struct ow_areas *a, unsigned long pfn,
			   const struct slab *slab)
{
	unsigned long base = (unsigned long)__va(PFN_PHYS(pfn));
	unsigned int i;

	bitmap_zero(a->idle, OW_MAX_OBJECTS);
	if (!ow_note_idle(a, slab, base, (unsigned long)slab->freelist))
		return false;
	/* Of the slab that objects are taken from they are listed elsewhere. */
	if (a->cpu.slab == page_slab(pfn_to_page(pfn)) &&
	    !ow_note_idle(a, slab, base, (unsigned long)a->cpu.freelist))
		return false;
	for (i = 0; i < slab->objects; i++)
		if (!test_bit(i, a->idle) &&
		    !ow_note_area(a, (void *)base + i * a->copy.size))
			return false;
	return true;
}

static bool ow_search_range(struct ow_areas *a, const struct ow_range *r)
{
	unsigned long pfn;
	struct page page;

	for (pfn = PFN_UP(r->start); pfn < PFN_DOWN(r->end); pfn++) {
		const struct slab *slab = (const struct slab *)&page;

		if (ow_dead_page(pfn, &page) && !PageTail(&page) &&
		    PageSlab(&page) && slab->slab_cache == a->cache &&
		    !ow_search_slab(a, pfn, slab))
			return false;
	}
	return true;
}

static int ow_compare_areas(const void *a, const void *b)
{
	const struct ow_area *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

/* Are these all there are, and none too many? */
static bool ow_is_map(struct ow_areas *a)
{
	unsigned int i;

	if (a->count != a->d->mm.map_count || a->pages != a->d->mm.total_vm)
		return false;
	sort(a->found, a->count, sizeof(*a->found), ow_compare_areas, NULL);
	for (i = 1; i < a->count; i++)
		if (a->found[i - 1].end > a->found[i].start)
			return false;
	return true;
}

static bool ow_search_areas(struct ow_areas *a)
{
	const unsigned long cache = ow_symbol("vm_area_cachep");
	unsigned int i;

	if (!cache || !ow_get(a->cache, (struct kmem_cache **)cache) ||
	    !ow_get(a->copy, a->cache) || !ow_get(a->cpu, a->copy.cpu_slab) ||
	    a->copy.size < sizeof(struct vm_area_struct) ||
	    a->copy.offset > a->copy.size - sizeof(long))
		return false;
	for (i = 0; i < ow_ram_count; i++)
		if (!ow_search_range(a, &ow_ram[i]))
			return false;
	return ow_is_map(a);
}

int ow_visit_areas(struct ow_dead *d,
		   int (*visit)(unsigned long first, unsigned long last,
				void *entry, void *arg), void *arg)
{
	struct ow_areas *a = kvzalloc(sizeof(*a), GFP_KERNEL);
	unsigned int i;
	int err = -ENOMEM;

	if (!a)
		return err;
	a->d = d;
	a->idle = bitmap_zalloc(OW_MAX_OBJECTS, GFP_KERNEL);
	a->found = kvcalloc(d->mm.map_count, sizeof(*a->found), GFP_KERNEL);
	if (a->idle && a->found)
		err = ow_search_areas(a) ? 0 : -EUCLEAN;
	for (i = 0; !err && i < a->count; i++)
		err = visit(a->found[i].start, a->found[i].end - 1,
			    a->found[i].vma, arg);
	kvfree(a->found);
	bitmap_free(a->idle);
	kvfree(a);
	return err;
}
