// SPDX-License-Identifier: GPL-2.0-only
/*
 * How far a read() or write() was that moved bytes through a pipe or a stream
 * when the kernel died. The kernel's own iterator over the caller's buffers
 * says how many were copied. All of them are counted, gone from the queue or in
 * it, but for those of a piece that is between its copy and its count: that
 * piece is followed to its end, in the kernel's own text, and taken off.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/pipe_fs_i.h>
#include <linux/skbuff.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <net/af_unix.h>
#include <asm/unistd.h>

#include "sockets.h"
#include "syscalls.h"

/* Bytes of an array of buffers in the caller's memory; negative if unknown. */
static long ow_total(struct ow_dead *d, unsigned long buffers, size_t count)
{
	struct iovec iov;
	long total = 0;

	if (count > UIO_MAXIOV)
		return -EINVAL;
	for (; count; count--, buffers += sizeof(iov)) {
		if (!ow_read_user(d, &iov, buffers, sizeof(iov)))
			return -EFAULT;
		total += min_t(size_t, iov.iov_len, MAX_RW_COUNT - total);
	}
	return total;
}

long ow_wanted(struct ow_dead *d)
{
	const struct pt_regs *regs = &d->regs;
	struct user_msghdr msg;

	switch (regs->orig_ax) {
	case __NR_read:
	case __NR_write:
	case __NR_recvfrom:
	case __NR_sendto:
		return min_t(size_t, regs->dx, MAX_RW_COUNT);
	case __NR_readv:
	case __NR_writev:
		return ow_total(d, regs->si, regs->dx);
	case __NR_recvmsg:
	case __NR_sendmsg:
		if (!ow_read_user(d, &msg, regs->si, sizeof(msg)))
			return -EFAULT;
		return ow_total(d, (unsigned long)msg.msg_iov, msg.msg_iovlen);
	default:
		return -EINVAL;		/* of several messages */
	}
}

static bool ow_read_array(struct ow_dead *d, unsigned long buffers, size_t count,
			  size_t offset, void *to, size_t len)
{
	struct iovec iov;

	if (count > UIO_MAXIOV)
		return false;
	for (; count && len; count--, buffers += sizeof(iov)) {
		size_t part;

		if (!ow_read_user(d, &iov, buffers, sizeof(iov)))
			return false;
		if (offset >= iov.iov_len) {
			offset -= iov.iov_len;
			continue;
		}
		part = min_t(size_t, len, iov.iov_len - offset);
		if (!ow_read_user(d, to, (unsigned long)iov.iov_base + offset,
				  part))
			return false;
		to += part;
		len -= part;
		offset = 0;
	}
	return !len;
}

bool ow_read_buffers(struct ow_dead *d, size_t offset, void *to, size_t len)
{
	const struct pt_regs *regs = &d->regs;
	struct user_msghdr msg;

	switch (regs->orig_ax) {
	case __NR_write:
	case __NR_sendto:
		return ow_read_user(d, to, regs->si + offset, len);
	case __NR_writev:
		return ow_read_array(d, regs->si, regs->dx, offset, to, len);
	case __NR_sendmsg:
		return ow_read_user(d, &msg, regs->si, sizeof(msg)) &&
		       ow_read_array(d, (unsigned long)msg.msg_iov,
				     msg.msg_iovlen, offset, to, len);
	default:
		return false;
	}
}

/* The iterator that is furthest, of those in the frame at hand. */
static const struct iov_iter *ow_furthest(const struct ow_frame *frame,
					  bool source, long wanted, long *moved)
{
	const struct iov_iter *found = NULL;
	unsigned long at = frame->low;
	struct iov_iter it;

	for (; at + sizeof(it) <= frame->high; at += sizeof(long)) {
		if (!ow_get(it, (struct iov_iter *)at) ||
		    (it.iter_type != ITER_UBUF && it.iter_type != ITER_IOVEC) ||
		    !it.user_backed || it.data_source != source ||
		    it.count > wanted || it.nr_segs > UIO_MAXIOV)
			continue;
		if (found && *moved >= wanted - (long)it.count)
			continue;
		found = (const struct iov_iter *)at;
		*moved = wanted - (long)it.count;
	}
	return found;
}

long ow_copied_bytes(struct ow_dead *d, const char * const *frames, bool source,
		     long wanted, const struct iov_iter **it)
{
	struct ow_frame frame;
	long moved = -ENOENT;

	for (; *frames; frames++)
		if (ow_frame_of(d, *frames, &frame))
			break;
	*it = *frames ? ow_furthest(&frame, source, wanted, &moved) : NULL;
	return moved;
}

