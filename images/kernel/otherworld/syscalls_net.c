// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls on sockets. As with pipes, what has been received is gone from its
 * queue, and what has been sent is on its way: such a call is not issued again
 * from its beginning. How far it is stands in the kernel's own iterator over
 * the caller's buffers (progress.c).
 */
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <net/af_unix.h>
#include <net/inet_sock.h>
#include <net/tcp_states.h>
#include <asm/unistd.h>

#include "sockets.h"
#include "syscalls.h"

/* Receiving and sending alike: the system call and what it is done by. */
struct ow_exchange {
	const char *reason;
	const char *work[5];		/* one of these while it is done */
	const char *way[4];		/* to it, over several buffers */
	const struct ow_end *file_ends;	/* of read() or write(), */
	struct ow_end ends[4];		/* and of the calls for sockets only */
	const char *frames[4];		/* where the iterator lies */
	bool source;			/* the caller's buffer is */
};

static const struct ow_exchange ow_receiving = {
	"read", {
		"vfs_read", "vfs_readv", "__sys_recvfrom", "__sys_recvmsg",
		"do_recvmmsg",
	}, { "vfs_readv", "do_iter_read", "do_iter_readv_writev" }, ow_read_ends, {
		{ "__x64_sys_recvfrom", "__sys_recvfrom" },
		{ "__x64_sys_recvmsg", "__sys_recvmsg" },
		{ "__x64_sys_recvmmsg", "do_recvmmsg" }, { }
	}, { "sock_read_iter", "__sys_recvfrom", "__sys_recvmsg" }, ITER_DEST
};

static const struct ow_exchange ow_sending = {
	"write", {
		"vfs_write", "vfs_writev", "__sys_sendto", "__sys_sendmsg",
		"__sys_sendmmsg",
	}, { "vfs_writev", "do_iter_write", "do_iter_readv_writev" }, ow_write_ends, {
		{ "__x64_sys_sendto", "__sys_sendto" },
		{ "__x64_sys_sendmsg", "__sys_sendmsg" },
		{ "__x64_sys_sendmmsg", "__sys_sendmmsg" }, { }
	}, { "sock_write_iter", "__sys_sendto", "__sys_sendmsg" }, ITER_SOURCE
};

/* What comes before anything is moved. */
static const char * const ow_before[] = {
	"sockfd_lookup_light", "import_single_range", "import_iovec",
	"copy_msghdr_from_user", "move_addr_to_kernel", "rw_verify_area",
	"__get_task_ioprio",
};

const struct socket *ow_called_socket(struct ow_dead *d)
{
	const struct file *dead = ow_dead_fd(d, d->regs.di);
	const struct inode *inode;
	umode_t mode;

	if (!dead || !ow_get(inode, &dead->f_inode) ||
	    !ow_get(mode, &inode->i_mode) || !S_ISSOCK(mode))
		return NULL;
	return &container_of(inode, struct socket_alloc, vfs_inode)->socket;
}

bool ow_calls_socket(struct ow_dead *d)
{
	return ow_called_socket(d);
}

static bool ow_exchanges(struct ow_dead *d, const struct ow_exchange *x)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(ow_before); i++)
		if (ow_in_function(d, ow_before[i]))
			return false;
	/* What the file does is called by pointer. */
	if (ow_ahead_of_pointer(d, x->work[0]))
		return false;
	/* The list of the caller's buffers is read first. */
	if (ow_may_call(d, x->way[0], "import_iovec"))
		return false;
	for (i = 0; i < ARRAY_SIZE(x->work); i++)
		if (ow_in_function(d, x->work[i]))
			return true;
	return ow_behind_any(d, x->file_ends) || ow_behind_any(d, x->ends);
}

/* --- how far a sleeping call is --- */

static bool ow_is_stream(struct ow_dead *d)
{
	const struct socket *dead = ow_called_socket(d);
	short type;

	return !dead || !ow_get(type, &dead->type) || type == SOCK_STREAM;
}

static void ow_put_rest(struct ow_rest *rest, unsigned long at, u64 value,
			unsigned int size)
{
	rest->puts[rest->nr_puts++] = (struct ow_put){ at, value, size };
}

/* TCP_INQ */
static bool ow_tcp_tells_more(const struct sock *sk)
{
	struct tcp_sock *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	bool more = !copy || !ow_get(*copy, (const struct tcp_sock *)sk) ||
		    copy->recvmsg_inq;

	kfree(copy);
	return more;
}

/* What the caller would be told besides the count: where it came from, and what
 * came with it.
 */
