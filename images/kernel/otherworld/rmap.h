/* SPDX-License-Identifier: GPL-2.0-only */
/* Private pages, found by what is known of the pages themselves. */
#ifndef _OTHERWORLD_RMAP_H
#define _OTHERWORLD_RMAP_H

#include "resurrect.h"

/* All pages that page tables of @d name, or should: areas must be known. */
int ow_walk_anon(struct ow_dead *d,
		 int (*visit)(struct ow_dead *d, const struct ow_vma *v,
			      unsigned long addr, unsigned long pfn));

#endif /* _OTHERWORLD_RMAP_H */
