// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests for connections half way. A peer whose SYN has been answered takes
 * the connection for made, sends data over it, and never its SYN again: without
 * the request a reset would be the answer. It waits, and answers the SYN once
 * more, as if it had just begun to.
 */
#include <linux/err.h>
#include <linux/ipv6.h>
#include <linux/slab.h>
#include <net/inet6_hashtables.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>

#include "sockets.h"

/* Kinds there are; one image, one address. */
static const struct ow_request_kind {
	struct request_sock_ops *ops;
	const struct tcp_request_sock_ops *specific;
} ow_request_kinds[] = {
	{ &tcp_request_sock_ops, &tcp_request_sock_ipv4_ops },
	{ &tcp6_request_sock_ops, &tcp_request_sock_ipv6_ops },
};

static const struct ow_request_kind *
ow_find_request_kind(const struct tcp_request_sock *dead)
{
	const struct ow_request_kind *kind;
	int i;

	for (i = 0; i < ARRAY_SIZE(ow_request_kinds); i++) {
		kind = &ow_request_kinds[i];
		if (dead->req.req.rsk_ops == kind->ops &&
		    dead->af_specific == kind->specific)
			return kind;
	}
	return NULL;
}

static void ow_copy_request(struct request_sock *req,
			    const struct tcp_request_sock *dead)
{
	const struct inet_request_sock *from = &dead->req;
	struct inet_request_sock *to = inet_rsk(req);
	struct tcp_request_sock *treq = tcp_rsk(req);

	req->mss = from->req.mss;
	req->syncookie = 0;
	req->ts_recent = from->req.ts_recent;
	req->rsk_window_clamp = from->req.rsk_window_clamp;
	req->rsk_rcv_wnd = from->req.rsk_rcv_wnd;

	to->ir_loc_addr = from->ir_loc_addr;
	to->ir_rmt_addr = from->ir_rmt_addr;
	to->ir_v6_loc_addr = from->ir_v6_loc_addr;
	to->ir_v6_rmt_addr = from->ir_v6_rmt_addr;
	to->ir_num = from->ir_num;
	to->ir_rmt_port = from->ir_rmt_port;
	to->ir_iif = from->ir_iif ? ow_interface(from->ir_iif) : 0;
	to->ir_mark = from->ir_mark;
	to->snd_wscale = from->snd_wscale;
	to->rcv_wscale = from->rcv_wscale;
	to->tstamp_ok = from->tstamp_ok;
	to->sack_ok = from->sack_ok;
	to->wscale_ok = from->wscale_ok;
	to->ecn_ok = from->ecn_ok;
	to->acked = from->acked;
	to->no_srccheck = from->no_srccheck;
	to->smc_ok = 0;

	treq->af_specific = dead->af_specific;
	treq->snt_synack = dead->snt_synack;
	treq->tfo_listener = false;
	treq->is_mptcp = false;
	treq->txhash = dead->txhash;
	treq->rcv_isn = dead->rcv_isn;
	treq->snt_isn = dead->snt_isn;
	treq->ts_off = dead->ts_off;
	treq->last_oow_ack_time = 0;
	treq->rcv_nxt = dead->rcv_nxt;
	treq->syn_tos = dead->syn_tos;
}

static int ow_make_request(struct sock *listener,
			   const struct tcp_request_sock *dead)
{
	const struct ow_request_kind *kind = ow_find_request_kind(dead);
	struct request_sock *req;
	bool added;

	if (!kind || dead->req.ireq_opt)
		return -EOPNOTSUPP;
	req = inet_reqsk_alloc(kind->ops, listener, true);
	if (!req)
		return -ENOMEM;
	ow_copy_request(req, dead);
	local_bh_disable();
	added = inet_csk_reqsk_queue_hash_add(listener, req, req->timeout);
	local_bh_enable();
	if (!added) {
		reqsk_free(req);
		return -EEXIST;
	}
	reqsk_put(req);
	return 0;
}

int ow_restore_request(const struct sock *dead)
{
	struct tcp_request_sock copy;
	struct ow_socket *listener;

	if (!ow_get(copy, (const struct tcp_request_sock *)dead))
		return -EUCLEAN;
	listener = ow_find_socket(copy.req.req.rsk_listener);
	/* Nobody who came back listens any more. */
	if (!listener || listener->err || listener->sk->sk_state != TCP_LISTEN)
		return 0;
	return ow_make_request(listener->sk, &copy);
}

/* Who listens for connections like this one; with a reference, NULL for nobody. */
static struct sock *ow_find_listener(const struct inet_sock *dead)
{
	const struct sock *sk = &dead->sk;
	int dif = sk->sk_bound_dev_if ? ow_interface(sk->sk_bound_dev_if) : 0;
	struct sock *listener;

	rcu_read_lock();
	if (sk->sk_family == AF_INET6 && !ipv6_addr_v4mapped(&sk->sk_v6_daddr))
		listener = inet6_lookup_listener(&init_net, &tcp_hashinfo, NULL,
						 0, &sk->sk_v6_daddr,
						 sk->sk_dport,
						 &sk->sk_v6_rcv_saddr,
						 sk->sk_num, dif, 0);
	else
		listener = __inet_lookup_listener(&init_net, &tcp_hashinfo,
						  NULL, 0, sk->sk_daddr,
						  sk->sk_dport,
						  sk->sk_rcv_saddr, sk->sk_num,
						  dif, 0);
	if (listener && !refcount_inc_not_zero(&listener->sk_refcnt))
		listener = NULL;
	rcu_read_unlock();
	return listener;
}

int ow_restore_child(const struct sock *dead)
{
	struct inet_sock *copy;
	struct sock *listener;
	int err = -ENOMEM;

	if (ow_find_socket(dead))
		return 0;
	copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return err;
	err = -EUCLEAN;
	if (ow_get(*copy, (const struct inet_sock *)dead)) {
		err = 0;
		listener = ow_find_listener(copy);
		if (listener) {
			err = ow_restore_unaccepted(listener, dead);
			sock_put(listener);
		}
	}
	kfree(copy);
	return err;
}
