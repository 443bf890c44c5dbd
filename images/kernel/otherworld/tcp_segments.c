// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segments to be sent. One that is on its way from what has not been sent to
 * what waits to be acknowledged, or that another has just been divided into, is
 * in no queue: what ran knows of it, by a register or a word of its stack. The
 * connection's account of memory says whether there is one, and how large.
 *
 * One that is damaged may be of the call that ran: its bytes are then in the
 * memory of who made that call, and, if its pages are not damaged, where they
 * were copied to. They count if both say the same.
 */
#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/sched/task_stack.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/tcp.h>

#include "sockets.h"
#include "syscalls.h"

#define OW_TREE_DEPTH	64

static int ow_walk_segments(const struct rb_node *dead,
			    int (*visit)(const struct sk_buff *dead, void *arg),
			    void *arg, int depth)
{
	struct rb_node node;
	int err;

	if (!dead)
		return 0;
	if (depth > OW_TREE_DEPTH || !ow_get(node, dead))
		return -EUCLEAN;
	err = ow_walk_segments(node.rb_left, visit, arg, depth + 1);
	if (!err)
		err = visit(container_of(dead, struct sk_buff, rbnode), arg);
	return err ?: ow_walk_segments(node.rb_right, visit, arg, depth + 1);
}

int ow_walk_sent(const struct sock *copy,
		 int (*visit)(const struct sk_buff *dead, void *arg), void *arg)
{
	return ow_walk_segments(copy->tcp_rtx_queue.rb_node, visit, arg, 0);
}

/* --- the account --- */

static int ow_take_off(const struct sk_buff *dead, void *arg)
{
	unsigned int truesize;
	int *left = arg;

	if (!ow_get(truesize, &dead->truesize))
		return -EUCLEAN;
	*left -= truesize;
	return 0;
}

/* Memory of segments that are in no queue; 0 or less if there are none. */
static int ow_memory_in_hand(const struct sock *sk, const struct sock *copy)
{
	int left = copy->sk_wmem_queued;

	if (ow_walk_sent(copy, ow_take_off, &left) ||
	    ow_walk_queue(&sk->sk_write_queue, ow_take_off, &left))
		return 0;
	return left;
}

/* --- the segment --- */

struct ow_segment {
	const struct sk_buff *found;
	const struct tcp_sock *tp;	/* the dead connection */
	u32 seq;			/* what it begins with */
	unsigned int truesize;
};

static bool ow_is_in_hand(const struct sk_buff *at, const struct ow_segment *s)
{
	unsigned int truesize, len;
	struct tcp_skb_cb cb;
	refcount_t users;

	if (!IS_ALIGNED((unsigned long)at, sizeof(long)) ||
	    !ow_get(truesize, &at->truesize) || truesize != s->truesize ||
	    !ow_get(users, &at->users) || refcount_read(&users) <= 0 ||
	    !ow_read(&cb, at->cb, sizeof(cb)) || !ow_get(len, &at->len))
		return false;
	return cb.seq == s->seq && !after(cb.end_seq, s->tp->write_seq) &&
	       len && cb.end_seq - cb.seq ==
		       len + hweight8(cb.tcp_flags & (TCPHDR_SYN | TCPHDR_FIN));
}

/* True when there is no more to look at. */
static bool ow_look_at_word(unsigned long word, struct ow_segment *s)
{
	if (ow_is_in_hand((const struct sk_buff *)word, s))
		s->found = (const struct sk_buff *)word;
	return s->found;
}

static void ow_look_at_stack(const unsigned long *at, struct ow_segment *s)
{
	unsigned int i;
	unsigned long word;

	for (i = 0; i < THREAD_SIZE / sizeof(word); i++)
		if (!ow_get(word, at + i) || ow_look_at_word(word, s))
			return;
}

const struct sk_buff *ow_segment_in_hand(const struct sock *sk,
					 const struct tcp_sock *copy, u32 seq)
{
	const struct ow_record *record = ow_dead_record();
	const unsigned long *regs;
	struct ow_segment s = { .tp = copy, .seq = seq };
	int left = ow_memory_in_hand(sk, &copy->inet_conn.icsk_inet.sk);
	unsigned int i;
	void *stack;

	if (!record || left <= 0)
		return NULL;
	s.truesize = left;
	regs = (const unsigned long *)&record->regs;
	for (i = 0; i < sizeof(record->regs) / sizeof(*regs); i++)
		if (ow_look_at_word(regs[i], &s))
			return s.found;
	ow_look_at_stack((const unsigned long *)(record->regs.sp & ~7UL), &s);
	/* In an interrupt that has a stack of its own? */
	if (!s.found && ow_dead_current() &&
	    ow_get(stack, &ow_dead_current()->stack))
		ow_look_at_stack(stack, &s);
	return s.found;
}

/* --- bytes of a call --- */

/* From where the call gets room for what it copies; see sk_page_frag(). */
static const struct page_frag *ow_page_frag(const struct ow_dead *d,
					    const struct sock *copy)
{
	const gfp_t reclaim = __GFP_DIRECT_RECLAIM | __GFP_FS;

	if (copy->sk_use_task_frag &&
	    (copy->sk_allocation & (reclaim | __GFP_MEMALLOC)) == reclaim)
		return &d->task->task_frag;
	return &copy->sk_frag;
}

/* Does it hold these bytes, the first of them so many before its end? */
static bool ow_frag_holds(const struct page_frag *frag, unsigned int behind,
			  const void *bytes, unsigned int len)
{
	struct page page;
	bool same = false;
	void *found;

	if (behind < len || behind > frag->offset || frag->offset > frag->size ||
	    frag->size > PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER ||
	    !ow_is_page(frag->page, &page))
		return false;
	found = kmalloc(len, GFP_KERNEL);
	if (found && ow_read(found, __va(PFN_PHYS(page_to_pfn(frag->page))) +
			     frag->offset - behind, len))
		same = !memcmp(found, bytes, len);
	kfree(found);
	return same;
}

static bool ow_is_sending(struct ow_dead *d, const struct sock *sk)
{
	const struct socket *socket;
	struct sock *called;

	if (!ow_load_call(d) || !ow_in_function(d, "tcp_sendmsg_locked"))
		return false;
	socket = ow_called_socket(d);
	return socket && ow_get(called, &socket->sk) && called == sk;
}

bool ow_read_being_sent(const struct sock *sk, const struct tcp_sock *copy,
			u32 seq, void *to, unsigned int len)
{
	struct ow_dead *d = ow_load_current();
	u32 behind = copy->write_seq - seq;
	bool known = false;
	long counted;

	if (d && ow_is_sending(d, sk)) {
		counted = ow_sent_so_far(d);
		known = counted > 0 && behind <= counted && len <= behind &&
			ow_read_buffers(d, counted - behind, to, len) &&
			ow_frag_holds(ow_page_frag(d, &copy->inet_conn.icsk_inet.sk),
				      behind, to, len);
	}
	ow_unload(d);
	return known;
}
