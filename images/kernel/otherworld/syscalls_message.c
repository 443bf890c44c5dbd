// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: datagrams, and what SOCK_SEQPACKET sends. Each is moved as a whole.
 *
 * One that a call had taken out of its queue, and not freed yet, is known to
 * nobody but the call, and whole: it goes back to the head of the queue, and
 * the call is issued again. Once it is being freed, only the answer is missing.
 * One that is being sent is in the queue, or nobody knows of it.
 */
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/af_unix.h>
#include <net/scm.h>
#include <asm/sections.h>
#include <asm/unistd.h>

#include "sockets.h"
#include "syscalls.h"

/* Who takes a message out of a queue, and what it frees it by in the end. */
static const struct ow_end ow_receivers[] = {
	{ "__unix_dgram_recvmsg", "skb_free_datagram" },
	{ "udp_recvmsg", "skb_consume_udp" },
	{ "udpv6_recvmsg", "skb_consume_udp" },
};

static const char ow_sender[] = "unix_dgram_sendmsg";

static const struct ow_end *ow_receiver(struct ow_dead *d)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ow_receivers); i++)
		if (ow_in_function(d, ow_receivers[i].caller))
			return &ow_receivers[i];
	return NULL;
}

bool ow_moves_message(struct ow_dead *d)
{
	return ow_receiver(d) || ow_in_function(d, ow_sender);
}

/* --- queues --- */

static int ow_is_buffer(const struct sk_buff *at, void *arg)
{
	return at == arg;
}

static int ow_note_buffer(const struct sk_buff *at, void *arg)
{
	*(const struct sk_buff **)arg = at;
	return 0;
}

const struct sk_buff *ow_last_in_queue(const struct sk_buff_head *queue)
{
	const struct sk_buff *last = (const struct sk_buff *)queue;

	return ow_walk_queue(queue, ow_note_buffer, &last) ? NULL : last;
}

/* --- descriptors that are in no message any more --- */

static bool ow_are_files(unsigned long word)
{
	const struct scm_fp_list *list = (const struct scm_fp_list *)word;
	const struct file_operations *operations;
	struct file *file;
	short count, max, i;

	if (!word || !IS_ALIGNED(word, sizeof(word)) ||
	    !ow_get(count, &list->count) || !ow_get(max, &list->max) ||
	    count <= 0 || count > max || max > SCM_MAX_FD)
		return false;
	for (i = 0; i < count; i++)
		if (!ow_get(file, &list->fp[i]) || !file ||
		    !ow_get(operations, &file->f_op) ||
		    (unsigned long)operations < (unsigned long)__start_rodata ||
		    (unsigned long)operations >= (unsigned long)__end_rodata)
			return false;
	return true;
}

bool ow_holds_files(struct ow_dead *d, const char *function)
{
	const unsigned long *regs = (const unsigned long *)&d->kernel;
	struct ow_frame frame;
	unsigned long word, at;
	unsigned int i;

	for (i = 0; i < sizeof(d->kernel) / sizeof(word); i++)
		if (ow_are_files(regs[i]))
			return true;
	if (!ow_frame_of(d, function, &frame))
		return false;
	for (at = frame.low; at < frame.high; at += sizeof(word))
		if (ow_get(word, (unsigned long *)at) && ow_are_files(word))
			return true;
	return false;
}

/* --- receiving --- */

static bool ow_is_queued(const struct sk_buff *skb, const struct sock *sk)
{
	const struct udp_sock *udp = (const struct udp_sock *)sk;
	u16 protocol;

	return ow_walk_queue(&sk->sk_receive_queue, ow_is_buffer, (void *)skb) ||
	       (ow_get(protocol, &sk->sk_protocol) && protocol == IPPROTO_UDP &&
		ow_walk_queue(&udp->reader_queue, ow_is_buffer, (void *)skb));
}

static const struct sk_buff *ow_taken(struct ow_dead *d, const struct sock *sk)
{
	const struct ow_end *r = ow_receiver(d);
	unsigned long skb;

	if (!r || !ow_will_call(d, r->callee, &skb) || !skb ||
	    ow_is_queued((struct sk_buff *)skb, sk))
		return NULL;
	return (struct sk_buff *)skb;
}

/* Does it receive one message from that socket? */
static bool ow_receives(struct ow_dead *d, const struct sock *sk)
{
	const struct socket *socket;
	struct sock *called;

	if (!d->was_current || !ow_load_call(d))
		return false;
	switch (d->regs.orig_ax) {
	case __NR_read:
	case __NR_readv:
	case __NR_recvfrom:
	case __NR_recvmsg:
		socket = ow_called_socket(d);
		return socket && ow_get(called, &socket->sk) && called == sk;
	default:
		return false;
	}
}

const struct sk_buff *ow_message_in_hand(const struct sock *sk)
{
	struct ow_dead *d = ow_load_current();
	const struct sk_buff *taken = NULL;

	if (d && ow_receives(d, sk))
		taken = ow_taken(d, sk);
	ow_unload(d);
	return taken;
}

static void ow_rest_or_refuse(struct ow_dead *d, const char *reason)
{
	struct ow_rest rest;

	if (ow_foretell(d, NULL, &rest))
		ow_answer_rest(d, &rest);
	else
		ow_refuse(d, reason);
}

/* What comes along leaves the message before that is freed. */
static bool ow_asks_for_files(struct ow_dead *d)
{
	struct user_msghdr msg;

	return d->regs.orig_ax == __NR_recvmsg &&
	       (!ow_read_user(d, &msg, d->regs.si, sizeof(msg)) ||
		msg.msg_controllen);
}

static void ow_message_received(struct ow_dead *d, const struct ow_end *r)
{
	unsigned long skb;

	if (ow_asks_for_files(d))
		ow_refuse(d, "read");
	else if (!ow_will_call(d, r->callee, &skb))
		ow_rest_or_refuse(d, "read");
	else if (skb && ow_holds_files(d, r->caller))
		ow_refuse(d, "read");
	else
		ow_again_or(d, -EINTR);
}

/* --- sending --- */

/* skb_queue_tail() calls nothing: its arguments stay where they are. */
static void ow_message_queued(struct ow_dead *d)
{
	const struct sk_buff_head *queue = (struct sk_buff_head *)d->kernel.di;
	struct sk_buff *skb = (struct sk_buff *)d->kernel.si;
	const struct socket *socket = ow_called_socket(d);
	struct sock *sk, *from;

	if (!socket || !ow_get(sk, &socket->sk) || !ow_get(from, &skb->sk) ||
	    sk != from)
		ow_refuse(d, "write");
	else if (ow_walk_queue(queue, ow_is_buffer, skb) == 1)
		ow_rest_or_refuse(d, "write");
	else
		ow_again_or(d, -EINTR);
}

static void ow_message_sent(struct ow_dead *d)
{
	if (ow_ip_in(ow_callee_of(d, ow_sender), "skb_queue_tail"))
		ow_message_queued(d);
	else if (ow_may_call(d, ow_sender, "skb_queue_tail"))
		ow_again_or(d, -EINTR);
	else
		ow_rest_or_refuse(d, "write");
}

void ow_rule_message(struct ow_dead *d)
{
	const struct ow_end *r = ow_receiver(d);

	if (r)
		ow_message_received(d, r);
	else
		ow_message_sent(d);
}
