/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages that the dead kernel had in swap areas. */
#ifndef _OTHERWORLD_SWAP_H
#define _OTHERWORLD_SWAP_H

#include <linux/swapops.h>

#include "resurrect.h"

/* Where the page is that an entry for a slot of a dead area means. */
struct ow_slot {
	swp_entry_t ours;	/* on the disk: the same slot of our area */
	unsigned long pfn;	/* or, not 0: a dead frame in the swap cache, */
	bool alone;		/* which nothing else of the dead means */
};

bool ow_find_slot(swp_entry_t dead, struct ow_slot *slot);
/* Does anything of the dead mean the page in the swap cache by its entry? */
bool ow_has_entries(struct page *dead);

#endif /* _OTHERWORLD_SWAP_H */
