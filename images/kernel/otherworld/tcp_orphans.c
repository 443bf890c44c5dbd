// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections that no process has any more, but whose end the peer has not seen
 * yet, or may not have. They are made as those of processes are, and closed
 * once more, which in their states sends nothing: what was to be sent stands in
 * their queues. One in TIME_WAIT waits once more for what may still come.
 */
#include <linux/err.h>
#include <linux/list_nulls.h>
#include <linux/slab.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "sockets.h"

#define OW_MAX_BUCKETS	(1 << 20)
#define OW_MAX_SOCKETS	(1 << 20)
#define OW_HEADS	(PAGE_SIZE / sizeof(struct inet_ehash_bucket))

/* --- closing --- */

static bool ow_is_orphan(const struct sock *copy)
{
	return copy->sk_flags & BIT(SOCK_DEAD) &&
	       (1 << copy->sk_state) & (TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 |
					TCPF_CLOSING | TCPF_LAST_ACK);
}

/* Its file is closed with those that nobody holds (ow_forget_sockets()). */
static int ow_restore_orphan(const struct sock *dead)
{
	struct sock *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	struct ow_socket *s;
	int err = -ENOMEM;

	if (!copy)
		return err;
	err = ow_get(*copy, dead) ? 0 : -EUCLEAN;
	if (!err && ow_is_orphan(copy)) {
		s = ow_get_socket(dead);
		err = IS_ERR(s) ? PTR_ERR(s) : ow_fill_socket(s);
	}
	kfree(copy);
	return err;
}

/* --- TIME_WAIT --- */

static int ow_waiting_name(const struct inet_timewait_sock *dead, bool peer,
			   struct sockaddr_storage *to)
{
	struct sockaddr_in *name = (struct sockaddr_in *)to;
	struct sockaddr_in6 *name6 = (struct sockaddr_in6 *)to;
	__be16 port = peer ? dead->tw_dport : dead->tw_sport;

	memset(to, 0, sizeof(*to));
	to->ss_family = dead->tw_family;
	if (dead->tw_family == AF_INET6) {
		name6->sin6_port = port;
		name6->sin6_addr = peer ? dead->tw_v6_daddr :
					  dead->tw_v6_rcv_saddr;
		return sizeof(*name6);
	}
	name->sin_port = port;
	name->sin_addr.s_addr = peer ? dead->tw_daddr : dead->tw_rcv_saddr;
	return sizeof(*name);
}

static int ow_connect_again(struct socket *sock,
			    const struct tcp_timewait_sock *dead)
{
	struct tcp_sock *tp = tcp_sk(sock->sk);
	struct sockaddr_storage name;
	int len = ow_waiting_name(&dead->tw_sk, false, &name);
	int err = kernel_bind(sock, (struct sockaddr *)&name, len);

	if (err)
		return err;
	tp->repair = 1;
	tp->repair_queue = TCP_NO_QUEUE;
	WRITE_ONCE(tp->write_seq, dead->tw_snd_nxt);
	WRITE_ONCE(tp->rcv_nxt, dead->tw_rcv_nxt);
	len = ow_waiting_name(&dead->tw_sk, true, &name);
	err = kernel_connect(sock, (struct sockaddr *)&name, len, 0);
	tp->repair = 0;
	return err;
}

/* It waits as long as if it had just begun to. */
static void ow_wait_again(struct sock *sk, const struct tcp_timewait_sock *dead)
{
	struct tcp_sock *tp = tcp_sk(sk);

	lock_sock(sk);
	tp->rx_opt.ts_recent = dead->tw_ts_recent;
	tp->rx_opt.ts_recent_stamp = dead->tw_ts_recent_stamp;
	tp->rx_opt.rcv_wscale = dead->tw_sk.tw_rcv_wscale;
	tp->tsoffset = dead->tw_ts_offset;
	tp->rcv_wnd = dead->tw_rcv_wnd;
	tp->rcv_wup = dead->tw_rcv_nxt;
	tcp_time_wait(sk, dead->tw_sk.tw_substate, tcp_fin_time(sk));
	release_sock(sk);
}

static int ow_restore_waiting(const struct sock *dead)
{
	struct tcp_timewait_sock copy;
	struct inet_timewait_sock *tw = &copy.tw_sk;
	struct socket *sock;
	int err;

	if (!ow_get(copy, (struct tcp_timewait_sock *)dead) ||
	    (tw->tw_substate != TCP_TIME_WAIT &&
	     tw->tw_substate != TCP_FIN_WAIT2) ||
	    (tw->tw_family != AF_INET && tw->tw_family != AF_INET6))
		return -EUCLEAN;
	err = sock_create_kern(&init_net, tw->tw_family, SOCK_STREAM,
			       IPPROTO_TCP, &sock);
	if (err)
		return err;
	sock->sk->sk_reuse = SK_FORCE_REUSE;
	sock->sk->sk_ipv6only = tw->tw_ipv6only;
	if (tw->tw_bound_dev_if)
		sock->sk->sk_bound_dev_if = ow_interface(tw->tw_bound_dev_if);
	err = ow_connect_again(sock, &copy);
	if (!err) {
		sock->sk->sk_reuse = SK_CAN_REUSE;
		ow_wait_again(sock->sk, &copy);
	}
	sock_release(sock);
	return err;
}

/* --- all of them --- */

static int ow_visit_hashed(const struct sock *dead)
{
	const struct net *net;
	unsigned char state;

	if (!ow_get(state, &dead->__sk_common.skc_state) ||
	    !ow_get(net, &dead->sk_net.net))
		return -EUCLEAN;
	if (net != &init_net)
		return 0;
	if (state == TCP_NEW_SYN_RECV)
		return ow_restore_request(dead);
	if (state == TCP_SYN_RECV)
		return ow_restore_child(dead);
	return state == TCP_TIME_WAIT ? ow_restore_waiting(dead) :
					ow_restore_orphan(dead);
}

static void ow_walk_chain(const struct hlist_nulls_node *at, unsigned int *left)
{
	const struct sock *dead;
	int err;

	while (at && !is_a_nulls(at) && --*left) {
		dead = container_of(at, struct sock, sk_nulls_node);
		err = ow_visit_hashed(dead);
		if (err)
			ow_mark("network-lost connection=%#lx err=%d",
				ow_key(dead), err);
		if (!ow_get(at, &at->next))
			break;
	}
}

/* When the sockets of all processes are there, and none of them is closed. */
void ow_restore_orphans(void)
{
	struct inet_ehash_bucket *dead, *heads;
	const struct inet_hashinfo *hash = ow_dead_symbol(&tcp_hashinfo);
	unsigned int mask, i, j, left = OW_MAX_SOCKETS;

	heads = (void *)__get_free_page(GFP_KERNEL);
	if (!heads || !ow_get(dead, &hash->ehash) ||
	    !ow_get(mask, &hash->ehash_mask) || mask >= OW_MAX_BUCKETS)
		mask = 0;
	for (i = 0; mask && i <= mask; i += OW_HEADS) {
		unsigned int count = min_t(unsigned int, OW_HEADS, mask + 1 - i);

		if (!ow_read(heads, dead + i, count * sizeof(*heads)))
			break;
		for (j = 0; j < count; j++)
			ow_walk_chain(heads[j].chain.first, &left);
	}
	free_page((unsigned long)heads);
}
