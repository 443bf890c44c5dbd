// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP sockets. A connection goes on where it was: the peer, here or elsewhere,
 * notices a pause and nothing else. It is made by the kernel's own repair mode
 * (TCP_REPAIR), which opens a connection without a packet, with sequence
 * numbers and queues of one's choosing. What had arrived out of order is left
 * to the peer to send again.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <net/inet_connection_sock.h>
#include <net/request_sock.h>
#include <net/tcp.h>

#include "sockets.h"

/* Room enough while queues are filled; then they get their own limits again. */
#define OW_ANY_BUFFER	(INT_MAX / 2)

struct ow_tcp {
	struct ow_socket *to;
	struct tcp_sock dead;
	bool sent;			/* this time what had been sent */
	u32 at;				/* sequence number of the next byte */
	void *page;
};

/* --- names and the connection itself --- */

int ow_inet_name(const struct sock *dead, bool peer,
		 struct sockaddr_storage *to)
{
	struct sockaddr_in *name = (struct sockaddr_in *)to;
	struct sockaddr_in6 *name6 = (struct sockaddr_in6 *)to;
	__be16 port = peer ? dead->sk_dport : inet_sk(dead)->inet_sport;

	memset(to, 0, sizeof(*to));
	to->ss_family = dead->sk_family;
	if (dead->sk_family == AF_INET6) {
		name6->sin6_port = port;
		name6->sin6_addr = peer ? dead->sk_v6_daddr :
					  dead->sk_v6_rcv_saddr;
		return sizeof(*name6);
	}
	name->sin_port = port;
	name->sin_addr.s_addr = peer ? dead->sk_daddr :
				       inet_sk(dead)->inet_saddr;
	return sizeof(*name);
}

static int ow_bind_inet(struct ow_tcp *t)
{
	struct sockaddr_storage name;
	int len = ow_inet_name(&t->dead.inet_conn.icsk_inet.sk, false,
			       &name);

	return kernel_bind(t->to->sock, (struct sockaddr *)&name, len);
}

static int ow_connect_inet(struct ow_tcp *t, int flags)
{
	struct sockaddr_storage name;
	int len = ow_inet_name(&t->dead.inet_conn.icsk_inet.sk, true,
			       &name);

	return kernel_connect(t->to->sock, (struct sockaddr *)&name, len,
			      flags);
}

static bool ow_is_connected(int state)
{
	return (1 << state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
			       TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT |
			       TCPF_LAST_ACK | TCPF_CLOSING);
}

/* Our FIN is somewhere between here and the peer's acknowledgement. */
static bool ow_is_closing(int state)
{
	return (1 << state) & (TCPF_FIN_WAIT1 | TCPF_LAST_ACK | TCPF_CLOSING);
}

/* The peer's FIN has arrived. */
static bool ow_is_closed(int state)
{
	return (1 << state) & (TCPF_CLOSE_WAIT | TCPF_LAST_ACK | TCPF_CLOSING);
}

/* --- queues --- */

/* The first @len bytes of the page, or some of them. */
static int ow_send_page(struct ow_tcp *t, size_t len)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct kvec vec = { t->page, len };
	int sent = kernel_sendmsg(t->to->sock, &msg, &vec, 1, len);

	if (sent <= 0)
		return sent ?: -ENOBUFS;
	t->at += sent;
	return 0;
}

/* @seq: of the first byte. */
static int ow_feed(struct ow_tcp *t, const struct sk_buff *skb, u32 seq)
{
	int err = 0;

	while (!err && before(t->at, seq + skb->len)) {
		size_t len = min_t(size_t, seq + skb->len - t->at, PAGE_SIZE);

		if (skb_copy_bits(skb, t->at - seq, t->page, len))
			return -EUCLEAN;
		err = ow_send_page(t, len);
	}
	return err;
}

