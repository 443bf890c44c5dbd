// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks over the dead kernel's containers. The kernel's own iterators trust
 * what they follow; these check every link and bound every walk.
 */
#include <linux/mm.h>

#include "otherworld.h"
#include "reader.h"

/* The far side of a broken list: from the end back to the break. */
static void ow_walk_back(const struct list_head *head,
			 const struct list_head *stop, unsigned int limit,
			 int (*visit)(struct list_head *node, void *arg),
			 void *arg)
{
	const struct list_head *at = head;
	struct list_head link;

	if (!ow_get(link, head))
		return;
	while (link.prev != head && link.prev != stop) {
		const struct list_head *prev = link.prev;

		if (!limit-- || !ow_get(link, prev) || link.next != at ||
		    visit((struct list_head *)prev, arg))
			return;
		at = prev;
	}
}

int ow_walk_list(const struct list_head *head, unsigned int limit,
		 int (*visit)(struct list_head *node, void *arg), void *arg)
{
	const struct list_head *at = head;
	unsigned int back = limit;
	struct list_head link;
	int ret;

	if (!ow_get(link, head))
		return -EUCLEAN;
	while (link.next != head) {
		const struct list_head *next = link.next;

		if (!limit-- || !ow_get(link, next) || link.prev != at) {
			ow_walk_back(head, at, back, visit, arg);
			return -EUCLEAN;
		}
		ret = visit((struct list_head *)next, arg);
		if (ret)
			return ret;
		at = next;
	}
	return 0;
}

/* Nodes that wait while a tree is walked, from above. */
#define OW_TREE_DEPTH	64

int ow_walk_tree(const struct rb_root *root, unsigned int limit,
		 int (*visit)(const struct rb_node *node, void *arg),
		 void *arg)
{
	const struct rb_node *stack[OW_TREE_DEPTH], *node;
	unsigned int depth = 0;
	struct rb_node copy;
	int ret;

	if (!ow_get(node, &root->rb_node))
		return -EUCLEAN;
	if (node)
		stack[depth++] = node;
	while (depth) {
		node = stack[--depth];
		if (!limit-- || depth + 2 > OW_TREE_DEPTH ||
		    !ow_get(copy, node))
			return -EUCLEAN;
		ret = visit(node, arg);
		if (ret)
			return ret;
		if (copy.rb_left)
			stack[depth++] = copy.rb_left;
		if (copy.rb_right)
			stack[depth++] = copy.rb_right;
	}
	return 0;
}

/* --- xarray --- */

static void *ow_xa_slot(const struct xa_node *node, unsigned int slot)
{
	void *entry;

	return ow_get(entry, &node->slots[slot]) ? entry : NULL;
}

static bool ow_xa_node(void *entry, unsigned int shift, struct xa_node **node)
{
	unsigned char got;

	*node = xa_to_node(entry);
	return ow_get(got, &(*node)->shift) && got == shift;
}

/* The root node and its shift, NULL if the tree has none. */
static struct xa_node *ow_xa_root(const struct xarray *xa, void **head,
				  unsigned int *shift)
{
	struct xa_node *node;
	unsigned char got;

	if (!ow_get(*head, &xa->xa_head) || !xa_is_node(*head))
		return NULL;
	node = xa_to_node(*head);
	if (!ow_get(got, &node->shift) || got % XA_CHUNK_SHIFT ||
	    got >= BITS_PER_LONG)
		return NULL;
	*shift = got;
	return node;
}

/* The marks of a tree that is a single entry stand in its flags. */
static unsigned int ow_xa_root_marks(const struct xarray *xa)
{
	unsigned int mark, marks = 0;
	gfp_t flags;

	if (!ow_get(flags, &xa->xa_flags))
		return 0;
	for (mark = 0; mark < XA_MAX_MARKS; mark++)
		if (flags & XA_FLAGS_MARK((__force xa_mark_t)mark))
			marks |= BIT(mark);
	return marks;
}

#define OW_XA_DEPTH	DIV_ROUND_UP(BITS_PER_LONG, XA_CHUNK_SHIFT)

/* The entries of one lowest node, which is read as a whole: page caches have
 * many. What cannot be read in it is missing, as elsewhere in the tree.
 */
static int ow_walk_xa_leaf(const struct xa_node *node, unsigned long index,
			   unsigned int *limit,
			   int (*visit)(unsigned long index, void *entry,
					unsigned int marks, void *arg),
			   void *arg)
{
	unsigned int slot, mark, marks;
	struct xa_node copy;
	int ret;

	if (!ow_get(copy, node))
		return 0;
	for (slot = 0; slot < XA_CHUNK_SIZE; slot++) {
		if (!copy.slots[slot] || xa_is_sibling(copy.slots[slot]))
			continue;
		if (!(*limit)--)
			return -EUCLEAN;
		marks = 0;
		for (mark = 0; mark < XA_MAX_MARKS; mark++)
			if (test_bit(slot, copy.marks[mark]))
				marks |= BIT(mark);
		ret = visit(index | slot, copy.slots[slot], marks, arg);
		if (ret)
			return ret;
	}
	return 0;
}

