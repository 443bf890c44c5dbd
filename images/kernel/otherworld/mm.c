// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces. The mappings are made anew through vm_mmap(); the private
 * pages in them are the dead process's own frames, taken over where they lie.
 * A frame is copied instead if it lies in a slot, or if another dead process
 * maps it as well.
 */
#include <linux/bsearch.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/swap.h>
#include <linux/otherworld_swap.h>
#include <asm/vdso.h>

#include "rmap.h"
#include "swap.h"
#include "syscalls.h"

/* Flags a mapping inherits besides those vm_mmap() derives itself. Locked
 * mappings are made as locked on fault: nothing must be in them before the
 * dead pages are. ow_lock_vma() does the rest.
 */
#define OW_KEPT_FLAGS	(VM_DONTCOPY | VM_DONTDUMP | VM_WIPEONFORK)
#define OW_FOREIGN	(VM_IO | VM_PFNMAP | VM_MIXEDMAP | VM_HUGETLB | \
			 VM_UFFD_MISSING | VM_UFFD_WP)

/* What a writer sets in the count of a semaphore (RWSEM_WRITER_LOCKED). */
#define OW_WRITER_LOCKED	1

enum ow_page_kind {
	OW_PAGE_SKIP,		/* comes back by itself: zero or file page */
	OW_PAGE_ADOPT,
	OW_PAGE_COPY,
	OW_PAGE_SLOT,		/* in swap, and left there */
	OW_PAGE_DAMAGED,
	OW_PAGE_UNREACHABLE,	/* in swap, where we cannot read it */
};

/* --- judging --- */

static bool ow_is_vdso(struct ow_dead *d, const struct vm_area_struct *vma)
{
	unsigned long vdso = (unsigned long)d->mm.context.vdso;

	return vdso && !vma->vm_file && vma->vm_ops &&
	       (vma->vm_start == vdso ||
		(vma->vm_end == vdso && vma->vm_flags & VM_PFNMAP));
}

/* Is the map being changed? Then its lock is held for writing. An area can be
 * in it that is not counted yet, or be counted and not in it any more.
 */
static bool ow_map_changes(const struct ow_dead *d)
{
	return atomic_long_read(&d->mm.mmap_lock.count) & OW_WRITER_LOCKED;
}

struct ow_map_walk {
	struct ow_dead *d;
	const void *split;		/* must be the next area, too, */
	unsigned long from;		/* from here on */
};

/*
 * Where an area begins and ends is said twice, by itself and by the map, and
 * both are not changed at once. While they disagree the map is what counts: by
 * it no page is in two areas, or in none. The call that was at it is issued
 * again, and finds what it can begin with.
 */
static bool ow_place_vma(struct ow_map_walk *w, struct vm_area_struct *vma,
			 unsigned long first, unsigned long last,
			 const void *entry)
{
	if (w->split && (w->split != entry || w->from != first))
		return false;
	w->split = NULL;
	if (vma->vm_start == first && vma->vm_end - 1 == last)
		return true;
	if (!ow_map_changes(w->d) || vma->vm_start >= vma->vm_end)
		return false;
	if (vma->vm_start != first) {
		/* Its offset may belong to either beginning: pages of memory
		 * have a number to compare with, and need it for nothing else.
		 */
		if (vma->vm_file)
			return false;
		if (vma->vm_pgoff != first >> PAGE_SHIFT)
			vma->vm_pgoff += (long)(first - vma->vm_start) >> PAGE_SHIFT;
	}
	/* What is split stands for both parts until the other one is there. */
	if (vma->vm_start - 1 == last) {
		w->split = entry;
		w->from = vma->vm_start;
	} else if (vma->vm_start != first && vma->vm_end - 1 != last) {
		return false;
	}
	vma->vm_start = first;
	vma->vm_end = last + 1;
	return true;
}

