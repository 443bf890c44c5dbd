// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket buffers. What a dead one holds lies in its linear part, in page
 * fragments, and in further buffers that hang on it; ours gets the same bytes.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/skbuff.h>

#include "sockets.h"

/* Bytes of one buffer, and how many others may hang on it. */
#define OW_MAX_SKB	SZ_1M
#define OW_MAX_CHAIN	64
/* What is put into the linear part of ours; the rest into pages. */
#define OW_SKB_LINEAR	2048

/* Where in ours the next byte goes. */
struct ow_skb_copy {
	struct sk_buff *to;
	unsigned int at;
	void *page;
};

/* What the dead one has more than its length says was on its way into it. */
static int ow_store(struct ow_skb_copy *c, const void *bytes, unsigned int len)
{
	len = min_t(unsigned int, len, c->to->len - c->at);
	if (skb_store_bits(c->to, c->at, bytes, len))
		return -EUCLEAN;
	c->at += len;
	return 0;
}

static int ow_copy_linear(struct ow_skb_copy *c, const unsigned char *dead,
			  unsigned int len)
{
	while (len) {
		unsigned int part = min_t(unsigned int, len, PAGE_SIZE);

		if (!ow_read(c->page, dead, part) || ow_store(c, c->page, part))
			return -EUCLEAN;
		dead += part;
		len -= part;
	}
	return 0;
}

/* A fragment may be of several pages, one behind the other. */
static int ow_copy_frag(struct ow_skb_copy *c, const skb_frag_t *frag)
{
	unsigned long pfn = page_to_pfn(skb_frag_page(frag)) +
			    PFN_DOWN(skb_frag_off(frag));
	unsigned int offset = offset_in_page(skb_frag_off(frag));
	unsigned int len = skb_frag_size(frag);

	for (; len; pfn++, offset = 0) {
		unsigned int part = min_t(unsigned int, len,
					  PAGE_SIZE - offset);

		if (!ow_read_frame(c->page, pfn) ||
		    ow_store(c, c->page + offset, part))
			return -EUCLEAN;
		len -= part;
	}
	return 0;
}

/* --- fragments --- */

bool ow_is_page(const struct page *at, struct page *copy)
{
	return (unsigned long)at >= VMEMMAP_START &&
	       IS_ALIGNED((unsigned long)at, sizeof(*at)) &&
	       page_to_pfn(at) < max_pfn && ow_dead_page(page_to_pfn(at), copy);
}

/* Can it be shared information? @len: of its fragments. */
static bool ow_is_shared_info(const struct skb_shared_info *shared,
			      unsigned int *len)
{
	struct sk_buff *next;
	struct page page;
	unsigned int i;

	*len = 0;
	if (shared->nr_frags > MAX_SKB_FRAGS)
		return false;
	for (i = 0; i < shared->nr_frags; i++) {
		if (!ow_is_page(skb_frag_page(&shared->frags[i]), &page))
			return false;
		*len += skb_frag_size(&shared->frags[i]);
	}
	return !shared->frag_list || ow_get(next, &shared->frag_list->next);
}

/*
 * What stands before the fragments can be overwritten, the end of a buffer being
 * what the next object in memory begins with, and the fragments be there still.
 * They must be pages in use, and together as long as the buffer says.
 */
static int ow_mend_shared_info(const struct sk_buff *copy,
			       struct skb_shared_info *shared)
{
	unsigned int i, len = 0;
	struct page page;

	for (i = 0; i < MAX_SKB_FRAGS && len < copy->data_len; i++) {
		const skb_frag_t *frag = &shared->frags[i];

		if (!ow_is_page(skb_frag_page(frag), &page) ||
		    page_ref_count(&page) <= 0 || !skb_frag_size(frag) ||
		    skb_frag_size(frag) > copy->data_len - len)
			return -EUCLEAN;
		len += skb_frag_size(frag);
	}
	if (len != copy->data_len)
		return -EUCLEAN;
	shared->nr_frags = i;
	shared->frag_list = NULL;
	return 0;
}

/*
 * The fragments have the bytes that are not in the linear part, unless further
 * buffers hang on it. A piece that is just being added is in the buffer's length
 * before it is in a fragment: what is not there is not copied.
 */
static int ow_read_shared_info(const struct sk_buff *copy,
			       struct skb_shared_info *shared)
{
	unsigned int len;
	bool possible;

	if (!ow_get(*shared,
		    (struct skb_shared_info *)(copy->head + copy->end)))
		return -EUCLEAN;
	possible = ow_is_shared_info(shared, &len);
	if (possible && (shared->frag_list || len >= copy->data_len))
		return 0;
	return !ow_mend_shared_info(copy, shared) || possible ? 0 : -EUCLEAN;
}