/* The part of @len bytes of a dead segment behind what has been dealt with. */
static int ow_feed_segment(struct ow_tcp *t, const struct sk_buff *dead,
			   u32 seq, unsigned int len)
{
	struct sk_buff *skb;
	int err;

	/* Nothing may be missing; a part may be done with. */
	if (after(seq, t->at))
		return -EUCLEAN;
	skb = ow_copy_skb_part(dead, 0, len);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	err = ow_feed(t, skb, seq);
	kfree_skb(skb);
	return err;
}

/* What is behind the next expected byte may be on its way into the queue. */
static int ow_visit_received(const struct sk_buff *dead, void *arg)
{
	struct ow_tcp *t = arg;
	struct tcp_skb_cb cb;
	unsigned int len;
	u32 seq;

	if (!ow_read(&cb, dead->cb, sizeof(cb)) || !ow_get(len, &dead->len))
		return -EUCLEAN;
	seq = cb.seq + !!(cb.tcp_flags & TCPHDR_SYN);
	if (!before(seq, t->dead.rcv_nxt))
		return 0;
	return ow_feed_segment(t, dead, seq, min(len, t->dead.rcv_nxt - seq));
}

/* Up to @end, from the memory of who was just sending it. */
static int ow_feed_being_sent(struct ow_tcp *t, u32 end)
{
	while (before(t->at, end)) {
		u32 len = min_t(u32, end - t->at, PAGE_SIZE);
		int err = -EUCLEAN;

		if (ow_read_being_sent(t->to->dead, &t->dead, t->at, t->page,
				       len))
			err = ow_send_page(t, len);
		if (err)
			return err;
	}
	return 0;
}

/* @bytes: what ow_find_...() has found, or NULL. */
static int ow_feed_found(struct ow_tcp *t, u8 *bytes, u32 len)
{
	int err = bytes ? 0 : -EUCLEAN;
	u32 done = 0;

	while (!err && done < len) {
		u32 part = min_t(u32, len - done, PAGE_SIZE);
		u32 before = t->at;

		memcpy(t->page, bytes + done, part);
		err = ow_send_page(t, part);
		done += t->at - before;
	}
	kvfree(bytes);
	return err;
}

/* Up to @end, as it was sent. */
static int ow_feed_as_sent(struct ow_tcp *t, u32 end)
{
	u32 len = end - t->at;

	if (!t->sent || !before(t->at, end))
		return -EUCLEAN;
	return ow_feed_found(t, ow_find_sent(&t->dead, t->at, len), len);
}

/* Up to @end, what is in no queue because it was being moved. */
static int ow_feed_in_hand(struct ow_tcp *t, u32 end)
{
	const struct sk_buff *dead;
	unsigned int len;

	if (!before(t->at, end))
		return 0;
	dead = ow_segment_in_hand(t->to->dead, &t->dead, t->at);
	if (!dead || !ow_get(len, &dead->len) || after(t->at + len, end))
		return -EUCLEAN;
	return ow_feed_segment(t, dead, t->at, len) ?:
	       before(t->at, end) ? -EUCLEAN : 0;
}

/*
 * The number of the next byte that is written moves when a piece is whole: what
 * the last segment has behind it is of a send() that has not counted it either.
 */
static int ow_visit_to_send(const struct sk_buff *dead, void *arg)
{
	struct ow_tcp *t = arg;
	struct tcp_skb_cb cb;
	unsigned int len;
	int err;

	if (!ow_read(&cb, dead->cb, sizeof(cb)) || !ow_get(len, &dead->len))
		return -EUCLEAN;
	if (before(cb.seq, t->dead.snd_nxt) != t->sent)
		return 0;
	if (after(cb.seq, t->dead.write_seq))
		return -EUCLEAN;
	/* What is acknowledged is cut off before the number says so. */
	if (len + hweight8(cb.tcp_flags & (TCPHDR_SYN | TCPHDR_FIN)) <
	    cb.end_seq - cb.seq)
		return -EUCLEAN;
	err = ow_feed_in_hand(t, cb.seq);
	if (err)
		return err;
	len = min(len, t->dead.write_seq - cb.seq);
	err = ow_feed_segment(t, dead, cb.seq, len);
	if (err == -EUCLEAN)
		err = ow_feed_being_sent(t, cb.seq + len);
	if (err == -EUCLEAN)
		err = ow_feed_as_sent(t, cb.seq + len);
	return err;
}