static int ow_add_vma(unsigned long first, unsigned long last, void *entry,
		      void *arg)
{
	struct ow_map_walk *w = arg;
	struct ow_dead *d = w->d;
	struct ow_vma *v = &d->vmas[d->nr_vmas];
	struct vm_area_struct vma;

	if (!ow_get(vma, (struct vm_area_struct *)entry) ||
	    !ow_place_vma(w, &vma, first, last, entry) ||
	    vma.vm_mm != d->task->mm || offset_in_page(first) ||
	    offset_in_page(last + 1) || last >= TASK_SIZE_MAX)
		return -EUCLEAN;
	if (d->nr_vmas == d->mm.map_count + ow_map_changes(d))
		return -EUCLEAN;
	*v = (struct ow_vma) {
		.start = vma.vm_start, .end = vma.vm_end,
		.flags = vma.vm_flags, .pgoff = vma.vm_pgoff,
		.dead = entry, .file = vma.vm_file, .special = ow_is_vdso(d, &vma),
	};
	if (ow_is_aio(&vma) && ow_has_context(d, first)) {
		v->aio = true;
		v->file = NULL;
		d->nr_vmas++;
		return 0;
	}
	if (v->file && !ow_get(v->mapping, &v->file->f_mapping))
		return -EUCLEAN;
	if (!v->special && (v->flags & OW_FOREIGN || (vma.vm_ops && !v->file))) {
		if (!ow_may_lose(d, OW_LOST_MAPPING))
			return -EOPNOTSUPP;
		v->lost = true;
	}
	d->nr_vmas++;
	return 0;
}

/*
 * brk() makes the heap larger before it notes the new end, and notes it before
 * it makes the heap smaller. Issued again it must find the heap that is noted.
 */
static void ow_trim_heap(struct ow_dead *d)
{
	const struct task_struct *ran_last = ow_dead_current();
	unsigned long end = PAGE_ALIGN(d->mm.brk);
	struct mm_struct *mm;
	struct ow_dead *ran;
	unsigned int i;

	if (!ow_map_changes(d) || !ran_last || !ow_get(mm, &ran_last->mm) ||
	    mm != d->task->mm)
		return;
	ran = ow_load_current_stack();
	for (i = 0; ran && i < d->nr_vmas; i++) {
		struct ow_vma *v = &d->vmas[i];

		if (v->file || v->start > end || v->end <= end ||
		    v->end <= d->mm.start_brk ||
		    !ow_in_function(ran, "__x64_sys_brk"))
			continue;
		if (v->start < end)
			v->end = end;
		else
			v->lost = true;
	}
	ow_unload(ran);
}

static bool ow_is_zero_frame(unsigned long pfn)
{
	static unsigned long zero;

	if (!zero)
		zero = PHYS_PFN(ow_translate(empty_zero_page));
	return pfn == zero;
}

static enum ow_page_kind ow_classify_swapped(const struct ow_vma *v, pte_t pte,
					     struct ow_slot *slot)
{
	if (v->flags & VM_SHARED)
		return OW_PAGE_DAMAGED;
	if (!ow_find_slot(pte_to_swp_entry(pte), slot))
		return OW_PAGE_UNREACHABLE;
	if (!slot->pfn)
		return OW_PAGE_SLOT;
	if (!ow_dead_frame(slot->pfn))
		return OW_PAGE_DAMAGED;
	return slot->alone && !ow_frame_in_slot(slot->pfn) ? OW_PAGE_ADOPT :
							     OW_PAGE_COPY;
}

/* What to do with the frame one dead page-table entry names. The dead struct
 * page must agree with the page table about what the frame is.
 */
static enum ow_page_kind ow_classify(const struct ow_vma *v,
				     unsigned long addr, pte_t pte,
				     struct ow_slot *slot)
{
	unsigned long index = v->pgoff + ((addr - v->start) >> PAGE_SHIFT);
	unsigned long pfn = pte_pfn(pte), tag;
	struct page page;