static int ow_copy_buffers(struct ow_skb_copy *c, const struct sk_buff *dead,
			   int depth)
{
	struct sk_buff *chained;
	struct skb_shared_info *shared;
	struct sk_buff copy;
	int i, err;

	if (depth > 1 || !ow_get(copy, dead) || copy.data_len > copy.len)
		return -EUCLEAN;
	/* Both lengths change one after the other. */
	if (copy.data - copy.head + copy.len - copy.data_len != copy.tail)
		return -EUCLEAN;
	shared = kmalloc(sizeof(*shared), GFP_KERNEL);
	if (!shared)
		return -ENOMEM;
	err = ow_read_shared_info(&copy, shared);
	if (err)
		goto out;
	err = ow_copy_linear(c, copy.data, copy.len - copy.data_len);
	for (i = 0; !err && i < shared->nr_frags; i++)
		err = ow_copy_frag(c, &shared->frags[i]);
	chained = shared->frag_list;
	for (i = 0; !err && chained; i++) {
		err = i < OW_MAX_CHAIN ? ow_copy_buffers(c, chained, depth + 1) :
					 -EUCLEAN;
		if (!err && !ow_get(chained, &chained->next))
			err = -EUCLEAN;
	}
out:
	kfree(shared);
	return err;
}

struct sk_buff *ow_copy_skb(const struct sk_buff *dead, unsigned int reserve)
{
	unsigned int len;

	return ow_get(len, &dead->len) ? ow_copy_skb_part(dead, reserve, len) :
					 ERR_PTR(-EUCLEAN);
}

struct sk_buff *ow_copy_skb_part(const struct sk_buff *dead,
				 unsigned int reserve, unsigned int len)
{
	struct ow_skb_copy c = {};
	unsigned int whole, linear;
	int err = 0;

	if (!ow_get(whole, &dead->len) || whole > OW_MAX_SKB || len > whole)
		return ERR_PTR(-EUCLEAN);
	linear = min_t(unsigned int, len, OW_SKB_LINEAR);
	/* Whole pages, as few as that takes. */
	c.to = alloc_skb_with_frags(reserve + linear, len - linear,
				    PAGE_ALLOC_COSTLY_ORDER, &err, GFP_KERNEL);
	if (!c.to)
		return ERR_PTR(err);
	skb_reserve(c.to, reserve);
	skb_put(c.to, linear);
	c.to->data_len = len - linear;
	c.to->len = len;
	c.page = (void *)__get_free_page(GFP_KERNEL);
	err = c.page ? ow_copy_buffers(&c, dead, 0) : -ENOMEM;
	if (!err && c.at != len)
		err = -EUCLEAN;
	free_page((unsigned long)c.page);
	if (!err)
		return c.to;
	kfree_skb(c.to);
	return ERR_PTR(err);
}

/* --- queues --- */

struct ow_queue {
	const struct list_head **entries;
	unsigned int count, limit;
};

static int ow_visit_entry(struct list_head *node, void *arg)
{
	struct ow_queue *q = arg;

	if (q->count == q->limit)
		return -EUCLEAN;
	q->entries[q->count++] = node;
	return 0;
}

/* Entries behind a break were visited from the end. */
static int ow_order_entries(struct ow_queue *q, const struct list_head *head)
{
	const struct list_head *before = head, *prev;
	unsigned int first, last;

	for (first = 0; first < q->count; first++) {
		if (!ow_get(prev, &q->entries[first]->prev))
			return -EUCLEAN;
		if (prev != before)
			break;
		before = q->entries[first];
	}
	for (last = q->count; first + 1 < last; first++)
		swap(q->entries[first], q->entries[--last]);
	return 0;
}

int ow_walk_queue(const struct sk_buff_head *queue,
		  int (*visit)(const struct sk_buff *dead, void *arg),
		  void *arg)
{
	const struct list_head *head = (const struct list_head *)queue;
	struct ow_queue q = {};
	unsigned int i, length;
	int err;

	if (!ow_get(length, &queue->qlen) || length > OW_MAX_QUEUE)
		return -EUCLEAN;
	/* One more, or less, may be linked than has been counted. */
	q.limit = length + 1;
	q.entries = kvmalloc_array(q.limit, sizeof(*q.entries), GFP_KERNEL);
	if (!q.entries)
		return -ENOMEM;
	ow_walk_list(head, q.limit, ow_visit_entry, &q);
	err = q.count + 1 < length ? -EUCLEAN : ow_order_entries(&q, head);
	for (i = 0; !err && i < q.count; i++)
		err = visit((const struct sk_buff *)q.entries[i], arg);
	kvfree(q.entries);
	return err;
}
