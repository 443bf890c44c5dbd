/* SPDX-License-Identifier: GPL-2.0-only */
/* Open files without a name that stand for something the kernel counts. */
#ifndef _OTHERWORLD_ANONFDS_H
#define _OTHERWORLD_ANONFDS_H

#include "resurrect.h"

/* anonfds.c */
/* What the system call @nr opens for two numbers; no descriptor of it is left. */
struct file *ow_file_by_call(unsigned int nr, unsigned long a, unsigned long b);

/* epoll.c */
struct file *ow_open_epoll(const struct file *copy);
/* Is @fd of the dead file @target among what the dead epoll file watches? */
bool ow_epoll_watches(const struct file *epoll, const struct file *target, int fd);
/* Has it reported something of which it would not report the next? */
bool ow_epoll_is_spent(const struct file *epoll);

/* inotify.c */
struct file *ow_open_inotify(const struct file *copy);

#endif /* _OTHERWORLD_ANONFDS_H */