int ow_walk_xarray(const struct xarray *xa, unsigned int limit,
		   int (*visit)(unsigned long index, void *entry,
				unsigned int marks, void *arg), void *arg)
{
	struct { struct xa_node *node; unsigned int slot; } path[OW_XA_DEPTH];
	unsigned int shift = 0, level = 0;
	unsigned long index = 0;
	void *entry = NULL;
	int ret;

	path[0].node = ow_xa_root(xa, &entry, &shift);
	path[0].slot = 0;
	if (!path[0].node)
		return !entry ? 0 : xa_is_node(entry) ? -EUCLEAN :
		       visit(0, entry, ow_xa_root_marks(xa), arg);
	if (!shift)
		return ow_walk_xa_leaf(path[0].node, 0, &limit, visit, arg);
	for (;;) {
		unsigned int slot = path[level].slot++;

		if (slot == XA_CHUNK_SIZE) {
			if (!level--)
				return 0;
			shift += XA_CHUNK_SHIFT;
			continue;
		}
		entry = ow_xa_slot(path[level].node, slot);
		if (!entry || xa_is_sibling(entry))
			continue;
		index &= ~((XA_CHUNK_MASK << shift) |
			   ((1UL << shift) - 1));
		index |= (unsigned long)slot << shift;
		if (!limit-- || !xa_is_node(entry) ||
		    !ow_xa_node(entry, shift - XA_CHUNK_SHIFT,
				&path[level + 1].node))
			return -EUCLEAN;
		if (shift > XA_CHUNK_SHIFT) {
			shift -= XA_CHUNK_SHIFT;
			path[++level].slot = 0;
			continue;
		}
		ret = ow_walk_xa_leaf(path[level + 1].node, index, &limit,
				      visit, arg);
		if (ret)
			return ret;
	}
}

static unsigned int ow_marks_of(const struct page *page)
{
	return (PageDirty(page) ? BIT(PAGECACHE_TAG_DIRTY) : 0) |
	       (PageWriteback(page) ? BIT(PAGECACHE_TAG_WRITEBACK) : 0);
}

/* Of a frame, if it is in memory the dead kernel had. */
static bool ow_is_page_of(const struct address_space *mapping,
			  unsigned long pfn, struct page *page)
{
	return ow_dead_frame(pfn) && ow_dead_page(pfn, page) &&
	       !PageCompound(page) && page->mapping == mapping;
}

int ow_scan_pages(const struct address_space *mapping,
		  int (*visit)(unsigned long index, void *entry,
			       unsigned int marks, void *arg), void *arg)
{
	unsigned long pfn, index;
	struct xarray found;
	struct page page;
	void *value;
	int err = 0;

	xa_init(&found);
	for (pfn = 0; pfn < max_pfn && !err; pfn++)
		if (ow_is_page_of(mapping, pfn, &page))
			err = xa_insert(&found, page.index, xa_mk_value(pfn),
					GFP_KERNEL);
	if (err == -EBUSY)
		err = -EUCLEAN;
	if (!err)
		xa_for_each(&found, index, value) {
			pfn = xa_to_value(value);
			err = ow_dead_page(pfn, &page) ?
			      visit(index, pfn_to_page(pfn), ow_marks_of(&page),
				    arg) : 0;
			if (err)
				break;
		}
	xa_destroy(&found);
	return err;
}

void *ow_xarray_load(const struct xarray *xa, unsigned long index)
{
	struct xa_node *node;
	unsigned int shift;
	void *entry;

	node = ow_xa_root(xa, &entry, &shift);
	if (!node)
		return index || xa_is_node(entry) ? NULL : entry;
	if (shift + XA_CHUNK_SHIFT < BITS_PER_LONG &&
	    index >> (shift + XA_CHUNK_SHIFT))
		return NULL;
	for (;;) {
		entry = ow_xa_slot(node, index >> shift & XA_CHUNK_MASK);
		if (!shift)
			return entry;
		shift -= XA_CHUNK_SHIFT;
		if (!xa_is_node(entry) || !ow_xa_node(entry, shift, &node))
			return NULL;
	}
}

/* --- maple tree --- */

struct ow_maple {
	unsigned int limit;
	int (*visit)(unsigned long first, unsigned long last, void *entry,
		     void *arg);
	void *arg;
};

#define OW_MAPLE_DEPTH	10