/*
 * Bytes, or the peer's FIN, are counted before they are in the queue, or before
 * the connection's state says so, and acknowledged after that. In a death in
 * between they are not there; the peer has them still, and sends them again.
 */
static bool ow_comes_again(const struct ow_tcp *t)
{
	return !ow_is_closed(t->dead.inet_conn.icsk_inet.sk.sk_state) &&
	       !before(t->at, t->dead.rcv_wup);
}

/* The peer's FIN has a number, too. FIN_WAIT2 ends when it is acknowledged. */
static bool ow_may_be_fin(const struct ow_tcp *t)
{
	int state = t->dead.inet_conn.icsk_inet.sk.sk_state;

	return t->at + 1 == t->dead.rcv_nxt &&
	       (ow_is_closed(state) || state == TCP_FIN_WAIT2);
}

/* What is acknowledged, and no queue leads to any more, from the packets. */
static int ow_feed_as_received(struct ow_tcp *t)
{
	u32 len = t->dead.rcv_nxt - t->at;
	u8 *bytes = ow_find_received(&t->dead, t->at, &len);

	return ow_feed_found(t, bytes, len);
}

static int ow_restore_received(struct ow_tcp *t)
{
	struct tcp_sock *tp = tcp_sk(t->to->sk);
	u32 next = t->dead.rcv_nxt;
	int err;

	tp->repair_queue = TCP_RECV_QUEUE;
	t->at = t->dead.copied_seq;
	err = ow_walk_queue(&t->to->dead->sk_receive_queue, ow_visit_received,
			    t);
	if (!err && t->at != next && !ow_comes_again(t) && !ow_may_be_fin(t))
		err = -EUCLEAN;
	if (err == -EUCLEAN)
		err = ow_comes_again(t) ? 0 : ow_feed_as_received(t);
	if (!err && t->at != next) {
		if (ow_comes_again(t))
			next = t->at;
		else if (!ow_may_be_fin(t))
			err = -EUCLEAN;
	}
	WRITE_ONCE(tp->rcv_nxt, next);
	if (t->dead.copied_seq == next)
		WRITE_ONCE(tp->copied_seq, next);
	return err;
}

/* Our FIN has a number, too. */
static u32 ow_end_of_bytes(const struct ow_tcp *t, u32 end)
{
	bool fin = ow_is_closing(t->dead.inet_conn.icsk_inet.sk.sk_state) &&
		   t->at + 1 == end && end == t->dead.write_seq;

	return end - fin;
}

/*
 * What had been sent goes where what has been sent waits to be acknowledged,
 * which is what repair mode does; the rest waits for the gate, as if the
 * peer's window were closed.
 */
static int ow_restore_sent(struct ow_tcp *t)
{
	const struct sk_buff_head *unsent = &t->to->dead->sk_write_queue;
	struct tcp_sock *tp = tcp_sk(t->to->sk);
	int state = t->dead.inet_conn.icsk_inet.sk.sk_state;
	int err;

	tp->repair_queue = TCP_SEND_QUEUE;
	t->at = t->dead.snd_una;
	t->sent = true;
	err = ow_walk_sent(&t->dead.inet_conn.icsk_inet.sk, ow_visit_to_send,
			   t);
	if (!err)
		err = ow_walk_queue(unsent, ow_visit_to_send, t);
	if (!err)
		err = ow_feed_in_hand(t, ow_end_of_bytes(t, t->dead.snd_nxt));
	if (ow_is_closing(state) && t->dead.snd_nxt == t->dead.write_seq)
		return err;
	tp->repair = 0;
	tp->snd_wnd = 0;
	t->sent = false;
	if (!err)
		err = ow_walk_queue(unsent, ow_visit_to_send, t);
	return err ?: ow_feed_in_hand(t, ow_end_of_bytes(t, t->dead.write_seq));
}

/* --- a connection --- */

