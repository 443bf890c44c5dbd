// SPDX-License-Identifier: GPL-2.0-only
/*
 * Otherworld: which kernel are we, and where do the two slots lie.
 *
 * Two fixed regions of physical memory, A and B, hold the running kernel and
 * the one that waits for its death; they swap roles at each crash. A starts
 * at the physical address the kernel is linked for, so that the first kernel
 * lies in it without relocation, B follows. While a kernel runs from one
 * slot nothing is ever allocated in the other.
 */
#include <linux/init.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/otherworld.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <asm/boot.h>
#include <asm/msr.h>
#include <asm/sections.h>

#include "internal.h"

struct ow_range ow_slots[OW_SLOTS] __ro_after_init;
struct ow_range ow_ram[OW_RAM_RANGES] __ro_after_init;
unsigned int ow_ram_count __ro_after_init;
unsigned int ow_own_slot __ro_after_init;

/* In .data, not .bss: the magic must be absent from a merely loaded image. */
struct ow_record ow_record __section(".data");

static bool ow_on __ro_after_init;
static unsigned int ow_gen __ro_after_init = 1;
static phys_addr_t ow_slot_size __ro_after_init;

/* otherworld[=SIZE]: switch the feature on, SIZE of one slot. */
static int __init ow_param(char *arg)
{
	ow_on = true;
	if (arg && *arg)
		ow_slot_size = round_up(memparse(arg, &arg), PMD_SIZE);
	return 0;
}
early_param("otherworld", ow_param);

/* otherworld_generation=N: given by the kernel that armed us. */
static int __init ow_generation_param(char *arg)
{
	return kstrtouint(arg, 0, &ow_gen);
}
early_param("otherworld_generation", ow_generation_param);

bool ow_enabled(void)
{
	return ow_on;
}

bool ow_is_crash_kernel(void)
{
	return ow_on && ow_gen > 1;
}

unsigned int ow_generation(void)
{
	return ow_gen;
}

unsigned long ow_dead_phys_base(void)
{
	return ow_other_slot()->start - LOAD_PHYSICAL_ADDR;
}

void *ow_dead_symbol(const void *sym)
{
	if (!ow_is_crash_kernel())
		return NULL;
	return __va((unsigned long)sym - __START_KERNEL_map + ow_dead_phys_base());
}

/* The dead record as it was at boot; arming overwrites the original. */
static struct ow_record ow_dead_copy __ro_after_init;

static const struct ow_record * __init ow_find_dead_record(void)
{
	const struct ow_record *dead = ow_dead_sym(ow_record);

	if (!dead || dead->magic != OW_RECORD_MAGIC ||
	    dead->slot != !ow_own_slot || dead->generation + 1 != ow_gen)
		return NULL;
	return dead;
}

static int __init ow_keep_dead_record(void)
{
	const struct ow_record *dead = ow_find_dead_record();

	if (dead)
		ow_dead_copy = *dead;
	ow_dead_copy.message[OW_MESSAGE_SIZE - 1] = '\0';
	return 0;
}
early_initcall(ow_keep_dead_record);

const struct ow_record *ow_dead_record(void)
{
	return ow_dead_copy.magic ? &ow_dead_copy : NULL;
}

struct task_struct *ow_dead_current(void)
{
	const struct ow_record *dead = ow_dead_record();

	return dead ? dead->task : NULL;
}

/*
 * struct page is 64 bytes for each page of 4096, hence memory / 64; the rest
 * is the kernel image (16 MiB), the initramfs twice (as archive and unpacked)
 * and working room for the crash kernel until dead memory is released.
 */
static phys_addr_t __init ow_default_slot_size(void)
{
	return round_up(SZ_32M + SZ_16M + SZ_8M + memblock_phys_mem_size() / 64,
			PMD_SIZE);
}

