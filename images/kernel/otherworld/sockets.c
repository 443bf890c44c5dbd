// SPDX-License-Identifier: GPL-2.0-only
/* What is common to all sockets: which dead one is which of ours, options. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/tcp_states.h>

#include "sockets.h"

/* Dead struct sock -> struct ow_socket; ow_files_lock guards it (files.c). */
static DEFINE_XARRAY(ow_sockets);
static LIST_HEAD(ow_unfilled);

/* Flags of a struct sock that setsockopt() sets and nothing else depends on. */
#define OW_SOCK_FLAGS	(BIT(SOCK_URGINLINE) | BIT(SOCK_KEEPOPEN) |	\
			 BIT(SOCK_LINGER) | BIT(SOCK_BROADCAST) |	\
			 BIT(SOCK_DBG) | BIT(SOCK_LOCALROUTE) |		\
			 BIT(SOCK_RCVTSTAMP) | BIT(SOCK_RCVTSTAMPNS) |	\
			 BIT(SOCK_TSTAMP_NEW) | BIT(SOCK_RXQ_OVFL) |	\
			 BIT(SOCK_SELECT_ERR_QUEUE) | BIT(SOCK_RCVMARK))

bool ow_read_socket(const struct sock *dead, struct socket *copy)
{
	const struct socket *at;

	return ow_get(at, &dead->sk_socket) && at && ow_get(*copy, at);
}

/* Families and protocols that come back. */
static const struct ow_socket_kind {
	unsigned short family;
	u16 protocol;			/* 0: any */
	int (*fill)(struct ow_socket *s);
} ow_kinds[] = {
	{ AF_UNIX, 0, ow_fill_unix },
	{ AF_INET, IPPROTO_TCP, ow_fill_tcp },
	{ AF_INET6, IPPROTO_TCP, ow_fill_tcp },
	{ AF_INET, IPPROTO_UDP, ow_fill_udp },
	{ AF_INET6, IPPROTO_UDP, ow_fill_udp },
};

static const struct ow_socket_kind *ow_find_kind(const struct sock *sk)
{
	unsigned short family;
	u16 protocol;
	int i;

	if (!ow_get(family, &sk->sk_family) ||
	    !ow_get(protocol, &sk->sk_protocol))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(ow_kinds); i++)
		if (ow_kinds[i].family == family &&
		    (!ow_kinds[i].protocol || ow_kinds[i].protocol == protocol))
			return &ow_kinds[i];
	return NULL;
}

/* Is it a kind that comes back? Only fields of struct sock are looked at. */
static const char *ow_judge_sock(const struct sock *dead)
{
	struct sk_filter *filter;
	const struct net *net;

	if (!ow_get(filter, &dead->sk_filter) ||
	    !ow_get(net, &dead->sk_net.net))
		return "damaged-file";
	if (net != &init_net)
		return "namespaces";
	if (filter)
		return "socket-filter";
	return ow_find_kind(dead) ? NULL : "socket";
}

static const struct sock *ow_inode_sock(const struct inode *dead)
{
	const struct socket_alloc *alloc =
		container_of(dead, struct socket_alloc, vfs_inode);
	const struct sock *sk;

	return ow_get(sk, &alloc->socket.sk) ? sk : NULL;
}

const char *ow_judge_socket(const struct inode *dead)
{
	const struct sock *sk = ow_inode_sock(dead);

	return sk ? ow_judge_sock(sk) : "damaged-file";
}

static void ow_own_socket(struct socket *sock, const struct sock *copy)
{
	SOCK_INODE(sock)->i_uid = copy->sk_uid;
	sock->sk->sk_uid = copy->sk_uid;
}

static int ow_make_socket(struct ow_socket *s, const struct sock *dead)
{
	struct sock *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	int err = -ENOMEM;

	if (!copy)
		return err;
	err = -EUCLEAN;
	if (!ow_get(*copy, dead) || ow_judge_sock(dead))
		goto out;
	err = __sock_create(&init_net, copy->sk_family, copy->sk_type,
			    copy->sk_protocol, &s->sock, 0);
	if (err)
		goto out;
	ow_own_socket(s->sock, copy);
	s->dead = dead;
	s->sk = s->sock->sk;
	sock_hold(s->sk);
	s->file = sock_alloc_file(s->sock, 0, NULL);
	err = PTR_ERR_OR_ZERO(s->file);
out:
	kfree(copy);
	return err;
}

static void ow_put_socket(struct ow_socket *s)
{
	if (!IS_ERR_OR_NULL(s->file))
		fput(s->file);
	if (s->sk)
		sock_put(s->sk);
	kfree(s);
}

struct ow_socket *ow_find_socket(const struct sock *dead)
{
	return xa_load(&ow_sockets, ow_key(dead));
}

struct ow_socket *ow_get_socket(const struct sock *dead)
{
	struct ow_socket *s = ow_find_socket(dead);
	int err;

	if (s)
		return s;
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return ERR_PTR(-ENOMEM);
	err = ow_make_socket(s, dead);
	if (!err)
		err = xa_err(xa_store(&ow_sockets, ow_key(dead), s,
				      GFP_KERNEL));
	if (err) {
		ow_put_socket(s);
		return ERR_PTR(err);
	}
	list_add_tail(&s->unfilled, &ow_unfilled);
	return s;
}

