/* SPDX-License-Identifier: GPL-2.0-only */
/* Otherworld: what keeps the kernel from writing to memory of processes. */
#ifndef _LINUX_OTHERWORLD_PROTECT_H
#define _LINUX_OTHERWORLD_PROTECT_H

#include <linux/mm_types.h>

#ifdef CONFIG_OTHERWORLD_PROTECT

/* A private page enters a process; a page that was one is freed. */
void otherworld_protect(struct page *page);
void otherworld_unprotect(struct page *page);

/* Around a write that is meant, to a page that may be protected. */
void otherworld_open(struct page *page);
void otherworld_close(struct page *page);

/* All memory has become writable: protect anew what is in processes. */
void otherworld_protect_again(void);

#else

static inline void otherworld_protect(struct page *page) { }
static inline void otherworld_unprotect(struct page *page) { }
static inline void otherworld_open(struct page *page) { }
static inline void otherworld_close(struct page *page) { }
static inline void otherworld_protect_again(void) { }

#endif

#endif /* _LINUX_OTHERWORLD_PROTECT_H */
