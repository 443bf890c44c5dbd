/* SPDX-License-Identifier: GPL-2.0-only */
/* Terminal buffers of the dead kernel. */
#ifndef _OTHERWORLD_TTYBUF_H
#define _OTHERWORLD_TTYBUF_H

#include <linux/otherworld.h>
#include <linux/types.h>

struct tty_file_private;
struct tty_struct;

/* A checked copy of a dead terminal (kfree), or ERR_PTR. */
struct tty_struct *ow_read_tty(const struct tty_struct *dead);
/* Input that was taken in and not read. */
void ow_restore_discipline(struct tty_struct *tty,
			   const struct tty_struct *copy);
/* Input that was not taken in yet. */
void ow_feed_raw(struct tty_struct *tty, const struct tty_struct *copy);
/* Put settings and buffers of the dead terminal into ours. */
void ow_restore_tty_buffers(struct tty_struct *tty,
			    const struct tty_struct *copy);
/* How many of the @count bytes at @buf the dead terminal had accepted last. */
size_t ow_tty_accepted(const struct tty_file_private *priv, const u8 *buf,
		       size_t count);

#endif /* _OTHERWORLD_TTYBUF_H */
