// SPDX-License-Identifier: GPL-2.0-only
/*
 * Morph: the crash kernel becomes the main kernel. Dead memory nobody took
 * over goes to the buddy allocator, except the next slot, and what was sized
 * at boot for one slot's worth of memory is sized again.
 */
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmzone.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/swap.h>
#include <linux/sysctl.h>
#include <linux/user_namespace.h>
#include <linux/writeback.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "../../mm/internal.h"
#include "internal.h"

static bool ow_released;

struct ow_sizes {
	unsigned long ram;	/* totalram_pages */
	unsigned long free;	/* nr_free_buffer_pages */
	unsigned long threads;	/* kernel.threads-max */
};

/* The dead frames that begin at @pfn become pages nobody has. To where? */
static unsigned long ow_disown(unsigned long pfn, unsigned long end)
{
	struct page *page = pfn_to_page(pfn);

	for (; pfn < end && PageReserved(page); pfn++, page++) {
		__ClearPageReserved(page);
		set_page_count(page, 0);
	}
	return pfn;
}

/* In the largest naturally aligned blocks, as __free_pages_core(), which looks
 * at every page once more. Zones begin where the largest blocks do.
 */
static void ow_release_frames(unsigned long pfn, unsigned long end)
{
	while (pfn < end) {
		unsigned int order = min_t(unsigned int, __ffs(pfn),
					   MAX_ORDER - 1);
		struct page *page = pfn_to_page(pfn);
		struct zone *zone = page_zone(page);
		unsigned long flags;

		order = min_t(unsigned int, order, ilog2(end - pfn));
		atomic_long_add(1UL << order, &zone->managed_pages);
		spin_lock_irqsave(&zone->lock, flags);
		__putback_isolated_page(page, order,
					get_pageblock_migratetype(page));
		spin_unlock_irqrestore(&zone->lock, flags);
		pfn += 1UL << order;
		cond_resched();
	}
}

/* What is dead of RAM outside the slots. */
static unsigned long ow_release_range(phys_addr_t start, phys_addr_t end)
{
	unsigned long pfn = PFN_UP(start), stop, count = 0;

	for (; pfn < PFN_DOWN(end); pfn = stop + 1) {
		stop = ow_disown(pfn, PFN_DOWN(end));
		ow_release_frames(pfn, stop);
		count += stop - pfn;
	}
	return count;
}

static unsigned long ow_release_all(void)
{
	const struct ow_range *first = &ow_slots[0];
	const struct ow_range *last = &ow_slots[OW_SLOTS - 1];
	unsigned long count = 0;
	unsigned int i;

	for (i = 0; i < ow_ram_count; i++) {
		const struct ow_range *r = &ow_ram[i];

		count += ow_release_range(max_t(phys_addr_t, r->start, SZ_1M),
					  min(r->end, first->start));
		count += ow_release_range(max(r->start, last->end), r->end);
	}
	totalram_pages_add(count);
	ow_note_taken(count);
	return count;
}

/* Takes the free blocks of @r out of one free list; the rest of it stays. */
static void ow_take_free(struct zone *zone, struct list_head *list,
			 unsigned int order, const struct ow_range *r)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, list, buddy_list)
		if (ow_in_range(r, page_to_pfn(page)))
			__isolate_free_page(page, order);
}

/* What the allocator has of @r, free or not. */
static long ow_managed_frames(const struct ow_range *r)
{
	unsigned long pfn;
	long count = 0;

	for (pfn = PFN_DOWN(r->start); pfn < PFN_DOWN(r->end); pfn++)
		count += !PageReserved(pfn_to_page(pfn));
	return count;
}

/*
 * Our own slot is the waiting one after the next crash, and user pages in it
 * would have to be copied. Its free pages leave the allocator for good. Page
 * isolation would keep those away, too, that are freed later, but it costs
 * every kernel instructions on its way through the allocator.
 *
 * None of it counts as memory any more, whether in use or not: how much is in
 * use depends on what this resurrection happened to need, and memory would
 * seem to come and go from kernel to kernel.
 */
void ow_close_own_slot(void)
{
	const struct ow_range *own = &ow_slots[ow_own_slot];
	unsigned int order, type;
	unsigned long flags;
	static bool closed;
	struct zone *zone;

	if (closed)
		return;
	closed = true;
	adjust_managed_page_count(pfn_to_page(PFN_DOWN(own->start)),
				  -ow_managed_frames(own));
	drain_all_pages(NULL);
	for_each_populated_zone(zone) {
		spin_lock_irqsave(&zone->lock, flags);
		for_each_migratetype_order(order, type)
			ow_take_free(zone,
				     &zone->free_area[order].free_list[type],
				     order, own);
		spin_unlock_irqrestore(&zone->lock, flags);
	}
}

static void ow_raise_tmpfs(struct super_block *sb, void *data)
{
	const struct ow_sizes *old = data;
	struct shmem_sb_info *sbinfo = sb->s_fs_info;
	unsigned long blocks = totalram_pages() / 2;

	if (ow_is_mounted_again(sb))
		return;
	raw_spin_lock(&sbinfo->stat_lock);
	/* Only limits nobody chose. The number of inodes has the same default. */
	if (sbinfo->max_blocks && sbinfo->max_blocks <= old->ram / 2)
		sbinfo->max_blocks = blocks;
	if (sbinfo->max_inodes && sbinfo->max_inodes <= old->ram / 2) {
		sbinfo->free_inodes += blocks - sbinfo->max_inodes;
		sbinfo->max_inodes = blocks;
	}
	raw_spin_unlock(&sbinfo->stat_lock);
}

