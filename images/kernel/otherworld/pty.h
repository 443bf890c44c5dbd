/* SPDX-License-Identifier: GPL-2.0-only */
/* Pseudo-terminals of the dead kernel. */
#ifndef _OTHERWORLD_PTY_H
#define _OTHERWORLD_PTY_H

#include <linux/fs.h>
#include <linux/tty.h>

static inline struct tty_struct *ow_file_tty(const struct file *file)
{
	const struct tty_file_private *priv = file->private_data;

	return priv->tty;
}

/* Is the dead terminal one end of a pair? */
bool ow_is_pty(const struct tty_struct *copy);
/* Is @copy, a dead open file of a character device, open on such an end? */
bool ow_is_pty_file(const struct file *copy);
/* A checked copy of the terminal of @copy (kfree), or ERR_PTR. */
struct tty_struct *ow_read_file_tty(const struct file *copy);
/* Ours for it. */
struct file *ow_open_pty(const struct file *copy);
/* Our slave for a dead one; it stays until the gate opens. */
struct tty_struct *ow_pty_slave(const struct tty_struct *copy);
void ow_forget_ptys(void);

/* Mount a dead file system of slaves again. */
int ow_mount_devpts(struct path *at, const struct super_block *dead,
		    unsigned long flags);

#endif /* _OTHERWORLD_PTY_H */
