// SPDX-License-Identifier: GPL-2.0-only
/* UDP sockets, with the datagrams nobody has received yet. */
#include <linux/err.h>
#include <linux/slab.h>
#include <net/tcp_states.h>
#include <net/udp.h>

#include "sockets.h"

/* The headers in front of a datagram, options and all. */
#define OW_MAX_HEADERS	256

struct ow_udp {
	struct ow_socket *to;
	struct udp_sock dead;
};

/*
 * The sender's name is read off the headers in front of the data. Checksums
 * have been looked at when the datagram came in.
 */
static int ow_restore_headers(struct sk_buff *skb, const struct sk_buff *dead)
{
	const unsigned char *network = dead->head + dead->network_header;
	const unsigned char *transport = dead->head + dead->transport_header;
	size_t size = dead->data - network;

	if (size > OW_MAX_HEADERS || transport < network ||
	    transport + sizeof(struct udphdr) > dead->data ||
	    !ow_read(skb->data - size, network, size))
		return -EUCLEAN;
	skb_set_network_header(skb, -(int)size);
	skb_set_transport_header(skb, -(int)(dead->data - transport));
	memcpy(skb->cb, dead->cb, sizeof(skb->cb));
	skb->protocol = dead->protocol;
	skb->tstamp = dead->tstamp;
	skb->mark = dead->mark;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return 0;
}

static int ow_visit_datagram(const struct sk_buff *at, void *arg)
{
	struct ow_udp *u = arg;
	struct sk_buff dead, *skb;
	int err;

	if (!ow_get(dead, at))
		return -EUCLEAN;
	skb = ow_copy_skb(at, OW_MAX_HEADERS);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	err = ow_restore_headers(skb, &dead);
	if (!err)
		err = __udp_enqueue_schedule_skb(u->to->sk, skb);
	if (err)
		kfree_skb(skb);
	return err;
}

/* An address the kernel chose when it connected is its to choose again. */
static int ow_bind_udp(struct ow_udp *u)
{
	struct inet_sock *inet = &u->dead.inet;
	struct sockaddr_storage name;
	int len;

	if (!inet->inet_sport)
		return 0;
	inet->inet_saddr = inet->inet_rcv_saddr;
	if (!(inet->sk.sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_saddr = 0;
		inet->sk.sk_v6_rcv_saddr = in6addr_any;
	}
	len = ow_inet_name(&inet->sk, false, &name);
	return kernel_bind(u->to->sock, (struct sockaddr *)&name, len);
}

static int ow_connect_udp(struct ow_udp *u)
{
	struct sockaddr_storage name;
	int len = ow_inet_name(&u->dead.inet.sk, true, &name);

	if (u->dead.inet.sk.sk_state != TCP_ESTABLISHED)
		return 0;
	return kernel_connect(u->to->sock, (struct sockaddr *)&name, len, 0);
}

static int ow_restore_udp(struct ow_udp *u)
{
	const struct udp_sock *at = (const struct udp_sock *)u->to->dead;
	const struct sock *dead = &u->dead.inet.sk;
	const struct sk_buff *taken = ow_message_in_hand(u->to->dead);
	struct sock *sk = u->to->sk;
	int err;

	/* Half a datagram, a tunnel, or groups it is in. */
	if (u->dead.pending || u->dead.encap_type || u->dead.inet.inet_opt ||
	    u->dead.inet.mc_list)
		return -EOPNOTSUPP;
	if (dead->sk_bound_dev_if)
		sk->sk_bound_dev_if = ow_interface(dead->sk_bound_dev_if);
	sk->sk_ipv6only = dead->sk_ipv6only;
	ow_restore_inet(sk, &u->dead.inet);
	ow_restore_options(u->to, dead);
	sk->sk_no_check_tx = dead->sk_no_check_tx;
	err = ow_bind_udp(u);
	if (!err)
		err = ow_connect_udp(u);
	sk->sk_rcvbuf = INT_MAX / 2;
	if (!err && taken)
		err = ow_visit_datagram(taken, u);
	if (!err)
		err = ow_walk_queue(&at->reader_queue, ow_visit_datagram, u);
	if (!err)
		err = ow_walk_queue(&u->to->dead->sk_receive_queue,
				    ow_visit_datagram, u);
	sk->sk_rcvbuf = dead->sk_rcvbuf;
	sk->sk_userlocks = dead->sk_userlocks;
	sk->sk_shutdown = dead->sk_shutdown;
	sk->sk_err = dead->sk_err;
	return err;
}

int ow_fill_udp(struct ow_socket *s)
{
	struct ow_udp *u = kzalloc(sizeof(*u), GFP_KERNEL);
	int err;

	if (!u)
		return -ENOMEM;
	u->to = s;
	err = ow_get(u->dead, (struct udp_sock *)s->dead) ?
	      ow_restore_udp(u) : -EUCLEAN;
	kfree(u);
	return err;
}