/* --- what a piece is counted by, when it has been copied --- */

static const void *ow_pipe_buffer(const struct inode *inode, bool last)
{
	struct pipe_inode_info *at, pipe;
	unsigned int index;

	if (!ow_get(at, &inode->i_pipe) || !ow_get(pipe, at) ||
	    !is_power_of_2(pipe.ring_size))
		return NULL;
	index = (last ? pipe.head - 1 : pipe.tail) & (pipe.ring_size - 1);
	return &pipe.bufs[index].len;
}

static const void *ow_first_buffer(const struct inode *inode)
{
	return ow_pipe_buffer(inode, false);
}

static const void *ow_last_buffer(const struct inode *inode)
{
	return ow_pipe_buffer(inode, true);
}

static const struct sock *ow_sock_of(const struct inode *inode)
{
	const struct socket *socket =
		&container_of(inode, struct socket_alloc, vfs_inode)->socket;
	struct sock *sk;

	return ow_get(sk, &socket->sk) ? sk : NULL;
}

static const void *ow_unix_consumed(const struct inode *inode)
{
	const struct sock *sk = ow_sock_of(inode);
	const struct sk_buff *skb;

	return sk && ow_get(skb, &sk->sk_receive_queue.next) ?
	       &UNIXCB(skb).consumed : NULL;
}

static const void *ow_unix_queued(const struct inode *inode)
{
	const struct sock *sk = ow_sock_of(inode), *peer;
	const struct sk_buff *last;

	if (!sk || !ow_get(peer, &unix_sk(sk)->peer) || !peer)
		return NULL;
	/* By this, and not by its way back, it will be found. */
	last = ow_last_in_queue(&peer->sk_receive_queue);
	return last ? &last->next : NULL;
}

static const void *ow_tcp_copied(const struct inode *inode)
{
	const struct sock *sk = ow_sock_of(inode);

	return sk ? &tcp_sk(sk)->copied_seq : NULL;
}

/* What the last buffer has beyond that is not sent (ow_visit_to_send()). */
static const void *ow_tcp_added(const struct inode *inode)
{
	const struct sock *sk = ow_sock_of(inode);

	return sk ? &tcp_sk(sk)->write_seq : NULL;
}

/*
 * Is all that was received counted? What is between its copy and its count was
 * received, too: so there is none.
 */
static bool ow_tcp_is_through(const struct inode *inode)
{
	const struct sock *sk = ow_sock_of(inode);
	u32 copied, received;

	return sk && ow_get(copied, &tcp_sk(sk)->copied_seq) &&
	       ow_get(received, &tcp_sk(sk)->rcv_nxt) && copied == received;
}

/* Who moves bytes, and by what. */
struct ow_flow {
	struct ow_mover mover;
	const void *(*counter)(const struct inode *inode);
	bool by_skb;			/* the counter is a queue of buffers */
	bool (*through)(const struct inode *inode);	/* all is counted; or NULL */
};

static const struct ow_flow ow_flows_in[] = {
	{ { "pipe_read", "copy_page_to_iter" }, ow_first_buffer },
	{ { "unix_stream_read_generic", "unix_stream_read_actor",
	    { "kfree_skb_reason" }, "kfree_skb_reason" }, ow_unix_consumed },
	{ { "tcp_recvmsg_locked", "skb_copy_datagram_iter" }, ow_tcp_copied,
	  .through = ow_tcp_is_through },
};

static const struct ow_flow ow_flows_out[] = {
	{ { "pipe_write", "copy_page_from_iter" }, ow_last_buffer },
	{ { "unix_stream_sendmsg", "skb_copy_datagram_from_iter",
	    { "maybe_add_creds", "unix_add_edges", "skb_queue_tail" } },
	  ow_unix_queued, true },
	{ { "tcp_sendmsg_locked", "_copy_from_iter" }, ow_tcp_added },
};

/* What moves a message as a whole. */
static const char * const ow_packets[] = {
	"__unix_dgram_recvmsg", "unix_dgram_sendmsg", "udp_recvmsg",
	"udp_sendmsg", "raw_recvmsg", "raw_sendmsg", "packet_recvmsg",
	"packet_sendmsg", "netlink_recvmsg", "netlink_sendmsg",
};

