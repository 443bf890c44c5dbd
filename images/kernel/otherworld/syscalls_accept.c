// SPDX-License-Identifier: GPL-2.0-only
/*
 * accept(). Between the listener's queue and the table of descriptors a
 * connection is known to nobody but the call: a pointer on its stack or in a
 * register. If the kernel dies then, the connection goes back to the head of
 * the queue, and the call is issued again.
 */
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/sched/task_stack.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/af_unix.h>
#include <net/inet_connection_sock.h>
#include <net/request_sock.h>
#include <net/tcp_states.h>
#include <asm/unistd.h>

#include "sockets.h"
#include "syscalls.h"

/* --- is a connection in somebody's table? --- */

struct ow_holder {
	const struct file *file;
	bool found;
};

static int ow_look_into_table(const struct ow_process *p, void *arg)
{
	struct ow_holder *h = arg;
	struct files_struct *files;
	struct fdtable *fdt, table;
	struct file *file;
	unsigned int fd;

	if (p->exit_state || !ow_get(files, &p->living->files) || !files ||
	    !ow_get(fdt, &files->fdt) || !ow_get(table, fdt))
		return 0;
	for (fd = 0; fd < table.max_fds && fd < OW_MAX_FDS; fd++) {
		if (!ow_get(file, &table.fd[fd]))
			break;
		h->found |= file == h->file;
	}
	return h->found;
}

/* An accepted socket has its file before it has a descriptor. */
static bool ow_is_held(const struct socket *socket)
{
	struct ow_holder h = { };
	atomic_long_t count;

	if (!ow_get(h.file, &socket->file) || !h.file ||
	    !ow_get(count, &h.file->f_count) || atomic_long_read(&count) != 1)
		return true;
	ow_visit_processes(ow_look_into_table, &h);
	return h.found;
}

/* --- is it still in the queue? --- */

static int ow_look_at_buffer(const struct sk_buff *at, void *arg)
{
	struct sock *sk;

	return ow_get(sk, &at->sk) && sk == arg;
}

static bool ow_is_waiting(const struct sock *sk, const struct sock *listener)
{
	const struct inet_connection_sock *icsk = inet_csk(listener);
	struct request_sock *at;
	unsigned short family;
	struct sock *waits;
	unsigned int i;

	if (ow_get(family, &listener->sk_family) && family == AF_UNIX)
		return ow_walk_queue(&listener->sk_receive_queue,
				     ow_look_at_buffer, (void *)sk);
	if (!ow_get(at, &icsk->icsk_accept_queue.rskq_accept_head))
		return true;
	for (i = 0; at && i < OW_MAX_QUEUE; i++)
		if (!ow_get(waits, &at->sk) || waits == sk ||
		    !ow_get(at, &at->dl_next))
			return true;
	return false;
}

/* --- the connection in hand --- */

static bool ow_same_name(const struct sock *a, const struct sock *b,
			 unsigned short family)
{
	struct unix_address *name, *other;
	u16 port, other_port;

	/* What a listener has accepted shares its name. */
	if (family == AF_UNIX)
		return ow_get(name, &unix_sk(a)->addr) &&
		       ow_get(other, &unix_sk(b)->addr) && name == other;
	return ow_get(port, &inet_sk(a)->inet_num) &&
	       ow_get(other_port, &inet_sk(b)->inet_num) && port == other_port;
}

static bool ow_is_connection(const struct sock *sk, const struct sock *listener)
{
	unsigned short family, other;
	struct proto *prot, *listens;
	struct socket *socket;
	unsigned long flags;
	u8 state;

	if (!sk || sk == listener || !IS_ALIGNED((unsigned long)sk, L1_CACHE_BYTES) ||
	    !ow_get(prot, &sk->sk_prot) || !ow_get(listens, &listener->sk_prot) ||
	    prot != listens || !ow_get(family, &sk->sk_family) ||
	    !ow_get(other, &listener->sk_family) || family != other ||
	    !ow_get(state, &sk->sk_state) || !ow_get(flags, &sk->sk_flags) ||
	    !ow_get(socket, &sk->sk_socket))
		return false;
	return (state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT) &&
	       !(flags & BIT(SOCK_DEAD)) && (!socket || !ow_is_held(socket)) &&
	       ow_same_name(sk, listener, family);
}

/* A word may point to the connection, or to what it was queued by. */
static const struct sock *ow_connection_at(unsigned long word,
					   const struct sock *listener)
{
	const struct sock *at = (const struct sock *)word;
	const struct sock *by_skb, *by_request;

	if (!IS_ALIGNED(word, sizeof(word)) || !ow_get(by_skb, &((struct sk_buff *)word)->sk))
		return NULL;
	if (ow_is_connection(at, listener))
		return at;
	if (ow_is_connection(by_skb, listener))
		return by_skb;
	if (ow_get(by_request, &((struct request_sock *)word)->sk) &&
	    ow_is_connection(by_request, listener))
		return by_request;
	return NULL;
}

static bool ow_accepts(struct ow_dead *d, const struct sock *listener)
{
	const struct socket *socket;
	struct sock *sk;

	if (!ow_load_call(d) ||
	    (d->regs.orig_ax != __NR_accept && d->regs.orig_ax != __NR_accept4))
		return false;
	socket = ow_called_socket(d);
	return socket && ow_get(sk, &socket->sk) && sk == listener;
}

static const struct sock *ow_look_through(struct ow_dead *d,
					  const struct sock *listener)
{
	const unsigned long *regs = (const unsigned long *)&ow_dead_record()->regs;
	const unsigned long *stack = d->task->stack;
	const struct sock *sk;
	unsigned long word;
	unsigned int i;

	/* The innermost first: what lies further up may be older. */
	for (i = 0; i < (sizeof(struct pt_regs) + THREAD_SIZE) / sizeof(word); i++) {
		if (i < sizeof(struct pt_regs) / sizeof(word))
			word = regs[i];
		else if (!ow_get(word, stack + i - sizeof(struct pt_regs) / sizeof(word)))
			continue;
		sk = ow_connection_at(word, listener);
		if (sk && !ow_is_waiting(sk, listener))
			return sk;
	}
	return NULL;
}

const struct sock *ow_connection_in_hand(const struct sock *listener)
{
	struct ow_dead *d = ow_load_current();
	const struct sock *found = NULL;

	if (d && ow_accepts(d, listener))
		found = ow_look_through(d, listener);
	ow_unload(d);
	return found;
}

/* --- the call --- */

void ow_rule_accept(struct ow_dead *d)
{
	struct ow_rest rest;

	/* The descriptor is there: only the answer is missing. */
	if (d->was_current && ow_foretell(d, NULL, &rest) &&
	    ((long)rest.answer < 0 || ow_dead_fd(d, rest.answer)))
		return ow_answer_rest(d, &rest);
	ow_again_or(d, -EINTR);
}