/*
 * When what is not acknowledged goes again: by how long answers take. A kernel that got
 * none, perhaps by its own fault, has waited twice as long each time, which says nothing
 * of this one.
 */
static u32 ow_first_timeout(const struct tcp_sock *dead)
{
	u32 timeout = dead->srtt_us ? __tcp_set_rto(dead) : TCP_TIMEOUT_INIT;

	timeout = min(timeout, dead->inet_conn.icsk_rto);
	return clamp(timeout, (u32)TCP_RTO_MIN, (u32)TCP_RTO_MAX);
}

static void ow_restore_numbers(struct ow_tcp *t)
{
	struct sock *sk = t->to->sk;
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_sock *dead = &t->dead;

	tp->rx_opt = dead->rx_opt;
	tp->rx_opt.dsack = 0;
	tp->rx_opt.num_sacks = 0;
	tp->tcp_header_len = sizeof(struct tcphdr) +
			     (dead->rx_opt.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0);
	tp->tsoffset = dead->tsoffset;
	tp->advmss = dead->advmss;
	tcp_mtup_init(sk);
	tcp_sync_mss(sk, dst_mtu(__sk_dst_get(sk)));
	tp->snd_wl1 = dead->snd_wl1;
	tp->snd_wnd = dead->snd_wnd;
	tp->max_window = dead->max_window;
	tp->rcv_wnd = dead->rcv_wnd;
	tp->rcv_wup = dead->rcv_wup;
	tp->window_clamp = dead->window_clamp;
	tp->rcv_ssthresh = dead->rcv_ssthresh;
	tp->srtt_us = dead->srtt_us;
	tp->mdev_us = dead->mdev_us;
	tp->mdev_max_us = dead->mdev_max_us;
	tp->rttvar_us = dead->rttvar_us;
	tp->rtt_min = dead->rtt_min;
	tp->snd_ssthresh = dead->snd_ssthresh;
	inet_csk(sk)->icsk_rto = ow_first_timeout(dead);
}

static void ow_restore_ends(struct ow_tcp *t)
{
	int state = t->dead.inet_conn.icsk_inet.sk.sk_state;
	struct sock *sk = t->to->sk;

	if (ow_is_closed(state))
		tcp_set_state(sk, TCP_CLOSE_WAIT);
	if (state == TCP_CLOSING)
		tcp_set_state(sk, TCP_ESTABLISHED);
	if (ow_is_closing(state))
		tcp_shutdown(sk, SEND_SHUTDOWN);
	if (state != TCP_ESTABLISHED)
		tcp_set_state(sk, state);
	if (ow_is_closed(state))
		sock_set_flag(sk, SOCK_DONE);
}

static int ow_restore_connection(struct ow_tcp *t)
{
	struct sock *sk = t->to->sk;
	struct tcp_sock *tp = tcp_sk(sk);
	int err;

	tp->repair = 1;
	tp->repair_queue = TCP_NO_QUEUE;
	WRITE_ONCE(tp->write_seq, t->dead.snd_una);
	WRITE_ONCE(tp->rcv_nxt, t->dead.copied_seq);
	err = ow_connect_inet(t, 0);
	if (err)
		return err;
	lock_sock(sk);
	ow_restore_numbers(t);
	sk->sk_rcvbuf = OW_ANY_BUFFER;
	sk->sk_sndbuf = OW_ANY_BUFFER;
	release_sock(sk);
	err = ow_restore_received(t);
	if (!err)
		err = ow_restore_sent(t);
	lock_sock(sk);
	if (!err)
		ow_restore_ends(t);
	tp->snd_wnd = t->dead.snd_wnd;
	tp->repair_queue = TCP_NO_QUEUE;
	tp->repair = 0;
	release_sock(sk);
	return err;
}

/* --- listeners --- */