static bool ow_brings_more(struct ow_dead *d, const struct user_msghdr *msg)
{
	const struct socket *dead = ow_called_socket(d);
	unsigned long flags, options;
	unsigned short family;
	struct sock *sk;

	if (!dead || !ow_get(flags, &dead->flags) || !ow_get(sk, &dead->sk) ||
	    !ow_get(family, &sk->sk_family) || !ow_get(options, &sk->sk_flags))
		return true;
	if (family == AF_UNIX)
		return msg->msg_name || flags & BIT(SOCK_PASSCRED) ||
		       ow_holds_files(d, "unix_stream_read_generic");
	return msg->msg_controllen &&
	       (options & BIT(SOCK_RCVTSTAMP) || ow_tcp_tells_more(sk));
}

/* A part of a stream. recvmsg() says that it comes alone, too. */
static void ow_answer_part(struct ow_dead *d, const struct ow_exchange *x,
			   long moved)
{
	struct ow_rest rest = { .answer = moved };
	unsigned long at = d->regs.si;
	struct user_msghdr msg;

	if (d->regs.orig_ax == __NR_recvmsg) {
		if (!ow_read_user(d, &msg, at, sizeof(msg)) ||
		    ow_brings_more(d, &msg))
			return ow_refuse(d, x->reason);
		ow_put_rest(&rest, at + offsetof(struct user_msghdr, msg_flags),
			    d->regs.dx & MSG_CMSG_CLOEXEC,
			    sizeof(msg.msg_flags));
		ow_put_rest(&rest,
			    at + offsetof(struct user_msghdr, msg_controllen), 0,
			    sizeof(msg.msg_controllen));
		if (msg.msg_name)
			ow_put_rest(&rest, at + offsetof(struct user_msghdr,
							 msg_namelen), 0,
				    sizeof(msg.msg_namelen));
	}
	ow_answer_rest(d, &rest);
}

static void ow_exchange_slept(struct ow_dead *d, const struct ow_exchange *x)
{
	const struct iov_iter *it;
	long wanted, moved = 0;

	/* A message is moved in one piece, behind the last place to wait. */
	if (!ow_exchanges(d, x))
		return ow_answer(d, OW_RESTART, 0);
	wanted = ow_wanted(d);
	if (wanted < 0 || ow_in_function(d, "handle_mm_fault"))
		return ow_refuse(d, x->reason);
	if (ow_is_stream(d))
		moved = ow_copied_bytes(d, x->frames, x->source, wanted, &it);
	if (moved < 0)
		ow_refuse(d, x->reason);
	else if (moved)
		ow_answer_part(d, x, moved);
	else
		ow_answer(d, OW_RESTART, 0);
}

/* On the way to the work over several buffers, whose iterator nobody moved? */
static bool ow_is_under_way(struct ow_dead *d, const struct ow_exchange *x,
			    unsigned long ip)
{
	const char * const frames[] = { x->way[0], NULL };
	const struct iov_iter *it;
	int i;

	for (i = 0; i < ARRAY_SIZE(x->way) && x->way[i]; i++)
		if (ow_ip_in(ip, x->way[i]))
			return !ow_copied_bytes(d, frames, x->source,
						ow_wanted(d), &it);
	return false;
}

/* Short of the work, in a function of ours without having called anybody? */
static bool ow_is_short_of(struct ow_dead *d, const struct ow_exchange *x)
{
	struct pt_regs regs;

	if (!ow_stood(d, &regs) || ow_wanted(d) < 0)
		return false;
	if (ow_ip_in(regs.ip, x->file_ends[0].caller))
		return true;
	if (ow_ip_in(regs.ip, x->work[2]) || ow_ip_in(regs.ip, x->frames[0]))
		return !ow_behind_pointer(regs.ip);
	return ow_is_under_way(d, x, regs.ip);
}

/*
 * Behind the work, in vfs_read() or vfs_write(), which has a check there that
 * the kernel may have died of? What it was given back is in its own iterator.
 */
static bool ow_is_behind(struct ow_dead *d, const struct ow_exchange *x,
			 long *moved)
{
	const char * const frames[] = { x->work[0], NULL };
	const struct iov_iter *it;
	struct pt_regs regs;

	if (!ow_stood(d, &regs) || !ow_ip_in(regs.ip, x->work[0]) ||
	    ow_wanted(d) < 0)
		return false;
	*moved = ow_copied_bytes(d, frames, x->source, ow_wanted(d), &it);
	return true;
}

/* UDP promises neither that a datagram arrives nor that it arrives once. */
static bool ow_may_repeat(struct ow_dead *d)
{
	const struct socket *dead = ow_called_socket(d);
	struct sock *sk;
	u16 protocol;

	return ow_wanted(d) >= 0 && dead && ow_get(sk, &dead->sk) &&
	       ow_get(protocol, &sk->sk_protocol) && protocol == IPPROTO_UDP;
}

