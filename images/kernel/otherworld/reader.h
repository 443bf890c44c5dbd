/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Validated reading of the dead kernel's memory.
 *
 * A "dead pointer" is any kernel virtual address as the dead kernel used it:
 * direct map, kernel image, vmalloc or vmemmap. It is never dereferenced;
 * these functions translate it, check that the frame behind it is dead
 * memory and copy. Every failure is an answer, never an oops.
 */
#ifndef _OTHERWORLD_READER_H
#define _OTHERWORLD_READER_H

#include <linux/list.h>
#include <linux/maple_tree.h>
#include <linux/mm_types.h>
#include <linux/rbtree_types.h>
#include <linux/xarray.h>

#define OW_NO_PHYS	(~(phys_addr_t)0)

/* Physical address behind a dead pointer, OW_NO_PHYS if there is none. */
phys_addr_t ow_translate(const void *dead);
/* Copy @len bytes; false (and @dst undefined) if any byte is unreachable. */
bool ow_read(void *dst, const void *dead, size_t len);
/* Copy one frame of dead memory, wherever it lies. */
bool ow_read_frame(void *dst, unsigned long pfn);
/* NUL-terminated string of at most @size - 1 bytes; length or -EFAULT. */
int ow_read_string(char *dst, const char *dead, size_t size);

/* What one process reads of the dead while it becomes one of them (tally.c). */
struct ow_tally {
	struct list_head list;
	pid_t tgid;			/* 0: not begun, or ended */
	u64 bytes;
};

/* From here on all that the current process reads counts for @t, too. */
void ow_begin_tally(struct ow_tally *t);
void ow_end_tally(struct ow_tally *t);
void ow_count_read(size_t len);
/* What has been read since this kernel began, for whomever. */
u64 ow_bytes_read(void);

/* Read the object @ptr points to into @dst, which has the same type. */
#define ow_get(dst, ptr) ({						\
	const typeof(dst) *__ow_ptr = (const void *)(ptr);		\
	IS_ALIGNED((unsigned long)__ow_ptr, __alignof__(dst)) &&	\
		ow_read(&(dst), __ow_ptr, sizeof(dst)); })

/* Visitors return 0 to go on; anything else ends the walk and is returned.
 * A damaged link ends it with -EUCLEAN; of a list both ends up to the damage
 * have been visited then.
 */
int ow_walk_list(const struct list_head *head, unsigned int limit,
		 int (*visit)(struct list_head *node, void *arg), void *arg);
/* A node before what hangs below it, in no order. */
int ow_walk_tree(const struct rb_root *root, unsigned int limit,
		 int (*visit)(const struct rb_node *node, void *arg),
		 void *arg);
/* @marks: bit n set if XA_MARK_n is set on the entry. */
int ow_walk_xarray(const struct xarray *xa, unsigned int limit,
		   int (*visit)(unsigned long index, void *entry,
				unsigned int marks, void *arg), void *arg);
/* The pages that say of themselves that they are of this page cache, by their
 * index, whatever its tree says; @marks are what their flags say of the tags.
 * -EUCLEAN, and nothing is visited, if two say that they are of one place.
 */
int ow_scan_pages(const struct address_space *mapping,
		  int (*visit)(unsigned long index, void *entry,
			       unsigned int marks, void *arg), void *arg);
/* The entry at @index, NULL if absent or damaged. */
void *ow_xarray_load(const struct xarray *xa, unsigned long index);
int ow_walk_maple(const struct maple_tree *mt, unsigned int limit,
		  int (*visit)(unsigned long first, unsigned long last,
			       void *entry, void *arg), void *arg);
/* All non-empty 4 KiB entries of a dead page table in [start, end). */
int ow_walk_ptes(const pgd_t *pgd, unsigned long start, unsigned long end,
		 int (*visit)(unsigned long addr, pte_t pte, void *arg),
		 void *arg);
/* The dead kernel's struct page of a frame. */
bool ow_dead_page(unsigned long pfn, struct page *page);


/* Where something lies that another file keeps for itself, to compare dead
 * pointers with; 0 if there is no such thing (symbols.c).
 */
unsigned long ow_symbol(const char *name);

#endif /* _OTHERWORLD_READER_H */