	if (!pte_present(pte))
		return ow_classify_swapped(v, pte, slot);
	slot->pfn = pfn;
	if (ow_is_zero_frame(pfn))
		return OW_PAGE_SKIP;
	if (!ow_dead_page(pfn, &page) || PageCompound(&page) ||
	    page.index != index)
		return OW_PAGE_DAMAGED;
	tag = (unsigned long)page.mapping & PAGE_MAPPING_FLAGS;
	/* A page of shared memory may be ours already (shmem.c). */
	if (!tag)
		return v->file && page.mapping == v->mapping ?
		       OW_PAGE_SKIP : OW_PAGE_DAMAGED;
	if (!ow_dead_frame(pfn) || tag != PAGE_MAPPING_ANON ||
	    v->flags & VM_SHARED)
		return OW_PAGE_DAMAGED;
	if (atomic_read(&page._mapcount) != 0 || ow_frame_in_slot(pfn) ||
	    ow_has_entries(&page))
		return OW_PAGE_COPY;
	return OW_PAGE_ADOPT;
}

#define OW_ROOM_FOR_FOUND	512

/* Note a page for the time when it is taken: nothing is read twice. */
static int ow_note_found(struct ow_dead *d, struct ow_found found)
{
	unsigned long room = d->room ? 2 * d->room : OW_ROOM_FOR_FOUND;
	struct ow_found *more;

	if (d->nr_found == d->room) {
		more = kvmalloc_array(room, sizeof(*more), GFP_KERNEL);
		if (!more)
			return -ENOMEM;
		if (d->found)
			memcpy(more, d->found, d->room * sizeof(*more));
		kvfree(d->found);
		d->found = more;
		d->room = room;
	}
	d->found[d->nr_found++] = found;
	return 0;
}

struct ow_judge_page {
	struct ow_dead *d;
	const struct ow_vma *vma;
};

/* The page tables cannot be believed: what is in them must be complete. */
static int ow_doubt(struct ow_dead *d, const char *why)
{
	if (!d->doubt)
		d->doubt = why;
	return 0;
}

static int ow_judge_page(unsigned long addr, pte_t pte, void *arg)
{
	struct ow_judge_page *j = arg;
	struct ow_slot slot = {};
	enum ow_page_kind kind = ow_classify(j->vma, addr, pte, &slot);
	int err;

	switch (kind) {
	case OW_PAGE_DAMAGED:
		return ow_doubt(j->d, "damaged-page");
	case OW_PAGE_UNREACHABLE:
		return ow_doubt(j->d, "swapped-page");
	case OW_PAGE_ADOPT:
	case OW_PAGE_COPY:
	case OW_PAGE_SLOT:
		err = ow_note_found(j->d, (struct ow_found) {
			.addr = addr, .pte = pte, .pfn = slot.pfn,
			.slot = slot.ours, .adopt = kind == OW_PAGE_ADOPT,
			.swapped = kind == OW_PAGE_SLOT });
		if (!err && pte_present(pte))
			j->d->anon_pages++;
		else if (!err)
			j->d->swapped_pages++;
		return err;
	default:
		return 0;
	}
}

/* Private pages, in memory or in swap, that the process has by its count. */
static unsigned long ow_counted_pages(const struct ow_dead *d)
{
	return atomic_long_read(&d->mm.rss_stat.count[MM_ANONPAGES]) +
	       atomic_long_read(&d->mm.rss_stat.count[MM_SWAPENTS]);
}

static unsigned long ow_found_pages(const struct ow_dead *d)
{
	return d->anon_pages + d->swapped_pages;
}

static bool ow_lacks_area(const struct ow_dead *d)
{
	unsigned int i;

	for (i = 0; i < d->nr_vmas; i++)
		if (d->vmas[i].lost)
			return true;
	return false;
}