/* Is there nothing more to come? */
static bool ow_is_at_end(struct ow_dead *d)
{
	const struct socket *dead = ow_called_socket(d);
	unsigned long flags;
	u8 state, shutdown;
	struct sock *sk;

	return !dead || !ow_get(sk, &dead->sk) || !ow_get(state, &sk->sk_state) ||
	       !ow_get(flags, &sk->sk_flags) || !ow_get(shutdown, &sk->sk_shutdown) ||
	       state == TCP_CLOSE || flags & BIT(SOCK_DONE) ||
	       shutdown & RCV_SHUTDOWN;
}

/* What the iterator of a read() or readv() of a stream says was moved; negative if that
 * is not known.
 */
static long ow_received(struct ow_dead *d, const struct ow_exchange *x)
{
	const struct iov_iter *it;

	if (x->source || !ow_is_stream(d) ||
	    (d->regs.orig_ax != __NR_read && d->regs.orig_ax != __NR_readv))
		return -ENOENT;
	return ow_copied_bytes(d, x->frames, x->source, ow_wanted(d), &it);
}

/* Behind what moves its bytes. None, with more to come, is no end. */
static void ow_answer_told(struct ow_dead *d, const struct ow_exchange *x,
			   const struct ow_rest *rest)
{
	long moved = ow_received(d, x);

	if (rest->answer < 0 || moved < 0 || (!moved && ow_is_at_end(d)))
		ow_answer_rest(d, rest);
	else if (moved)
		ow_answer_part(d, x, moved);
	else
		ow_again_or(d, -EINTR);
}

/* A message is on its way as a whole, or not at all; of a stream there is a
 * part. Where nothing moves any more only the answer is missing.
 */
static void ow_exchange_ran(struct ow_dead *d, const struct ow_exchange *x)
{
	struct ow_rest rest;
	long moved = -ENOENT;

	if (!ow_exchanges(d, x))
		return ow_again_or(d, -EINTR);
	if (ow_wanted(d) >= 0 && ow_moves_message(d)) {
		ow_rule_message(d);
		if (d->call.outcome == OW_REFUSE && ow_may_repeat(d))
			ow_again_or(d, -EINTR);
		return;
	}
	if (ow_wanted(d) >= 0 && !ow_flows(d, x->source) &&
	    ow_foretell(d, NULL, &rest))
		return ow_answer_told(d, x, &rest);
	if (ow_is_short_of(d, x) || ow_may_repeat(d))
		moved = 0;
	else if (!ow_is_behind(d, x, &moved) && ow_is_stream(d))
		moved = ow_counted(d, x->frames, x->source);
	if (moved < 0)
		ow_refuse(d, x->reason);
	else if (moved)
		ow_answer_part(d, x, moved);
	else
		ow_again_or(d, -EINTR);
}

static void ow_exchange(struct ow_dead *d, const struct ow_exchange *x)
{
	if (d->was_current)
		ow_exchange_ran(d, x);
	else
		ow_exchange_slept(d, x);
}

void ow_rule_receive(struct ow_dead *d)
{
	ow_exchange(d, &ow_receiving);
}

void ow_rule_send(struct ow_dead *d)
{
	ow_exchange(d, &ow_sending);
}

long ow_sent_so_far(struct ow_dead *d)
{
	return ow_counted(d, ow_sending.frames, ow_sending.source);
}

/* --- connections --- */

void ow_rule_connect(struct ow_dead *d)
{
	const struct socket *dead = ow_called_socket(d);
	unsigned char state;
	struct sock *sk;

	if (dead && ow_get(sk, &dead->sk) && ow_get(state, &sk->sk_state) &&
	    state == TCP_ESTABLISHED && ow_is_stream(d))
		return ow_answer(d, OW_RETURN, 0);
	ow_again_or(d, -EINTR);
}

/* Has it got its name? Twice is an error. */
static bool ow_has_name(const struct socket *dead)
{
	struct unix_address *addr;
	unsigned short family;
	struct sock *sk;
	__be16 port;

	if (!ow_get(sk, &dead->sk) || !ow_get(family, &sk->sk_family))
		return false;
	if (family == AF_UNIX)
		return ow_get(addr, &unix_sk(sk)->addr) && addr;
	return (family == AF_INET || family == AF_INET6) &&
	       ow_get(port, &inet_sk(sk)->inet_sport) && port;
}

void ow_rule_bind(struct ow_dead *d)
{
	const struct socket *dead = ow_called_socket(d);

	if (dead && d->was_current && ow_has_name(dead))
		return ow_answer(d, OW_RETURN, 0);
	ow_again_or(d, -EINTR);
}
