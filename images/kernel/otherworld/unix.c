// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unix sockets: stream, datagram and seqpacket, with peers, names, unread
 * messages, the descriptors and credentials in them, and connections that
 * nobody has accepted yet.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/namei.h>
#include <linux/otherworld.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <linux/un.h>
#include <net/af_unix.h>
#include <net/scm.h>
#include <net/tcp_states.h>

#include "sockets.h"

/* The longest name is one byte longer than its array: a NUL behind it. */
#define OW_MAX_UNIX_NAME	(sizeof(struct sockaddr_un) + 1)
/* Names without a file lie in the upper half of the table. */
#define OW_IS_ABSTRACT(hash)	((hash) > UNIX_HASH_MOD)

struct ow_unix {
	struct ow_socket *to;
	struct unix_sock dead;
};

/* --- names --- */

/* The file of a name on a memory file system died with it. */
static int ow_make_node(const char *name, const struct inode *dead,
			struct path *path)
{
	struct path parent;
	struct dentry *dentry;
	umode_t mode;
	int err;

	if (!ow_get(mode, &dead->i_mode) || !S_ISSOCK(mode))
		return -EUCLEAN;
	dentry = kern_path_create(AT_FDCWD, name, &parent, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_mknod(mnt_user_ns(parent.mnt), d_inode(parent.dentry),
			dentry, mode, 0);
	if (!err && (!ow_get(d_inode(dentry)->i_uid, &dead->i_uid) ||
		     !ow_get(d_inode(dentry)->i_gid, &dead->i_gid)))
		err = -EUCLEAN;
	if (!err) {
		path->mnt = mntget(parent.mnt);
		path->dentry = dget(dentry);
	}
	done_path_create(&parent, dentry);
	return err;
}

/* False: nobody can reach the file any more, or it is no socket now. */
static bool ow_find_node(const struct path *dead, struct path *path)
{
	char *buf = kmalloc(OW_MAX_PATH, GFP_KERNEL), *name;
	struct dentry dentry;
	int err = -ENOMEM;

	if (!buf)
		return false;
	name = ow_path(dead, buf);
	err = PTR_ERR_OR_ZERO(name);
	if (!err)
		err = kern_path(name, 0, path);
	if (err == -ENOENT && !IS_ERR(name) && ow_get(dentry, dead->dentry))
		err = ow_make_node(name, dentry.d_inode, path);
	kfree(buf);
	if (err)
		return false;
	if (S_ISSOCK(d_backing_inode(path->dentry)->i_mode))
		return true;
	path_put(path);
	return false;
}

/*
 * Accepted sockets share the name of their listener, but only the listener is
 * found by it.
 */
static int ow_restore_name(struct ow_unix *u)
{
	const struct sock *sk = &u->dead.sk;
	struct unix_address *addr;
	struct path path = {};
	bool bound;
	int len;

	if (!u->dead.addr)
		return 0;
	if (!ow_get(len, &u->dead.addr->len) || len < sizeof(sa_family_t) ||
	    len > OW_MAX_UNIX_NAME)
		return -EUCLEAN;
	addr = kzalloc(sizeof(*addr) + OW_MAX_UNIX_NAME, GFP_KERNEL);
	if (!addr)
		return -ENOMEM;
	if (!ow_read(addr->name, u->dead.addr->name, len)) {
		kfree(addr);
		return -EUCLEAN;
	}
	refcount_set(&addr->refcnt, 1);
	addr->len = len;
	bound = OW_IS_ABSTRACT(sk->sk_hash);
	if (u->dead.path.dentry)
		bound = ow_find_node(&u->dead.path, &path) &&
			sk->sk_bind_node.pprev;
	otherworld_unix_bind(u->to->sk, addr, &path, bound);
	return 0;
}

/* --- messages --- */

static int ow_restore_fds(const struct scm_fp_list *dead,
			  struct scm_fp_list **made)
{
	struct scm_fp_list *list;
	struct file *file;
	short count;
	int i;