/*
 * Copying a page on a write, mprotect() and swapping out replace an entry of
 * the page table by emptying it first. A death in between leaves a page that
 * nothing names; the process would find zeroes. It is missed by the count. So
 * is a page whose entry was overwritten.
 */
static bool ow_page_lost(struct ow_dead *d)
{
	const struct task_struct *ran_last = ow_dead_current();
	struct mm_struct *mm = NULL;
	struct ow_dead *ran;
	bool lost;

	if (ow_found_pages(d) >= ow_counted_pages(d))
		return false;
	/* Under a spinlock, so only the task that ran can be in between: one of
	 * the process, or whoever reclaims pages, perhaps the kernel itself.
	 */
	ran = ow_load_current_stack();
	lost = !ran || ow_in_function(ran, "try_to_unmap_one");
	if (!lost && ran_last && ow_get(mm, &ran_last->mm))
		lost = mm == d->task->mm ?
		       ow_in_function(ran, "wp_page_copy") ||
		       ow_in_function(ran, "change_protection_range") :
		       !ow_lacks_area(d);
	ow_unload(ran);
	return lost;
}

static const char *ow_judge_vma(struct ow_dead *d, struct ow_vma *v)
{
	struct ow_judge_page j = { d, v };
	struct inode *inode;
	umode_t mode;
	int err;

	if (v->special || v->aio || v->lost)
		return NULL;
	if (v->file) {
		if (!ow_get(inode, &v->file->f_inode) ||
		    !ow_get(mode, &inode->i_mode))
			return "damaged-mapping";
		v->lost = !S_ISREG(mode);
		if (v->lost)
			return ow_may_lose(d, OW_LOST_MAPPING) ?
			       NULL : "device-mapping";
	}
	v->first = d->nr_found;
	err = ow_walk_ptes(d->mm.pgd, v->start, v->end, ow_judge_page, &j);
	v->pages = d->nr_found - v->first;
	if (err == -EUCLEAN)
		err = ow_doubt(d, "damaged-page-table");
	return err ? "no-memory" : NULL;
}

/* --- page tables that are damaged --- */

static int ow_compare_found(const void *a, const void *b)
{
	const struct ow_found *first = a, *second = b;

	return first->addr < second->addr ? -1 : first->addr > second->addr;
}

static bool ow_is_named(const struct ow_dead *d, unsigned long addr)
{
	struct ow_found key = { .addr = addr };

	return d->nr_named && bsearch(&key, d->found, d->nr_named, sizeof(key),
				      ow_compare_found);
}

static int ow_add_anon(struct ow_dead *d, const struct ow_vma *v,
		       unsigned long addr, unsigned long pfn)
{
	struct ow_judge_page j = { d, v };

	if (v->special || v->aio || v->lost || ow_is_named(d, addr))
		return 0;
	return ow_judge_page(addr, pfn_pte(pfn, PAGE_SHARED), &j);
}

/* The areas' pages among the found, which are in the order of addresses. */
static void ow_divide_found(struct ow_dead *d)
{
	unsigned long at = 0;
	unsigned int i;

	for (i = 0; i < d->nr_vmas; i++) {
		struct ow_vma *v = &d->vmas[i];

		v->first = at;
		while (at < d->nr_found && d->found[at].addr < v->end)
			at++;
		v->pages = at - v->first;
	}
}

/* Whether two pages hold the same; false also when that cannot be told. */
static bool ow_same_contents(const struct ow_found *a, const struct ow_found *b)
{
	void *pages = (void *)__get_free_pages(GFP_KERNEL, 1);
	bool same = pages && ow_read_frame(pages, a->pfn) &&
		    ow_read_frame(pages + PAGE_SIZE, b->pfn) &&
		    !memcmp(pages, pages + PAGE_SIZE, PAGE_SIZE);

	free_pages((unsigned long)pages, 1);
	return same;
}

