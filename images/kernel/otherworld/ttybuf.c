// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes under way at a terminal when its kernel died: input that had arrived
 * but was not read, output that was accepted but not sent.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/serial_core.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <../drivers/tty/tty.h>

#include "resurrect.h"
#include "syscalls.h"
#include "ttybuf.h"

#define OW_MAX_TTY_BUFFERS	64

struct tty_struct *ow_read_tty(const struct tty_struct *dead)
{
	struct tty_struct *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	int i;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (!ow_get(*copy, dead))
		goto damaged;
	for (i = 0; i < sizeof(copy->name) && copy->name[i]; i++)
		if (!isalnum(copy->name[i]))
			goto damaged;
	if (!i || i == sizeof(copy->name))
		goto damaged;
	return copy;
damaged:
	kfree(copy);
	return ERR_PTR(-EUCLEAN);
}

/* --- input --- */

static void ow_feed(struct tty_struct *tty, const u8 *data, size_t count)
{
	if (!count)
		return;
	tty_insert_flip_string(tty->port, data, count);
	tty_flip_buffer_push(tty->port);
	tty_buffer_flush_work(tty->port);
}

/* Bytes the line discipline had taken in: mapped and echoed already. */
void ow_restore_discipline(struct tty_struct *tty,
			   const struct tty_struct *copy)
{
	size_t size = otherworld_n_tty_size();
	void *dead = kvmalloc(size, GFP_KERNEL);

	if (dead && copy->disc_data && ow_read(dead, copy->disc_data, size))
		otherworld_n_tty_restore(tty, dead);
	kvfree(dead);
}

/* The task that gives a port's input to the line discipline; NULL if none does. */
static struct ow_dead *ow_load_giver(const struct tty_port *port)
{
	struct ow_dead *d;
	long owner;

	if (!ow_get(owner, (const long *)&port->buf.lock.owner))
		return NULL;
	owner &= ~7L;			/* MUTEX_FLAGS */
	d = owner ? ow_load_stack((struct task_struct *)owner) : NULL;
	if (d && !ow_in_function(d, "flush_to_ldisc")) {
		ow_unload(d);
		return NULL;
	}
	return d;
}

/*
 * How many of the first @count bytes it was giving readers have already. They are
 * counted as given only when the line discipline has returned, and wiped.
 */
static size_t ow_given_by(struct ow_dead *d, const void *disc, const u8 *data,
			  size_t count)
{
	size_t published = otherworld_n_tty_published(disc, data, count);

	if (ow_in_function(d, "n_tty_receive_buf_standard") ||
	    ow_in_function(d, "n_tty_receive_char_flagged"))
		return 0;
	if (ow_in_call(d, "flush_to_ldisc", "__memset"))
		return count;
	if (ow_in_call(d, "n_tty_receive_buf_common", "__wake_up") ||
	    ow_in_call(d, "n_tty_receive_buf_common", "kill_fasync"))
		return published ?: count;
	return published;
}

/* The same of the first buffer of a dead terminal. */
static size_t ow_given_of(const struct tty_struct *copy, const u8 *data,
			  size_t count)
{
	size_t size = otherworld_n_tty_size(), given = 0;
	struct ow_dead *giver = ow_load_giver(copy->port);
	void *disc = giver ? kvmalloc(size, GFP_KERNEL) : NULL;

	if (disc && copy->disc_data && ow_read(disc, copy->disc_data, size))
		given = ow_given_by(giver, disc, data, count);
	kvfree(disc);
	ow_unload(giver);
	return given;
}

/* Bytes the driver had received and the line discipline not yet seen. */
void ow_feed_raw(struct tty_struct *tty, const struct tty_struct *copy)
{
	const struct tty_buffer *at;
	size_t given;
	unsigned int i;

	if (!copy->port || !ow_get(at, &copy->port->buf.head))
		return;
	for (i = 0; at && i < OW_MAX_TTY_BUFFERS; i++) {
		struct tty_buffer head;
		int count;
		u8 *data;

		if (!ow_get(head, at))
			return;
		count = head.used - head.read;
		if (head.read < 0 || count < 0 || count > PAGE_SIZE)
			return;
		data = kmalloc(count + 1, GFP_KERNEL);
		if (data && ow_read(data, (u8 *)at->data + head.read, count)) {
			given = i ? 0 : ow_given_of(copy, data, count);
			ow_feed(tty, data + given, count - given);
		}
		kfree(data);
		at = head.next;
	}
}

/* --- output --- */

/* Copy of a dead serial port's transmit ring; false if there is none. */
static bool ow_read_ring(const struct tty_struct *copy, struct circ_buf *ring,
			 u8 *data)
{
	const struct uart_state *state = copy->driver_data;
	short type;

	return state && copy->driver && ow_get(type, &copy->driver->type) &&
	       type == TTY_DRIVER_TYPE_SERIAL && ow_get(*ring, &state->xmit) &&
	       ring->buf && ow_read(data, ring->buf, UART_XMIT_SIZE);
}

static void ow_send_rest(struct tty_struct *tty, const struct tty_struct *copy)
{
	u8 *data = kmalloc(2 * UART_XMIT_SIZE, GFP_KERNEL);
	struct circ_buf ring;
	unsigned int i, count;

	if (data && tty->ops == copy->ops && ow_read_ring(copy, &ring, data)) {
		count = CIRC_CNT(ring.head, ring.tail, UART_XMIT_SIZE);
		for (i = 0; i < count; i++)
			data[UART_XMIT_SIZE + i] =
				data[(ring.tail + i) & (UART_XMIT_SIZE - 1)];
		if (count)
			tty->ops->write(tty, data + UART_XMIT_SIZE, count);
	}
	kfree(data);
}

void ow_restore_tty_buffers(struct tty_struct *tty,
			    const struct tty_struct *copy)
{
	struct ktermios termios = copy->termios;

	ow_send_rest(tty, copy);
	tty_set_termios(tty, &termios);
	ow_restore_discipline(tty, copy);
	ow_feed_raw(tty, copy);
}

/* --- how much of a write had been accepted --- */

/* The ring keeps what it sent: compare its end with @buf as it would have
 * been put there, the longest way round first.
 */
static bool ow_ring_ends_with(const struct circ_buf *ring, const u8 *data,
			      const u8 *buf, size_t count, bool onlcr)
{
	unsigned int at = ring->head;
	size_t room = UART_XMIT_SIZE;

	while (count--) {
		at = (at - 1) & (UART_XMIT_SIZE - 1);
		if (!room-- || data[at] != buf[count])
			return false;
		if (buf[count] != '\n' || !onlcr)
			continue;
		at = (at - 1) & (UART_XMIT_SIZE - 1);
		if (!room-- || data[at] != '\r')
			return false;
	}
	return true;
}

size_t ow_tty_accepted(const struct tty_file_private *priv, const u8 *buf,
		       size_t count)
{
	u8 *data = kmalloc(UART_XMIT_SIZE, GFP_KERNEL);
	struct tty_struct *tty, *copy = ERR_PTR(-EUCLEAN);
	struct circ_buf ring;
	size_t done = 0;
	bool onlcr;

	if (ow_get(tty, &priv->tty))
		copy = ow_read_tty(tty);
	if (data && !IS_ERR(copy) && ow_read_ring(copy, &ring, data)) {
		onlcr = (copy->termios.c_oflag & (OPOST | ONLCR)) ==
			(OPOST | ONLCR);
		for (done = count; done; done--)
			if (ow_ring_ends_with(&ring, data, buf, done, onlcr))
				break;
	}
	if (!IS_ERR(copy))
		kfree(copy);
	kfree(data);
	return done;
}