/*
 * kernel.threads-max, through its own handler; @value 0 only reads. Returns
 * the value in force, or 0.
 */
static unsigned long ow_threads_max(unsigned long value)
{
	struct ctl_table table = { .maxlen = sizeof(int), .mode = 0644 };
	char text[24];
	size_t len = scnprintf(text, sizeof(text), "%lu\n", value);
	loff_t pos = 0;

	if (value && sysctl_max_threads(&table, 1, text, &len, &pos))
		return 0;
	len = sizeof(text) - 1;
	pos = 0;
	if (sysctl_max_threads(&table, 0, text, &len, &pos) || len >= sizeof(text))
		return 0;
	text[len] = '\0';
	return kstrtoul(strim(text), 10, &value) ? 0 : value;
}

/* The formula of fork_init(): an eighth of memory for thread structures. */
static unsigned long ow_threads_for_memory(void)
{
	u64 threads = div_u64((u64)totalram_pages() * PAGE_SIZE, THREAD_SIZE * 8);

	return min_t(u64, threads, FUTEX_TID_MASK);
}

static void ow_raise_threads(const struct ow_sizes *old)
{
	unsigned long now = ow_threads_max(ow_threads_for_memory()) / 2;
	unsigned long was = old->threads / 2;
	struct task_struct *p;
	int i;

	if (!now || !was)
		return;
	for (i = 0; i < UCOUNT_COUNTS; i++)
		if (init_user_ns.ucount_max[i] == was)
			init_user_ns.ucount_max[i] = now;
	read_lock(&tasklist_lock);
	for_each_process(p) {
		struct rlimit *lim = p->signal->rlim;

		for (i = 0; i < RLIM_NLIMITS; i++) {
			if (i != RLIMIT_NPROC && i != RLIMIT_SIGPENDING)
				continue;
			if (lim[i].rlim_cur == was)
				lim[i].rlim_cur = now;
			if (lim[i].rlim_max == was)
				lim[i].rlim_max = now;
		}
	}
	read_unlock(&tasklist_lock);
}

static void ow_raise_network(const struct ow_sizes *old)
{
	unsigned long now = nr_free_buffer_pages();
	unsigned long tcp = max(now / 16, 128UL);
	unsigned long udp = max(now / 8, 128UL);

	sysctl_tcp_mem[0] = tcp / 4 * 3;
	sysctl_tcp_mem[1] = tcp;
	sysctl_tcp_mem[2] = sysctl_tcp_mem[0] * 2;
	sysctl_udp_mem[0] = udp / 4 * 3;
	sysctl_udp_mem[1] = udp;
	sysctl_udp_mem[2] = sysctl_udp_mem[0] * 2;

	/* Per socket, as tcp_init() has it: 1/128 of memory, within bounds. */
	now <<= PAGE_SHIFT - 7;
	init_net.ipv4.sysctl_tcp_wmem[2] = clamp(now, 64UL << 10, 4UL << 20);
	init_net.ipv4.sysctl_tcp_rmem[2] = clamp(now, 131072UL, 6UL << 20);
}

/* What memory was when eventpoll_init() reckoned with it; an initrd is given
 * back later.
 */
static unsigned long ow_ram_of_watches;

static int __init ow_note_ram(void)
{
	ow_ram_of_watches = totalram_pages();
	return 0;
}
fs_initcall_sync(ow_note_ram);

/* Two limits whose variables are private to files: open files as
 * files_maxfiles_init() has it, epoll watches in proportion to memory.
 */
static void ow_raise_files(void)
{
	struct files_stat_struct *files =
		(void *)kallsyms_lookup_name("files_stat");
	long *watches = (void *)kallsyms_lookup_name("max_user_watches");

	if (files)
		files->max_files = max(files->max_files, totalram_pages() *
				       (PAGE_SIZE / 1024) / 10);
	if (watches)
		*watches = mult_frac(*watches, (long)totalram_pages(),
				     (long)ow_ram_of_watches);
}

/* __ref: init_per_zone_wmark_min() is kept, as memory can be hot-plugged. */
static noinline void __ref ow_raise_limits(const struct ow_sizes *old)
{
	struct file_system_type *tmpfs = get_fs_type("tmpfs");

	if (tmpfs) {
		iterate_supers_type(tmpfs, ow_raise_tmpfs, (void *)old);
		put_filesystem(tmpfs);
	}
	ow_raise_threads(old);
	ow_raise_network(old);
	ow_raise_files();
	writeback_set_ratelimit();
	/* Zones that had no page at boot, then watermarks and reserves. */
	build_all_zonelists(NULL);
	init_per_zone_wmark_min();
}

/* release: give dead memory back and grow up. Everything worth saving is saved. */
int ow_cmd_release(char *args)
{
	struct ow_sizes old = {
		.ram = totalram_pages(),
		.free = nr_free_buffer_pages(),
		.threads = ow_threads_max(0),
	};
	unsigned long count;
	int err;

	if (!ow_is_crash_kernel())
		return -EINVAL;
	if (ow_released)
		return -EALREADY;
	err = ow_unprotect_dead();
	if (err)
		return err;
	ow_released = true;
	count = ow_release_all();
	ow_close_own_slot();
	ow_raise_limits(&old);
	sysctl_overcommit_memory = OVERCOMMIT_GUESS;
	ow_mark("released pages=%lu", count);
	return 0;
}