/* Until it is accepted a connection has no file. */
static int ow_queue_connection(struct sock *listener, struct ow_socket *s)
{
	struct request_sock *req;

	req = inet_reqsk_alloc(&tcp_request_sock_ops, listener, true);
	if (!req)
		return -ENOMEM;
	tcp_rsk(req)->tfo_listener = false;
	refcount_set(&req->rsk_refcnt, 1);
	s->sock->sk = NULL;
	sk_set_socket(s->sk, NULL);
	rcu_assign_pointer(s->sk->sk_wq, NULL);
	sock_hold(s->sk);
	inet_csk_reqsk_queue_add(listener, req, s->sk);
	sock_put(s->sk);
	return 0;
}

/* One that is not what it was is reset: it has no owner. */
int ow_restore_unaccepted(struct sock *listener, const struct sock *dead)
{
	struct ow_socket *made = ow_get_socket(dead);

	if (IS_ERR(made))
		return PTR_ERR(made);
	return ow_fill_socket(made) ? 0 : ow_queue_connection(listener, made);
}

static int ow_restore_listener(struct ow_tcp *t)
{
	const struct sock *taken = ow_connection_in_hand(t->to->dead);
	struct request_sock *at = t->dead.inet_conn.icsk_accept_queue.rskq_accept_head;
	struct sock *sk;
	unsigned int i;
	int err;

	err = kernel_listen(t->to->sock,
			    t->dead.inet_conn.icsk_inet.sk.sk_max_ack_backlog);
	if (!err && taken)
		err = ow_restore_unaccepted(t->to->sk, taken);
	for (i = 0; !err && at && i < OW_MAX_QUEUE; i++) {
		if (!ow_get(sk, &at->sk) || !ow_get(at, &at->dl_next))
			return -EUCLEAN;
		if (sk)
			err = ow_restore_unaccepted(t->to->sk, sk);
	}
	return err;
}

/* --- options --- */

void ow_restore_inet(struct sock *sk, const struct inet_sock *dead)
{
	struct inet_sock *inet = inet_sk(sk);

	inet->uc_ttl = dead->uc_ttl;
	inet->cmsg_flags = dead->cmsg_flags;
	inet->tos = dead->tos;
	inet->min_ttl = dead->min_ttl;
	inet->mc_ttl = dead->mc_ttl;
	inet->pmtudisc = dead->pmtudisc;
	inet->recverr = dead->recverr;
	inet->freebind = dead->freebind;
	inet->mc_loop = dead->mc_loop;
	inet->transparent = dead->transparent;
	inet->mc_all = dead->mc_all;
	inet->nodefrag = dead->nodefrag;
	inet->bind_address_no_port = dead->bind_address_no_port;
	inet->recverr_rfc4884 = dead->recverr_rfc4884;
	inet->local_port_range.lo = dead->local_port_range.lo;
	inet->local_port_range.hi = dead->local_port_range.hi;
}

static void ow_restore_tcp_options(struct ow_tcp *t)
{
	const struct inet_connection_sock *icsk = &t->dead.inet_conn;
	struct sock *sk = t->to->sk;
	struct tcp_sock *tp = tcp_sk(sk);
	char name[TCP_CA_NAME_MAX];

	tp->nonagle = t->dead.nonagle;
	tp->keepalive_time = t->dead.keepalive_time;
	tp->keepalive_intvl = t->dead.keepalive_intvl;
	tp->keepalive_probes = t->dead.keepalive_probes;
	tp->linger2 = t->dead.linger2;
	tp->notsent_lowat = t->dead.notsent_lowat;
	tp->thin_lto = t->dead.thin_lto;
	tp->recvmsg_inq = t->dead.recvmsg_inq;
	tp->rx_opt.user_mss = t->dead.rx_opt.user_mss;
	inet_csk(sk)->icsk_user_timeout = icsk->icsk_user_timeout;
	inet_csk(sk)->icsk_syn_retries = icsk->icsk_syn_retries;
	inet_csk(sk)->icsk_accept_queue.rskq_defer_accept =
		icsk->icsk_accept_queue.rskq_defer_accept;
	/* One image, one address. */
	if (icsk->icsk_ca_ops != inet_csk(sk)->icsk_ca_ops &&
	    ow_read(name, icsk->icsk_ca_ops->name, sizeof(name)) &&
	    strnlen(name, sizeof(name)) < sizeof(name))
		tcp_set_congestion_control(sk, name, true, true);
	if (icsk->icsk_inet.sk.sk_flags & BIT(SOCK_KEEPOPEN))
		tcp_set_keepalive(sk, 1);
}