/*
 * Of two pages for one address one is a copy of the other, made for a write
 * that is still to come: then either will do. If they differ neither can be
 * believed, and the count will not be right.
 */
static void ow_drop_copies(struct ow_dead *d)
{
	struct ow_found *f = d->found;
	unsigned long from, to, next;

	for (from = to = d->nr_named; from < d->nr_found; from = next) {
		bool same = true;

		for (next = from + 1; next < d->nr_found &&
		     f[next].addr == f[from].addr; next++)
			same = same && ow_same_contents(&f[from], &f[next]);
		if (same)
			f[to++] = f[from];
	}
	d->anon_pages -= d->nr_found - to;
	d->nr_found = to;
}

/* What page tables do not name, and the pages themselves do. */
static const char *ow_find_unnamed(struct ow_dead *d)
{
	d->nr_named = d->nr_found;
	if (ow_walk_anon(d, ow_add_anon))
		return "no-memory";
	sort(d->found + d->nr_named, d->nr_found - d->nr_named,
	     sizeof(*d->found), ow_compare_found, NULL);
	ow_drop_copies(d);
	if (d->nr_found == d->nr_named)
		return NULL;
	ow_mark("page-table pid=%d unnamed=%lu why=%s", d->proc->pid,
		d->nr_found - d->nr_named, d->doubt ?: "empty");
	sort(d->found, d->nr_found, sizeof(*d->found), ow_compare_found, NULL);
	ow_divide_found(d);
	return NULL;
}

/* With all its pages found, entries that were no pages are worth nothing. */
static const char *ow_mend_page_tables(struct ow_dead *d)
{
	const char *reason = NULL;

	if (d->doubt || ow_found_pages(d) < ow_counted_pages(d))
		reason = ow_find_unnamed(d);
	if (!reason && d->doubt && ow_found_pages(d) != ow_counted_pages(d))
		reason = d->doubt;
	return reason;
}

/* By the process's map; or, if that is damaged, by the areas themselves. */
static int ow_find_vmas(struct ow_dead *d)
{
	struct ow_map_walk w = { .d = d };
	int err;

	err = ow_walk_maple(&d->task->mm->mm_mt, 4 * OW_MAX_VMAS, ow_add_vma, &w);
	if (!err && (w.split ||
		     (d->nr_vmas < d->mm.map_count && !ow_map_changes(d))))
		err = -EUCLEAN;
	if (err != -EUCLEAN || ow_map_changes(d))
		return err;
	w.split = NULL;
	d->nr_vmas = 0;
	err = ow_visit_areas(d, ow_add_vma, &w);
	if (!err)
		ow_mark("map pid=%d areas=%u", d->proc->pid, d->nr_vmas);
	return err;
}

const char *ow_judge_mm(struct ow_dead *d)
{
	const char *reason = NULL;
	unsigned int i;
	int err;

	if (d->mm.map_count <= 0 || d->mm.map_count > OW_MAX_VMAS)
		return "damaged-mm";
	d->vmas = kvcalloc(d->mm.map_count + 2, sizeof(*d->vmas), GFP_KERNEL);
	if (!d->vmas)
		return "no-memory";
	err = ow_find_vmas(d);
	if (err == -EOPNOTSUPP)
		return "special-mapping";
	if (err)
		return "damaged-mm";
	/* The last thing execve() notes of a new image. */
	if (!d->mm.start_code)
		return "execve";
	ow_trim_heap(d);
	for (i = 0; i < d->nr_vmas && !reason; i++)
		reason = ow_judge_vma(d, &d->vmas[i]);
	if (!reason)
		reason = ow_mend_page_tables(d);
	if (!reason && ow_page_lost(d))
		reason = "lost-page";
	return reason;
}

/* --- becoming --- */

static int ow_install_page(struct vm_area_struct *vma, unsigned long addr,
			   struct page *page, bool writable)
{
	struct mm_struct *mm = vma->vm_mm;
	spinlock_t *ptl;
	pte_t *ptep, pte;