static const struct ow_flow *ow_flow_of(struct ow_dead *d, bool source)
{
	const struct ow_flow *flows = source ? ow_flows_out : ow_flows_in;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ow_flows_in); i++)
		if (ow_in_function(d, flows[i].mover.name))
			return &flows[i];
	return NULL;
}

bool ow_flows(struct ow_dead *d, bool source)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ow_packets); i++)
		if (ow_in_function(d, ow_packets[i]))
			return true;
	return ow_flow_of(d, source);
}

/* Bytes of a piece, by what its count was and what it becomes. */
static long ow_piece_size(const struct ow_flow *f, const void *counter,
			  u64 becomes)
{
	u32 was, now = becomes;

	if (f->by_skb)
		return ow_get(now, &((struct sk_buff *)becomes)->len) ?
		       now : -EFAULT;
	if (!ow_get(was, (u32 *)counter))
		return -EFAULT;
	return abs((s32)(now - was));
}

/* Of a piece that may be on its way from the copy to the count. */
static long ow_follow_count(struct ow_dead *d, const struct ow_flow *f,
			    const struct iov_iter *it, long wanted, long moved)
{
	const struct file *dead = ow_dead_fd(d, d->regs.di);
	bool copying = ow_ip_in(ow_callee_of(d, f->mover.name), f->mover.copies);
	const void *counter;
	u64 becomes, left;
	struct inode *inode;
	long size;

	if (!dead || !ow_get(inode, &dead->f_inode))
		return -EUCLEAN;
	counter = f->counter(inode);
	if (!counter)
		return -EUCLEAN;
	switch (ow_follow(d, &f->mover, counter, &it->count, &becomes, &left)) {
	case OW_PIECE_NONE:
		return copying ? -ENOENT : moved;
	case OW_PIECE_COUNTS:
		size = ow_piece_size(f, counter, becomes);
		moved = wanted - (long)left - size;
		return size < 0 || left > wanted || moved < 0 ? -EUCLEAN : moved;
	default:
		return !copying && f->through && f->through(inode) ? moved : -ENOENT;
	}
}

long ow_counted(struct ow_dead *d, const char * const *frames, bool source)
{
	const struct ow_flow *f = ow_flow_of(d, source);
	long wanted = ow_wanted(d), moved;
	const struct iov_iter *it;
	unsigned long callee;
	int i;

	if (wanted < 0)
		return wanted;
	moved = ow_copied_bytes(d, frames, source, wanted, &it);
	if (moved <= 0)
		return moved;
	/* An iterator of which nobody makes use may be of an earlier call. */
	if (!f)
		return -ENOENT;
	callee = ow_callee_of(d, f->mover.name);
	if (!callee || ow_ip_in(callee, f->mover.copies))
		return ow_follow_count(d, f, it, wanted, moved);
	for (i = 0; i < ARRAY_SIZE(f->mover.then) && f->mover.then[i]; i++)
		if (ow_ip_in(callee, f->mover.then[i]))
			return ow_follow_count(d, f, it, wanted, moved);
	return moved;
}

/*
 * The first buffer of a pipe begins later once a piece of it has been copied,
 * and is as much shorter one instruction behind that. The reader has not got a
 * piece that is not counted.
 */
static bool ow_begins_at(struct ow_dead *d, const struct inode *dead,
			 struct pipe_buffer *buf)
{
	const struct file *file;
	const u32 *counter;
	struct inode *inode;
	u64 becomes, place;
	u32 len;

	if (!d->was_current || !ow_in_function(d, "pipe_read") ||
	    !ow_load_call(d))
		return false;
	file = ow_dead_fd(d, d->regs.di);
	if (!file || !ow_get(inode, &file->f_inode) || inode != dead)
		return false;
	counter = ow_first_buffer(dead);
	/* The offset is the word in front of the length. */
	BUILD_BUG_ON(offsetof(struct pipe_buffer, len) !=
		     offsetof(struct pipe_buffer, offset) + sizeof(len));
	if (!counter || !ow_get(len, counter) ||
	    ow_follow(d, &ow_flows_in[0].mover, counter, counter - 1, &becomes,
		      &place) != OW_PIECE_COUNTS)
		return false;
	buf->offset = (u32)place - (len - (u32)becomes);
	return true;
}

void ow_first_place(const struct inode *dead, struct pipe_buffer *buf)
{
	struct ow_dead *d = ow_load_current();
	struct pipe_buffer copy = *buf;

	if (d && ow_begins_at(d, dead, &copy))
		*buf = copy;
	ow_unload(d);
}