	if (!dead)
		return 0;
	if (!ow_get(count, &dead->count) || count < 0 || count > SCM_MAX_FD)
		return -EUCLEAN;
	list = kzalloc(sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	*made = list;
	list->max = SCM_MAX_FD;
	list->user = get_uid(current_user());
	INIT_LIST_HEAD(&list->vertices);
	for (i = 0; i < count; i++) {
		if (!ow_get(file, &dead->fp[i]))
			return -EUCLEAN;
		file = ow_reopen_locked(file);
		if (IS_ERR(file))
			return PTR_ERR(file);
		if (unix_get_socket(file))
			list->count_unix++;
		list->fp[list->count++] = file;
	}
	return 0;
}

static int ow_queue_message(struct ow_unix *u, struct sk_buff *skb,
			    const struct sk_buff *dead)
{
	const struct unix_skb_parms *parms = &UNIXCB(dead);
	struct scm_cookie scm = {
		.creds = { .uid = parms->uid, .gid = parms->gid },
	};
	int err = ow_restore_fds(parms->fp, &scm.fp);

	if (!err) {
		scm.pid = ow_restore_pid(parms->pid);
		UNIXCB(skb).consumed = parms->consumed;
		skb->tstamp = dead->tstamp;
		err = otherworld_unix_queue(u->to->sk, skb, &scm);
	}
	scm_destroy(&scm);
	return err;
}

static int ow_visit_message(const struct sk_buff *at, void *arg)
{
	struct ow_unix *u = arg;
	struct sk_buff dead, *skb;
	struct ow_socket *sender;
	int err;

	if (!ow_get(dead, at) || UNIXCB(&dead).consumed > dead.len)
		return -EUCLEAN;
	sender = ow_get_socket(dead.sk);
	if (IS_ERR(sender))
		return PTR_ERR(sender);
	skb = ow_copy_skb(at, 0);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	skb_set_owner_w(skb, sender->sk);
	err = ow_queue_message(u, skb, &dead);
	if (err)
		kfree_skb(skb);
	else if (u->dead.oob_skb == at)
		unix_sk(u->to->sk)->oob_skb = skb;
	return err;
}

/* --- connections --- */

/* Until it is accepted a connection has no file. */
static void ow_detach(struct ow_socket *s)
{
	struct sock *sk = s->sk;

	if (!s->sock->sk)
		return;
	s->sock->sk = NULL;
	sk_set_socket(sk, NULL);
	rcu_assign_pointer(sk->sk_wq, &unix_sk(sk)->peer_wq);
}

static int ow_queue_connection(struct ow_unix *u, const struct sock *dead)
{
	struct ow_socket *made = ow_get_socket(dead);
	struct sk_buff *skb;

	if (IS_ERR(made))
		return PTR_ERR(made);
	skb = sock_wmalloc(made->sk, 1, 0, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	ow_detach(made);
	unix_sk(made->sk)->listener = u->to->sk;
	skb_queue_tail(&u->to->sk->sk_receive_queue, skb);
	return 0;
}

static int ow_visit_connection(const struct sk_buff *at, void *arg)
{
	struct sock *sk;

	return ow_get(sk, &at->sk) ? ow_queue_connection(arg, sk) : -EUCLEAN;
}

static int ow_restore_connections(struct ow_unix *u)
{
	const struct sock *dead = u->to->dead;
	const struct sock *taken = ow_connection_in_hand(dead);
	int err = taken ? ow_queue_connection(u, taken) : 0;

	return err ?: ow_walk_queue(&dead->sk_receive_queue, ow_visit_connection, u);
}

/* The one that a call had in hand was the first. */
static int ow_restore_messages(struct ow_unix *u)
{
	const struct sock *dead = u->to->dead;
	const struct sk_buff *taken = ow_message_in_hand(dead);
	int err = taken ? ow_visit_message(taken, u) : 0;

	return err ?: ow_walk_queue(&dead->sk_receive_queue, ow_visit_message, u);
}

static int ow_restore_peer_of(struct ow_unix *u)
{
	struct ow_socket *peer;

	if (!u->dead.peer)
		return 0;
	peer = ow_get_socket(u->dead.peer);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	sock_hold(peer->sk);
	unix_peer(u->to->sk) = peer->sk;
	return 0;
}

static int ow_restore_unix(struct ow_unix *u)
{
	const struct sock *dead = u->to->dead;
	struct sock *sk = u->to->sk;
	struct socket socket;
	int err;

	err = ow_restore_name(u);
	if (!err)
		err = ow_restore_peer_of(u);
	if (err)
		return err;
	ow_restore_options(u->to, &u->dead.sk);
	sk->sk_state = u->dead.sk.sk_state;
	if (ow_read_socket(dead, &socket))
		u->to->sock->state = socket.state;
	if (sk->sk_state == TCP_LISTEN)
		err = ow_restore_connections(u);
	else
		err = ow_restore_messages(u);
	sk->sk_shutdown = u->dead.sk.sk_shutdown;
	return err;
}

int ow_fill_unix(struct ow_socket *s)
{
	struct ow_unix *u = kzalloc(sizeof(*u), GFP_KERNEL);
	int err = -EUCLEAN;

	if (!u)
		return -ENOMEM;
	u->to = s;
	if (ow_get(u->dead, (struct unix_sock *)s->dead))
		err = ow_restore_unix(u);
	kfree(u);
	return err;
}