/* --- all of it --- */

/*
 * A request has just become a connection, of which all but its state says so:
 * what the peer's acknowledgement brings it sends again. One that both ends have
 * begun at the same time has a SYN that is not acknowledged.
 */
static void ow_complete_state(struct tcp_sock *dead)
{
	struct sock *sk = &dead->inet_conn.icsk_inet.sk;

	if (sk->sk_state == TCP_SYN_RECV && dead->snd_una == dead->snd_nxt)
		sk->sk_state = TCP_ESTABLISHED;
}

static int ow_restore_state(struct ow_tcp *t)
{
	const struct sock *dead = &t->dead.inet_conn.icsk_inet.sk;

	if (ow_is_connected(dead->sk_state))
		return ow_restore_connection(t);
	if (dead->sk_state == TCP_LISTEN)
		return ow_restore_listener(t);
	if (dead->sk_state == TCP_SYN_SENT) {
		int err = ow_connect_inet(t, O_NONBLOCK);

		return err == -EINPROGRESS ? 0 : err;
	}
	return dead->sk_state == TCP_CLOSE ? 0 : -EOPNOTSUPP;
}

static int ow_restore_tcp(struct ow_tcp *t)
{
	const struct inet_sock *inet = &t->dead.inet_conn.icsk_inet;
	struct sock *sk = t->to->sk;
	struct socket socket;
	int err = 0;

	if (t->dead.repair || t->dead.fastopen_rsk || t->dead.fastopen_req ||
	    t->dead.inet_conn.icsk_ulp_ops || inet->inet_opt)
		return -EOPNOTSUPP;
	if (inet->sk.sk_bound_dev_if)
		sk->sk_bound_dev_if = ow_interface(inet->sk.sk_bound_dev_if);
	sk->sk_reuse = SK_FORCE_REUSE;
	sk->sk_reuseport = inet->sk.sk_reuseport;
	sk->sk_ipv6only = inet->sk.sk_ipv6only;
	if (inet->inet_sport)
		err = ow_bind_inet(t);
	if (!err)
		err = ow_restore_state(t);
	if (err)
		return err;
	lock_sock(sk);
	ow_restore_inet(sk, inet);
	ow_restore_tcp_options(t);
	release_sock(sk);
	ow_restore_options(t->to, &inet->sk);
	sk->sk_userlocks = inet->sk.sk_userlocks;
	sk->sk_shutdown = inet->sk.sk_shutdown;
	/* Of one that connects again, ours is further than the dead one. */
	if (sk->sk_state != TCP_SYN_SENT && ow_read_socket(t->to->dead, &socket))
		t->to->sock->state = socket.state;
	return 0;
}

int ow_fill_tcp(struct ow_socket *s)
{
	struct ow_tcp *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err = -ENOMEM;

	if (!t)
		return err;
	t->to = s;
	t->page = (void *)__get_free_page(GFP_KERNEL);
	if (t->page && ow_get(t->dead, (struct tcp_sock *)s->dead)) {
		ow_complete_state(&t->dead);
		err = ow_restore_tcp(t);
	} else if (t->page) {
		err = -EUCLEAN;
	}
	free_page((unsigned long)t->page);
	kfree(t);
	return err;
}

/* At the open gate: tell the peer that we are here again, and what we have. */
void ow_start_tcp(struct sock *sk)
{
	lock_sock(sk);
	if (ow_is_connected(sk->sk_state)) {
		tcp_mstamp_refresh(tcp_sk(sk));
		tcp_send_ack(sk);
		tcp_send_window_probe(sk);
		tcp_push_pending_frames(sk);
	}
	release_sock(sk);
}

void ow_reset_tcp(struct sock *sk)
{
	tcp_abort(sk, ECONNRESET);
}