	ptep = get_locked_pte(mm, addr, &ptl);
	if (!ptep)
		return -ENOMEM;
	if (!pte_none(*ptep)) {
		pte_unmap_unlock(ptep, ptl);
		return -EEXIST;
	}
	__SetPageUptodate(page);
	pte = pte_mkdirty(pte_mkyoung(mk_pte(page, vma->vm_page_prot)));
	if (writable && vma->vm_flags & VM_WRITE)
		pte = pte_mkwrite(pte);
	inc_mm_counter(mm, MM_ANONPAGES);
	page_add_new_anon_rmap(page, vma, addr);
	lru_cache_add_inactive_or_unevictable(page, vma);
	set_pte_at(mm, addr, ptep, pte);
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

static void ow_list_swapped(struct mm_struct *mm)
{
	spin_lock(&mmlist_lock);
	if (list_empty(&mm->mmlist))
		list_add(&mm->mmlist, &init_mm.mmlist);
	spin_unlock(&mmlist_lock);
}

static int ow_install_slot(struct vm_area_struct *vma, const struct ow_found *f)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t *ptep, pte = swp_entry_to_pte(f->slot);
	spinlock_t *ptl;
	int err;

	if (pte_swp_exclusive(f->pte))
		pte = pte_swp_mkexclusive(pte);
	ptep = get_locked_pte(mm, f->addr, &ptl);
	if (!ptep)
		return -ENOMEM;
	err = pte_none(*ptep) ? otherworld_swap_take(f->slot, 1) : -EEXIST;
	if (!err) {
		ow_list_swapped(mm);
		inc_mm_counter(mm, MM_SWAPENTS);
		set_pte_at(mm, f->addr, ptep, pte);
	}
	pte_unmap_unlock(ptep, ptl);
	return err;
}

static int ow_fill_page(struct ow_dead *d, struct vm_area_struct *vma,
			const struct ow_found *f)
{
	struct page *page;
	int err;

	if (f->swapped)
		return ow_install_slot(vma, f);
	page = ow_take_frame(f->pfn, f->adopt);
	if (IS_ERR(page))
		return PTR_ERR(page);
	if (page_to_pfn(page) == f->pfn)
		d->adopted++;
	else
		d->copied++;
	/* From the swap cache it is the process's own, adopted or copied. */
	err = ow_install_page(vma, f->addr, page,
			      pte_write(f->pte) || !pte_present(f->pte));
	if (err)
		__free_page(page);
	return err;
}

static int ow_fill_vma(struct ow_dead *d, const struct ow_vma *v)
{
	struct vm_area_struct *vma;
	unsigned long i;
	int err = -ENOMEM;

	mmap_write_lock(current->mm);
	vma = find_vma(current->mm, v->start);
	if (vma && vma->vm_start <= v->start && vma->vm_end >= v->end &&
	    !anon_vma_prepare(vma))
		err = 0;
	for (i = 0; i < v->pages && !err; i++)
		err = ow_fill_page(d, vma, &d->found[v->first + i]);
	mmap_write_unlock(current->mm);
	return err;
}

static int ow_map_special(struct ow_dead *d, const struct ow_vma *v)
{
	/* vvar comes first and both are mapped together. */
	if (v->start == (unsigned long)d->mm.context.vdso)
		return 0;
	return map_vdso_once(&vdso_image_64, v->start);
}

/* From locked on fault to locked now: with the file's own pages, too. */
static void ow_lock_vma(const struct ow_vma *v)
{
	struct vm_area_struct *vma;

	mmap_write_lock(current->mm);
	vma = find_vma(current->mm, v->start);
	if (vma && vma->vm_start <= v->start)
		vma->vm_flags &= ~VM_LOCKONFAULT;
	mmap_write_unlock(current->mm);
	mm_populate(v->start, v->end - v->start);
}

