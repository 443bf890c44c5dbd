/* SPDX-License-Identifier: GPL-2.0-only */
/* Otherworld: shared between the files of the crash path and the slots. */
#ifndef _OTHERWORLD_INTERNAL_H
#define _OTHERWORLD_INTERNAL_H

#include <linux/processor.h>
#include <linux/sizes.h>
#include <asm/desc_defs.h>
#include <asm/segment.h>

#include "otherworld.h"
#include "stacks.h"

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

/*
 * What the crash path needs to know, in the last pages of the waiting slot,
 * read-only while the slot is armed. Addresses are physical, below 4 GiB and
 * identity-mapped by the page tables at cr3.
 */
#define OW_WAITING_MAGIC	0x646c726f77726568ULL
#define OW_VIRTIO_MAX		16

struct ow_waiting {
	u64 magic;
	u64 cr3;
	u64 entry;
	u64 boot_params;
	u32 generation;
	u32 virtio_count;
	u64 virtio[OW_VIRTIO_MAX];
};

/* Layout of the end of a slot, counted back from it. */
#define OW_TAIL_SIZE		SZ_64K
#define OW_WAITING_OFFSET	0
#define OW_BOOT_PARAMS_OFFSET	0x1000
#define OW_CMDLINE_OFFSET	0x2000
#define OW_TABLES_OFFSET	0x3000
#define OW_TABLES_COUNT		9
#define OW_IDT_OFFSET		0xc000
#define OW_SEGMENTS_OFFSET	0xd000

static inline phys_addr_t ow_tail(const struct ow_range *slot)
{
	return slot->end - OW_TAIL_SIZE;
}

/* The crash path's own GDT and TSS. From the end of their page downwards is the
 * stack on which its exceptions come in.
 */
#define OW_IST			1

struct ow_segments {
	struct desc_struct gdt[GDT_ENTRIES];
	struct x86_hw_tss tss;
};

/* The armed header of the waiting slot, NULL if it is not armed. */
const struct ow_waiting *ow_armed(void);

struct ow_cause;

/* The crash path behind the change of stacks (crash.c), called by jump.S. */
void ow_crash_run(const struct ow_cause *cause, unsigned long depth);
/* Second looks at what is refused (refuse.S): die of what should not be. */
void ow_see_range(const void __user *addr, unsigned long size,
		  unsigned long caller);
void ow_see_buffer(const void __user *buf, unsigned long size,
		   unsigned long caller);
void ow_see_length(loff_t pos, unsigned long limit, unsigned long caller);
void ow_see_no_memory(unsigned long caller);

extern u8 ow_stacks[OW_STACKS][OW_STACK_STRIDE];
extern unsigned int ow_depth;

/* The last steps (jump.S). Neither returns. */
void ow_switch_stack(struct ow_cause *cause, unsigned long depth,
		     void *stack_top, unsigned long cr3);
void ow_leave(u64 entry, u64 boot_params);
/* Every exception inside the crash path, by its own interrupt table. */
void ow_fault(void);

void ow_core_status(struct seq_file *m);

/* Allocate nothing in the slot we run in from here on (morph.c). */
void ow_close_own_slot(void);
/* Make all dead memory writable, before it is released. */
int ow_unprotect_dead(void);
/* Dead frames outside the slots, not yet taken; note those released. */
unsigned long ow_dead_frames(void);
void ow_note_taken(unsigned long frames);
void ow_frames_status(struct seq_file *m);
void ow_gate_status(struct seq_file *m);
void ow_arm_status(struct seq_file *m);
void ow_swap_status(struct seq_file *m);

#endif /* _OTHERWORLD_INTERNAL_H */
