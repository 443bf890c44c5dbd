/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets. Each dead struct sock becomes one of ours, whether a descriptor,
 * a peer, a message under way or a listener's queue led to it. Those that
 * nobody who came back holds are closed before the gate opens, as if the
 * others had ended: their peers see what they would have seen then.
 */
#ifndef _OTHERWORLD_SOCKETS_H
#define _OTHERWORLD_SOCKETS_H

#include <linux/list.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "resurrect.h"

/* Entries of one queue. */
#define OW_MAX_QUEUE	65536

struct ow_socket {
	struct list_head unfilled;	/* while it is an empty one */
	const struct sock *dead;
	struct socket *sock;		/* ours, and its file */
	struct file *file;
	struct sock *sk;
	int err;			/* why it is not what it was */
	bool reset;			/* is to be ended at the gate */
};

/* --- sockets.c --- */
/* Ours for a dead one; what is in it may come later. */
struct ow_socket *ow_get_socket(const struct sock *dead);
/* The same if it has been made already; NULL if not. */
struct ow_socket *ow_find_socket(const struct sock *dead);
/* Now, for those who cannot wait; its error. */
int ow_fill_socket(struct ow_socket *s);
/* The struct socket of a dead one; false if it has none. */
bool ow_read_socket(const struct sock *dead, struct socket *copy);
/* Options every socket has. @copy is of the dead one. */
void ow_restore_options(struct ow_socket *s, const struct sock *copy);
/* Who the dead struct pid was; holds a reference, NULL for nobody. */
struct pid *ow_restore_pid(const struct pid *dead);

/* --- skb.c --- */
/* Visit a queue in its order, even if who died was about to change it. */
int ow_walk_queue(const struct sk_buff_head *queue,
		  int (*visit)(const struct sk_buff *dead, void *arg),
		  void *arg);
/* One of ours with the bytes of a dead one, and room in front of them. */
struct sk_buff *ow_copy_skb(const struct sk_buff *dead, unsigned int reserve);
/* The same with its first @len bytes; what is behind them may be half made. */
struct sk_buff *ow_copy_skb_part(const struct sk_buff *dead,
				 unsigned int reserve, unsigned int len);

/* Does it point to a struct page of the dead kernel? That becomes @copy. */
bool ow_is_page(const struct page *at, struct page *copy);

/* --- unix.c --- */
int ow_fill_unix(struct ow_socket *s);

/* --- tcp.c --- */
int ow_fill_tcp(struct ow_socket *s);
/* A name of a dead socket, its own or that of the peer; its length. */
int ow_inet_name(const struct sock *dead, bool peer,
		 struct sockaddr_storage *to);
/* Into the queue of one of our listeners. */
int ow_restore_unaccepted(struct sock *listener, const struct sock *dead);
/* Options of IPv4. */
void ow_restore_inet(struct sock *sk, const struct inet_sock *dead);
void ow_start_tcp(struct sock *sk);
/* At the open gate: end a connection for both ends. */
void ow_reset_tcp(struct sock *sk);

/* --- tcp_segments.c --- */
/* Visit what a dead connection has sent, and waits for the acknowledgement of,
 * in the order of sequence numbers.
 */
int ow_walk_sent(const struct sock *copy,
		 int (*visit)(const struct sk_buff *dead, void *arg),
		 void *arg);
/* The segment of the dead connection @sk that begins with @seq and is in no queue,
 * because what ran was moving it; NULL if there is none.
 */
const struct sk_buff *ow_segment_in_hand(const struct sock *sk,
					 const struct tcp_sock *copy, u32 seq);
/* Bytes of the dead connection @sk that the call which ran was just sending. */
bool ow_read_being_sent(const struct sock *sk, const struct tcp_sock *copy,
			u32 seq, void *to, unsigned int len);

/* --- tcp_received.c --- */
/* @len bytes from @seq on that the dead connection has received, from the packets
 * they came in; NULL if not all of them are there. The peer's FIN is counted in
 * @len before, and not afterwards. To be freed by kvfree().
 */
void *ow_find_received(const struct tcp_sock *dead, u32 seq, u32 *len);
/* The same of what it has sent, and of no FIN. */
void *ow_find_sent(const struct tcp_sock *dead, u32 seq, u32 len);

/* --- tcp_orphans.c --- */
void ow_restore_orphans(void);

/* --- tcp_requests.c --- */
/* When all listeners are there. */
int ow_restore_request(const struct sock *dead);
/* A request that became a connection, and perhaps came into no queue. */
int ow_restore_child(const struct sock *dead);

/* --- syscalls_accept.c --- */
/* What accept() had taken out of the queue of a dead listener, but had not
 * given to its process yet, when it was what ran; NULL if nothing.
 */
const struct sock *ow_connection_in_hand(const struct sock *listener);

/* --- syscalls_message.c --- */
/* The message that a call had taken out of the queue of a dead socket, and that
 * its process has not got; NULL if there is none.
 */
const struct sk_buff *ow_message_in_hand(const struct sock *sk);
/* The last in a dead queue, or the queue if it is empty; NULL if damaged. */
const struct sk_buff *ow_last_in_queue(const struct sk_buff_head *queue);

/* --- udp.c --- */
int ow_fill_udp(struct ow_socket *s);

#endif /* _OTHERWORLD_SOCKETS_H */