/* Type and arrays of a node; false if it is no node of a VMA tree. */
static bool ow_maple_arrays(void *enode, bool *leaf, unsigned int *slots,
			    const unsigned long **pivot, void *const **slot)
{
	const struct maple_node *node =
		(void *)((unsigned long)enode & ~255UL);

	*leaf = false;
	switch ((unsigned long)enode >> 3 & 15) {
	case maple_leaf_64:
		*leaf = true;
		fallthrough;
	case maple_range_64:
		*slots = MAPLE_RANGE64_SLOTS;
		*pivot = node->mr64.pivot;
		*slot = (void *const *)node->mr64.slot;
		return true;
	case maple_arange_64:
		*slots = MAPLE_ARANGE64_SLOTS;
		*pivot = node->ma64.pivot;
		*slot = (void *const *)node->ma64.slot;
		return true;
	}
	return false;
}

static int ow_maple_node(struct ow_maple *w, void *enode, unsigned long min,
			 unsigned long max, int depth)
{
	const unsigned long *pivot;
	unsigned int i, slots;
	void *const *slot;
	bool leaf;

	if (depth > OW_MAPLE_DEPTH ||
	    !ow_maple_arrays(enode, &leaf, &slots, &pivot, &slot))
		return -EUCLEAN;
	for (i = 0; i < slots; i++) {
		unsigned long last = max;
		void *entry;
		int ret = 0;

		if (i < slots - 1 && !ow_get(last, &pivot[i]))
			return -EUCLEAN;
		/* A zero pivot after the first ends the node. */
		if (i && !last)
			last = max;
		if (last < min || last > max || !w->limit-- ||
		    !ow_get(entry, &slot[i]))
			return -EUCLEAN;
		if (leaf && entry)
			ret = w->visit(min, last, entry, w->arg);
		else if (!leaf)
			ret = ow_maple_node(w, entry, min, last, depth + 1);
		if (ret)
			return ret;
		if (last == max)
			return 0;
		min = last + 1;
	}
	return -EUCLEAN;
}

int ow_walk_maple(const struct maple_tree *mt, unsigned int limit,
		  int (*visit)(unsigned long first, unsigned long last,
			       void *entry, void *arg), void *arg)
{
	struct ow_maple w = { .limit = limit, .visit = visit, .arg = arg };
	void *root;

	if (!ow_get(root, &mt->ma_root))
		return -EUCLEAN;
	if (!root)
		return 0;
	if (!xa_is_node(root))
		return visit(0, 0, root, arg);
	return ow_maple_node(&w, root, 0, ULONG_MAX, 0);
}

/* --- page tables --- */

struct ow_ptes {
	unsigned long start, end;
	int (*visit)(unsigned long addr, pte_t pte, void *arg);
	void *arg;
};

/* Entries that are read at a time: most of a table is empty or wanted. */
#define OW_PTES_AT_ONCE	64

static int ow_walk_table(struct ow_ptes *w, const u64 *table,
			 unsigned long base, unsigned int shift);

static int ow_walk_entry(struct ow_ptes *w, u64 entry, unsigned long addr,
			 unsigned int shift)
{
	if (!entry)
		return 0;
	if (shift == PAGE_SHIFT)
		return w->visit(addr, __pte(entry), w->arg);
	if (!(entry & _PAGE_PRESENT) || entry & _PAGE_PSE)
		return -EUCLEAN;
	return ow_walk_table(w, __va(entry & PTE_PFN_MASK), addr, shift - 9);
}

static int ow_walk_table(struct ow_ptes *w, const u64 *table,
			 unsigned long base, unsigned int shift)
{
	unsigned int first = max(w->start, base) >> shift & 511;
	unsigned int last = min(w->end - 1, base + (512UL << shift) - 1) >>
			    shift & 511;
	u64 entries[OW_PTES_AT_ONCE];
	unsigned int i, at;
	int ret;

	for (; first <= last; first += at) {
		at = min_t(unsigned int, last + 1 - first, OW_PTES_AT_ONCE);
		if (!IS_ALIGNED((unsigned long)table, PAGE_SIZE) ||
		    !ow_read(entries, table + first, at * sizeof(*entries)))
			return -EUCLEAN;
		for (i = 0; i < at; i++) {
			ret = ow_walk_entry(w, entries[i],
					    base + ((unsigned long)(first + i)
						    << shift), shift);
			if (ret)
				return ret;
		}
	}
	return 0;
}

int ow_walk_ptes(const pgd_t *pgd, unsigned long start, unsigned long end,
		 int (*visit)(unsigned long addr, pte_t pte, void *arg),
		 void *arg)
{
	struct ow_ptes w = {
		.start = start, .end = end, .visit = visit, .arg = arg,
	};

	if (start >= end || end > TASK_SIZE_MAX)
		return -EUCLEAN;
	return ow_walk_table(&w, (const u64 *)pgd, 0, PGDIR_SHIFT);
}