static const char * __init ow_place_slots(void)
{
	phys_addr_t image = __pa_symbol(_text);
	phys_addr_t image_end = __pa_symbol(_end);
	phys_addr_t base = LOAD_PHYSICAL_ADDR;
	int i;

	if (!ow_slot_size)
		ow_slot_size = ow_default_slot_size();
	for (i = 0; i < OW_SLOTS; i++, base += ow_slot_size) {
		ow_slots[i].start = base;
		ow_slots[i].end = base + ow_slot_size;
		if (image == base)
			ow_own_slot = i;
	}
	if (image != ow_slots[ow_own_slot].start)
		return "kernel is not at the start of a slot";
	if (image_end > ow_slots[ow_own_slot].end)
		return "slot smaller than the kernel";
	if (!memblock_is_region_memory(ow_slots[0].start, 2 * ow_slot_size))
		return "not enough memory for two slots";
	if (ow_gen == 1 &&
	    memblock_is_region_reserved(ow_other_slot()->start, ow_slot_size))
		return "waiting slot is occupied (initrd?)";
	return NULL;
}

static void __init ow_note_ram(void)
{
	phys_addr_t start, end;
	u64 i;

	for_each_mem_range(i, &start, &end) {
		if (ow_ram_count == OW_RAM_RANGES)
			break;
		ow_ram[ow_ram_count].start = start;
		ow_ram[ow_ram_count++].end = end;
	}
}

/* Hook of setup_arch(), as soon as memblock knows all RAM. */
void __init otherworld_reserve(void)
{
	const struct ow_range *own = &ow_slots[0];
	const char *error;

	if (!ow_on)
		return;
	error = ow_place_slots();
	if (error) {
		/* A crash kernel that guessed would destroy what it is to save. */
		if (ow_gen > 1)
			panic("otherworld: %s", error);
		pr_err("otherworld: off: %s\n", error);
		ow_on = false;
		return;
	}
	own = &ow_slots[ow_own_slot];
	ow_note_ram();
	if (ow_gen > 1) {
		ow_mark("crash-kernel-init generation=%u slot=%c", ow_gen,
			'A' + ow_own_slot);
		/* Everything but our own slot is dead memory to be read. */
		memblock_reserve(SZ_1M, own->start - SZ_1M);
		memblock_reserve(own->end, memblock_end_of_DRAM() - own->end);
		/*
		 * Until release one slot looks like all of memory: a mapping
		 * larger than that, which the dead kernel had granted, would
		 * be refused.
		 */
		sysctl_overcommit_memory = OVERCOMMIT_ALWAYS;
	} else {
		/*
		 * Our own slot becomes the waiting one at the first crash:
		 * what lies in it then must be copied, so keep it empty.
		 */
		memblock_reserve(ow_slots[0].start, 2 * ow_slot_size);
	}
	ow_record.generation = ow_gen;
	ow_record.slot = ow_own_slot;
	ow_record.magic = OW_RECORD_MAGIC;
}

/* What the dead kernel would have said itself, had there been time. */
static int __init ow_report_death(void)
{
	const struct ow_record *dead = ow_dead_record();

	if (!ow_is_crash_kernel())
		return 0;
	if (!dead)
		pr_err("otherworld: generation %u died and left no record\n", ow_gen - 1);
	else
		pr_err("otherworld: generation %u died: %s, at %pB\n",
		       dead->generation, dead->message, (void *)dead->regs.ip);
	return 0;
}
late_initcall(ow_report_death);

static void ow_death_status(struct seq_file *m)
{
	const struct ow_record *dead = ow_dead_record();

	if (!ow_is_crash_kernel())
		return;
	seq_printf(m, "dead_phys_base=%#lx\ndead_record=%d\n",
		   ow_dead_phys_base(), !!dead);
	if (!dead)
		return;
	seq_printf(m, "dead_kind=%u\ndead_depth=%u\ndead_ip=%pB\ndead_message=%s\n",
		   dead->kind, dead->depth, (void *)dead->regs.ip, dead->message);
	/* Both by the same counter: the difference is the outage so far. */
	seq_printf(m, "dead_tsc=%llu\ntsc=%llu\n", dead->tsc, rdtsc());
}

void ow_core_status(struct seq_file *m)
{
	int i;

	seq_printf(m, "generation=%u\nslot=%c\ncrash_kernel=%d\n", ow_gen,
		   'A' + ow_own_slot, ow_is_crash_kernel());
	for (i = 0; i < OW_SLOTS; i++)
		seq_printf(m, "slot_%c=%pa-%pa\n", 'a' + i, &ow_slots[i].start,
			   &ow_slots[i].end);
	ow_death_status(m);
}
