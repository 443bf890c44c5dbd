/* SPDX-License-Identifier: GPL-2.0-only */
/* Otherworld: shared between the files of the crash path and the slots. */
#ifndef _OTHERWORLD_INTERNAL_H
#define _OTHERWORLD_INTERNAL_H

#include "otherworld.h"

struct seq_file;

#define OW_SLOTS	2
#define OW_RAM_RANGES	32

/* Physical range, end exclusive. */
struct ow_range {
	phys_addr_t start;
	phys_addr_t end;
};

extern struct ow_range ow_slots[OW_SLOTS];
extern struct ow_range ow_ram[OW_RAM_RANGES];
extern unsigned int ow_ram_count;
extern unsigned int ow_own_slot;
extern struct ow_record ow_record;

static inline struct ow_range *ow_other_slot(void)
{
	return &ow_slots[!ow_own_slot];
}

static inline bool ow_in_range(const struct ow_range *r, unsigned long pfn)
{
	return pfn >= r->start >> PAGE_SHIFT && pfn < r->end >> PAGE_SHIFT;
}

void ow_core_status(struct seq_file *m);

unsigned long ow_dead_frames(void);
void ow_frames_status(struct seq_file *m);
void ow_gate_status(struct seq_file *m);
void ow_arm_status(struct seq_file *m);

#endif /* _OTHERWORLD_INTERNAL_H */
