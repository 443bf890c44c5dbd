// SPDX-License-Identifier: GPL-2.0-only
/*
 * Swap. The areas of the dead kernel are put into use again before any process
 * comes back. One with pages in it is held: it is read, and nothing is written
 * to it. An entry of a dead page table becomes one for the same slot, and its
 * page is read when somebody touches it. Behind the gate user space empties
 * what is held, by swapoff() and swapon(); from then on it is used behind all
 * others. So of two areas one has the pages that this kernel swaps out, and the
 * next kernel writes to the other.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapfile.h>
#include <linux/uaccess.h>
#include <../mm/swap.h>
#include <linux/otherworld_swap.h>

#include "internal.h"
#include "swap.h"

long __x64_sys_swapon(const struct pt_regs *regs);

/* An area of the dead kernel, by its number there. */
static struct ow_area {
	const unsigned char *map;	/* dead; NULL without an area */
	unsigned long max;		/* slots */
	int type;			/* ours, negative if it is not held */
	char *held;			/* its path, if it is */
} ow_areas[MAX_SWAPFILES];

/* --- slots --- */

static unsigned int ow_count_entries(swp_entry_t dead)
{
	const struct ow_area *a = &ow_areas[swp_type(dead)];
	unsigned char count;

	if (swp_type(dead) >= MAX_SWAPFILES || !a->map ||
	    swp_offset(dead) >= a->max ||
	    !ow_get(count, a->map + swp_offset(dead)))
		return 0;
	count &= ~SWAP_HAS_CACHE;
	return count == SWAP_MAP_BAD ? 0 : count;
}

/* One that is complete is at least as new as the slot. */
static bool ow_in_swap_cache(swp_entry_t dead, struct ow_slot *slot)
{
	struct address_space **spaces = ow_dead_symbol(swapper_spaces), *space;
	struct page *found, page;

	if (!spaces || !ow_get(space, &spaces[swp_type(dead)]))
		return false;
	space += swp_offset(dead) >> SWAP_ADDRESS_SPACE_SHIFT;
	found = ow_xarray_load(&space->i_pages, swp_offset(dead));
	if (!found || xa_is_value(found) || !ow_get(page, found) ||
	    PageCompound(&page) || !PageSwapCache(&page) ||
	    page.private != dead.val || !PageUptodate(&page))
		return false;
	slot->pfn = page_to_pfn(found);
	slot->alone = atomic_read(&page._mapcount) == -1;
	return true;
}

bool ow_find_slot(swp_entry_t dead, struct ow_slot *slot)
{
	unsigned int count = ow_count_entries(dead);

	*slot = (struct ow_slot) { };
	/* Without any it is a page that was just being read, and may be lost. */
	if (!count)
		return false;
	if (ow_in_swap_cache(dead, slot)) {
		slot->alone &= count == 1 || count == SWAP_MAP_SHMEM;
		return true;
	}
	slot->ours = swp_entry(ow_areas[swp_type(dead)].type, swp_offset(dead));
	return ow_areas[swp_type(dead)].held;
}

bool ow_has_entries(struct page *dead)
{
	return PageSwapCache(dead) &&
	       ow_count_entries((swp_entry_t) { dead->private });
}

/* --- areas --- */

/* swapon() reads its path from user space. */
static int ow_swapon(const char *path)
{
	unsigned long at = vm_mmap(NULL, 0, OW_MAX_PATH, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, 0);
	struct pt_regs regs = { .di = at };
	int err = -EFAULT;

	if (IS_ERR_VALUE(at))
		return at;
	if (!copy_to_user((void __user *)at, path, strlen(path) + 1))
		err = __x64_sys_swapon(&regs);
	vm_munmap(at, OW_MAX_PATH);
	return err;
}

/* With @hold: nothing that sleeps lies between, so nothing is written to it. */
static int ow_use_area(struct ow_area *a, const char *path, bool hold)
{
	struct file *file = filp_open(path, O_RDONLY | O_LARGEFILE, 0);
	unsigned int reclaims;
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (hold)
		a->held = kstrdup(path, GFP_KERNEL);
	reclaims = memalloc_noreclaim_save();
	err = hold && !a->held ? -ENOMEM : ow_swapon(path);
	if (!err && hold) {
		a->type = otherworld_swap_hold(file->f_mapping);
		err = min(a->type, 0);
	}
	memalloc_noreclaim_restore(reclaims);
	if (err) {
		kfree(a->held);
		a->held = NULL;
	}
	fput(file);
	return err;
}

static int ow_open_area(struct ow_area *a, const struct swap_info_struct *copy)
{
	char *buf = kmalloc(OW_MAX_PATH, GFP_KERNEL), *name;
	struct path path;
	int err = -EUCLEAN;

	if (!buf)
		return -ENOMEM;
	if (ow_get(path, &copy->swap_file->f_path)) {
		name = ow_path(&path, buf);
		err = IS_ERR(name) ? PTR_ERR(name) :
				     ow_use_area(a, name, copy->inuse_pages);
	}
	kfree(buf);
	return err;
}

/* All those that hold pages, or all others; counts them. */
static unsigned int ow_open_areas(bool hold)
{
	struct swap_info_struct **dead = ow_dead_symbol(swap_info), *at, copy;
	unsigned int type, count = 0;
	int err;

	for (type = 0; dead && type < MAX_SWAPFILES; type++) {
		struct ow_area *a = &ow_areas[type];

		if (!ow_get(at, &dead[type]) || !at || !ow_get(copy, at) ||
		    !(copy.flags & SWP_USED) || !copy.swap_map ||
		    !copy.swap_file || hold != !!copy.inuse_pages)
			continue;
		a->map = copy.swap_map;
		a->max = copy.max;
		err = ow_open_area(a, &copy);
		if (err)
			ow_mark("swap-lost area=%u err=%d", type, err);
		else
			count++;
	}
	return count;
}

/* swap: the free ones come first, and are used first. */
int ow_cmd_swap(char *args)
{
	unsigned int clear, held;

	if (!ow_is_crash_kernel())
		return -EINVAL;
	clear = ow_open_areas(false);
	held = ow_open_areas(true);
	if (clear + held)
		ow_mark("swap free=%u held=%u", clear, held);
	return 0;
}

/* What is to be emptied. */
void ow_swap_status(struct seq_file *m)
{
	unsigned int type;

	for (type = 0; type < MAX_SWAPFILES; type++)
		if (ow_areas[type].held)
			seq_printf(m, "swap_held=%s\n", ow_areas[type].held);
}