static int ow_map_vma(struct ow_dead *d, const struct ow_vma *v)
{
	unsigned long prot = 0, flags = MAP_FIXED_NOREPLACE, addr;
	struct file *file = NULL;
	int err;

	if (v->special)
		return ow_map_special(d, v);
	if (v->aio || v->lost)
		return 0;
	if (v->file) {
		file = ow_reopen(v->file);
		if (IS_ERR(file))
			return PTR_ERR(file);
	}
	prot |= v->flags & VM_READ ? PROT_READ : 0;
	prot |= v->flags & VM_WRITE ? PROT_WRITE : 0;
	prot |= v->flags & VM_EXEC ? PROT_EXEC : 0;
	flags |= v->flags & VM_SHARED ? MAP_SHARED : MAP_PRIVATE;
	flags |= v->flags & VM_GROWSDOWN ? MAP_GROWSDOWN : 0;
	flags |= v->flags & VM_NORESERVE ? MAP_NORESERVE : 0;
	flags |= v->file ? 0 : MAP_ANONYMOUS;
	current->mm->def_flags = v->flags & OW_KEPT_FLAGS;
	if (v->flags & VM_LOCKED)
		current->mm->def_flags |= VM_LOCKED | VM_LOCKONFAULT;
	addr = vm_mmap(file, v->start, v->end - v->start, prot, flags,
		       v->file ? v->pgoff << PAGE_SHIFT : 0);
	current->mm->def_flags = 0;
	if (file)
		fput(file);
	if (addr != v->start)
		return IS_ERR_VALUE(addr) ? (int)addr : -ENOMEM;
	err = v->flags & VM_SHARED ? 0 : ow_fill_vma(d, v);
	if (!err && (v->flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED)
		ow_lock_vma(v);
	return err;
}

static void ow_copy_mm_fields(const struct mm_struct *from)
{
	struct mm_struct *mm = current->mm;

	mmap_write_lock(mm);
	spin_lock(&mm->arg_lock);
	mm->start_code = from->start_code;
	mm->end_code = from->end_code;
	mm->start_data = from->start_data;
	mm->end_data = from->end_data;
	mm->start_brk = from->start_brk;
	mm->brk = from->brk;
	mm->start_stack = from->start_stack;
	mm->arg_start = from->arg_start;
	mm->arg_end = from->arg_end;
	mm->env_start = from->env_start;
	mm->env_end = from->env_end;
	spin_unlock(&mm->arg_lock);
	mm->mmap_base = from->mmap_base;
	mm->mmap_legacy_base = from->mmap_legacy_base;
	mm->def_flags = from->def_flags & (OW_KEPT_FLAGS | VM_LOCKED |
					     VM_LOCKONFAULT);
	memcpy(mm->saved_auxv, from->saved_auxv, sizeof(mm->saved_auxv));
	mmap_write_unlock(mm);
}

static int ow_set_exe(struct ow_dead *d)
{
	struct file *exe;
	int err;

	if (!d->mm.exe_file)
		return 0;
	exe = ow_reopen(d->mm.exe_file);
	if (IS_ERR(exe))
		return PTR_ERR(exe);
	err = replace_mm_exe_file(current->mm, exe);
	fput(exe);
	return err;
}

int ow_become_mm(struct ow_dead *d)
{
	struct mm_struct *mm = current->mm;
	unsigned int i;
	int err;

	mmap_write_lock(mm);
	err = do_munmap(mm, 0, TASK_SIZE, NULL);
	mm->def_flags = 0;
	mmap_write_unlock(mm);
	if (!err)
		err = ow_set_exe(d);
	for (i = 0; i < d->nr_vmas && !err; i++)
		err = ow_map_vma(d, &d->vmas[i]);
	if (!err)
		ow_copy_mm_fields(&d->mm);
	kvfree(d->found);
	d->found = NULL;
	return err;
}