int ow_fill_socket(struct ow_socket *s)
{
	if (!list_empty(&s->unfilled)) {
		list_del_init(&s->unfilled);
		s->err = ow_find_kind(s->dead)->fill(s);
	}
	return s->err;
}

/* Filling one may lead to others; they wait for their turn. */
static void ow_fill_sockets(void)
{
	static bool filling;
	struct ow_socket *s;

	if (filling)
		return;
	filling = true;
	while ((s = list_first_entry_or_null(&ow_unfilled, struct ow_socket,
					     unfilled)))
		ow_fill_socket(s);
	filling = false;
}

/*
 * A connection of which bytes are damaged costs neither its process nor a wrong
 * byte: it ends as those of the network may at any time, with ECONNRESET.
 */
static void ow_consider_reset(struct ow_socket *s)
{
	if (s->err != -EUCLEAN || s->sk->sk_protocol != IPPROTO_TCP ||
	    s->sk->sk_state != TCP_ESTABLISHED)
		return;
	s->reset = true;
	s->err = 0;
}

struct file *ow_open_socket(const struct file *copy)
{
	const struct sock *dead = ow_inode_sock(copy->f_inode);
	struct ow_socket *s = dead ? ow_get_socket(dead) : ERR_PTR(-EUCLEAN);

	if (IS_ERR(s))
		return ERR_CAST(s);
	ow_fill_sockets();
	ow_consider_reset(s);
	return s->err ? ERR_PTR(s->err) : get_file(s->file);
}

bool ow_is_reset(const struct file *dead)
{
	const struct inode *inode;
	const struct sock *sk;
	struct ow_socket *s;
	umode_t mode;

	if (!ow_get(inode, &dead->f_inode) || !ow_get(mode, &inode->i_mode) ||
	    !S_ISSOCK(mode))
		return false;
	sk = ow_inode_sock(inode);
	s = sk ? ow_find_socket(sk) : NULL;
	return s && s->reset;
}

void ow_forget_sockets(void)
{
	struct ow_socket *s;
	unsigned long index;

	ow_restore_orphans();
	xa_for_each(&ow_sockets, index, s) {
		fput(s->file);
		s->file = NULL;
	}
}

void ow_start_sockets(void)
{
	struct ow_socket *s;
	unsigned long index;

	xa_for_each(&ow_sockets, index, s) {
		if (s->reset)
			ow_reset_tcp(s->sk);
		else if (s->sk->sk_protocol == IPPROTO_TCP && !s->err)
			ow_start_tcp(s->sk);
		ow_put_socket(s);
	}
	xa_destroy(&ow_sockets);
}

/* --- what several families have --- */

/*
 * The number of one who may have ended long ago: then it is a number without
 * a process, as it was in the dead kernel.
 */
struct pid *ow_restore_pid(const struct pid *dead)
{
	pid_t number = ow_pid_number(dead);
	struct pid *pid;

	if (!number)
		return NULL;
	pid = find_get_pid(number);
	if (pid)
		return pid;
	pid = alloc_pid(&init_pid_ns, &number, 1);
	if (IS_ERR(pid))
		return NULL;
	get_pid(pid);
	free_pid(pid);
	return pid;
}

static void ow_restore_peer(struct sock *sk, const struct sock *copy)
{
	struct cred cred;

	sk->sk_peer_pid = ow_restore_pid(copy->sk_peer_pid);
	if (copy->sk_peer_cred && ow_get(cred, copy->sk_peer_cred))
		sk->sk_peer_cred = ow_copy_creds(&cred);
	if (IS_ERR(sk->sk_peer_cred))
		sk->sk_peer_cred = NULL;
}

void ow_restore_options(struct ow_socket *s, const struct sock *copy)
{
	struct sock *sk = s->sk;
	struct socket socket;

	sk->sk_flags |= copy->sk_flags & OW_SOCK_FLAGS;
	if (copy->sk_flags & BIT(SOCK_TIMESTAMP))
		sock_enable_timestamp(sk, SOCK_TIMESTAMP);
	sk->sk_rcvbuf = copy->sk_rcvbuf;
	sk->sk_sndbuf = copy->sk_sndbuf;
	sk->sk_userlocks |= copy->sk_userlocks &
			    (SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK);
	sk->sk_rcvlowat = copy->sk_rcvlowat;
	sk->sk_rcvtimeo = copy->sk_rcvtimeo;
	sk->sk_sndtimeo = copy->sk_sndtimeo;
	sk->sk_lingertime = copy->sk_lingertime;
	sk->sk_priority = copy->sk_priority;
	sk->sk_mark = copy->sk_mark;
	sk->sk_reuse = copy->sk_reuse;
	sk->sk_reuseport = copy->sk_reuseport;
	sk->sk_peek_off = copy->sk_peek_off;
	sk->sk_max_ack_backlog = copy->sk_max_ack_backlog;
	sk->sk_err = copy->sk_err;
	sk->sk_err_soft = copy->sk_err_soft;
	ow_restore_peer(sk, copy);
	if (ow_read_socket(s->dead, &socket))
		s->sock->flags |= socket.flags &
				  (BIT(SOCK_PASSCRED) | BIT(SOCK_PASSSEC));
}
