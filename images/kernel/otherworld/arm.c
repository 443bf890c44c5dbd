// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arming: put the next kernel into the waiting slot, ready to be entered.
 *
 * All work is done here, at leisure, so that nothing remains for the crash
 * path: the uncompressed image lies where it will run, boot_params and the
 * page tables of the jump are built, the files are verified. Afterwards the
 * slot is read-only.
 */
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/delay.h>
#include <linux/elf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/platform_device.h>
#include <linux/seq_file.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <asm/apic.h>
#include <asm/boot.h>
#include <asm/bootparam.h>
#include <asm/desc.h>
#include <asm/e820/api.h>
#include <asm/mpspec.h>
#include <asm/sections.h>
#include <asm/setup.h>
#include <asm/trapnr.h>
#include <asm/tsc.h>
#include <asm/x86_init.h>

#include "internal.h"

extern const char __start_notes[], __stop_notes[];

static DEFINE_MUTEX(ow_arm_lock);

struct ow_load {
	const struct ow_range *slot;
	phys_addr_t image_end;	/* first byte after the kernel and its .bss */
	phys_addr_t entry;
	phys_addr_t initrd;
	size_t initrd_size;
};

const struct ow_waiting *ow_armed(void)
{
	const struct ow_waiting *w = __va(ow_tail(ow_other_slot()) + OW_WAITING_OFFSET);

	/* The generation tells our own work from what an ancestor left there. */
	return ow_enabled() && w->magic == OW_WAITING_MAGIC &&
		w->generation == ow_generation() + 1 ? w : NULL;
}

/* From the disk to where it shall lie. By way of the page cache it would be
 * copied page by page, and nobody reads it from there again.
 */
static ssize_t ow_read_direct(struct file *file, void *buf, size_t size,
			      loff_t pos)
{
	struct bio_vec where = { .bv_len = round_down(size, SECTOR_SIZE) };
	struct iov_iter iter;
	struct kiocb kiocb;

	if (!(file->f_mode & FMODE_CAN_ODIRECT) || !where.bv_len ||
	    !IS_ALIGNED((unsigned long)buf | pos, SECTOR_SIZE))
		return -EOPNOTSUPP;
	where.bv_page = virt_to_page(buf);
	where.bv_offset = offset_in_page(buf);
	init_sync_kiocb(&kiocb, file);
	kiocb.ki_flags |= IOCB_DIRECT;
	kiocb.ki_pos = pos;
	iov_iter_bvec(&iter, ITER_DEST, &where, 1, where.bv_len);
	return vfs_iocb_iter_read(file, &kiocb, &iter);
}

static int ow_read(struct file *file, void *buf, size_t size, loff_t pos)
{
	while (size) {
		loff_t next = pos;
		ssize_t n = ow_read_direct(file, buf, size, pos);

		if (n < 0)
			n = kernel_read(file, buf, size, &next);
		if (n < 0)
			return n;
		if (!n)
			return -ENOEXEC;	/* truncated */
		buf += n;
		pos += n;
		size -= n;
	}
	return 0;
}

/* The dead are read with this kernel's structures: only our twin will do. */
static int ow_check_notes(struct file *file, const struct elf64_phdr *ph)
{
	size_t size = __stop_notes - __start_notes;
	void *notes;
	int err;

	if (ph->p_filesz < size || ph->p_filesz > SZ_64K)
		return -ENOEXEC;
	notes = kmalloc(ph->p_filesz, GFP_KERNEL);
	if (!notes)
		return -ENOMEM;
	err = ow_read(file, notes, ph->p_filesz, ph->p_offset);
	if (!err && memcmp(notes, __start_notes, size))
		err = -EUCLEAN;
	kfree(notes);
	return err;
}

static int ow_load_segment(struct file *file, const struct elf64_phdr *ph,
			   struct ow_load *load)
{
	phys_addr_t limit = ow_tail(load->slot) - load->slot->start;
	u64 offset = ph->p_paddr - LOAD_PHYSICAL_ADDR;
	void *to = __va(load->slot->start + offset);
	int err;

	if (ph->p_paddr < LOAD_PHYSICAL_ADDR || ph->p_filesz > ph->p_memsz ||
	    ph->p_memsz > limit || offset > limit - ph->p_memsz)
		return -ENOEXEC;
	err = ow_read(file, to, ph->p_filesz, ph->p_offset);
	if (err)
		return err;
	memset(to + ph->p_filesz, 0, ph->p_memsz - ph->p_filesz);
	load->image_end = max_t(phys_addr_t, load->image_end,
				load->slot->start + offset + ph->p_memsz);
	return 0;
}

static int ow_load_image(struct file *file, struct ow_load *load)
{
	struct elf64_phdr *ph = NULL;
	struct elf64_hdr eh;
	bool twin = false;
	int err, i;

	err = ow_read(file, &eh, sizeof(eh), 0);
	if (err)
		return err;
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_machine != EM_X86_64 ||
	    eh.e_type != ET_EXEC || eh.e_phentsize != sizeof(*ph) ||
	    !eh.e_phnum || eh.e_phnum > 16)
		return -ENOEXEC;
	ph = kmalloc_array(eh.e_phnum, sizeof(*ph), GFP_KERNEL);
	if (!ph)
		return -ENOMEM;
	err = ow_read(file, ph, eh.e_phnum * sizeof(*ph), eh.e_phoff);
	for (i = 0; !err && i < eh.e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD) {
			err = ow_load_segment(file, &ph[i], load);
		} else if (ph[i].p_type == PT_NOTE) {
			err = ow_check_notes(file, &ph[i]);
			twin = !err;
		}
	}
	kfree(ph);
	load->entry = load->slot->start + eh.e_entry - LOAD_PHYSICAL_ADDR;
	if (!err && (!twin || load->entry >= load->image_end))
		err = -ENOEXEC;
	return err;
}

static int ow_load_initrd(struct file *file, struct ow_load *load)
{
	loff_t size = i_size_read(file_inode(file));
	phys_addr_t top = ow_tail(load->slot);

	/* Room for the kernel's early allocations must remain in between. */
	if (size < 110 || size > top - load->image_end - SZ_16M)
		return -EFBIG;
	load->initrd_size = size;
	load->initrd = round_down(top - size, PAGE_SIZE);
	return ow_read(file, __va(load->initrd), size, 0);
}

/* Everything reserved, nothing mapped: no live frame lies in the slot. */
static int ow_check_slot_empty(const struct ow_range *slot)
{
	unsigned long pfn;

	for (pfn = PFN_DOWN(slot->start); pfn < PFN_DOWN(slot->end); pfn++) {
		struct page *page = pfn_to_page(pfn);

		if (!PageReserved(page) || page_count(page) != 1 ||
		    page_mapcount(page))
			return -EBUSY;
	}
	return 0;
}

/* Our own command line without the parameters this function adds. */
static int ow_make_cmdline(char *to, const char *extra)
{
	char *copy = kstrdup(saved_command_line, GFP_KERNEL);
	char *rest = copy, *word;
	size_t len = 0;

	if (!copy)
		return -ENOMEM;
	while ((word = strsep(&rest, " "))) {
		if (!*word || strstarts(word, "otherworld_") ||
		    strstarts(word, "tsc_early_khz=") || strstarts(word, "lpj="))
			continue;
		len += scnprintf(to + len, COMMAND_LINE_SIZE - len, "%s ", word);
	}
	kfree(copy);
	/* What was measured, or looked for, once need not be again. */
	len += scnprintf(to + len, COMMAND_LINE_SIZE - len,
			 "otherworld_generation=%u otherworld_lapic=%u tsc_early_khz=%u lpj=%lu%s",
			 ow_generation() + 1, lapic_timer_period, tsc_khz,
			 loops_per_jiffy,
			 smp_found_config ? "" : " otherworld_no_mp");
	if (extra && *extra)
		len += scnprintf(to + len, COMMAND_LINE_SIZE - len, " %s", extra);
	return len < COMMAND_LINE_SIZE - 1 ? 0 : -E2BIG;
}

/* otherworld_lapic=N: LAPIC timer counts per jiffy, as the dead kernel knew. */
static int __init ow_lapic_param(char *arg)
{
	return kstrtouint(arg, 0, &lapic_timer_period);
}
early_param("otherworld_lapic", ow_lapic_param);

/* otherworld_no_mp: there is no MP table. Looking for one maps and unmaps the
 * same pages of low memory four thousand times.
 */
static int __init ow_no_mp_param(char *arg)
{
	x86_init.mpparse.find_smp_config = x86_init_noop;
	return 0;
}
early_param("otherworld_no_mp", ow_no_mp_param);

static void ow_make_boot_params(struct boot_params *bp, phys_addr_t cmdline,
				const struct ow_load *load)
{
	unsigned int i;

	*bp = boot_params;
	bp->sentinel = 0;
	bp->hdr.type_of_loader = 0xff;
	bp->hdr.setup_data = 0;
	bp->hdr.cmd_line_ptr = cmdline;
	bp->ext_cmd_line_ptr = 0;
	bp->hdr.ramdisk_image = load->initrd;
	bp->hdr.ramdisk_size = load->initrd_size;
	bp->ext_ramdisk_image = 0;
	bp->ext_ramdisk_size = 0;
	bp->e820_entries = min_t(u32, e820_table_kexec->nr_entries,
				 E820_MAX_ENTRIES_ZEROPAGE);
	for (i = 0; i < bp->e820_entries; i++) {
		bp->e820_table[i].addr = e820_table_kexec->entries[i].addr;
		bp->e820_table[i].size = e820_table_kexec->entries[i].size;
		bp->e820_table[i].type = e820_table_kexec->entries[i].type;
	}
}

/*
 * The large page with the crash path's stacks becomes small ones, without the
 * guard below each stack. They lie in one such page by their alignment.
 */
static void ow_guard_stacks(u64 *pmd, u64 *pte, phys_addr_t table, u64 flags)
{
	u64 base = *pmd & PMD_MASK & PTE_PFN_MASK;
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		pte[i] = (base + i * PAGE_SIZE) | flags;
	for (i = 0; i < OW_STACKS; i++)
		pte[pte_index((unsigned long)ow_stacks[i])] = 0;
	*pmd = table | flags;
}

/*
 * Page tables of the jump: the first 4 GiB identity-mapped, our image where it
 * is linked, and the rest of the kernel's space as it is now. The crash path
 * runs on them, so that it does not depend on the dying kernel's own.
 */
static phys_addr_t ow_make_tables(phys_addr_t tables)
{
	const u64 table = _PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY;
	const u64 large = table | _PAGE_PSE;
	u64 *t = __va(tables);
	u64 *pgd = t, *low = t + 512, *high = t + 1024, *image = t + 1536;
	u64 *pmd = t + 2048;
	u64 *old_pgd = (u64 *)init_top_pgt;
	u64 start = __pa_symbol(_text), end = __pa_symbol(_end), pa;
	unsigned int i;

	memset(t, 0, OW_TABLES_COUNT * PAGE_SIZE);
	memcpy(pgd + 256, old_pgd + 256, 256 * sizeof(*pgd));
	for (i = 0; i < 4; i++)
		low[i] = (tables + (4 + i) * PAGE_SIZE) | table;
	for (i = 0; i < 4 * 512; i++)
		pmd[i] = ((u64)i << PMD_SHIFT) | large;
	pgd[0] = (tables + PAGE_SIZE) | table;

	memcpy(high, __va(old_pgd[511] & PTE_PFN_MASK), PAGE_SIZE);
	for (pa = start; pa < end; pa += PMD_SIZE)
		image[pmd_index((u64)_text + (pa - start))] = pa | large;
	ow_guard_stacks(&image[pmd_index((unsigned long)ow_stacks)], t + 4096,
			tables + 8 * PAGE_SIZE, table);
	high[pud_index(__START_KERNEL_map)] = (tables + 3 * PAGE_SIZE) | table;
	pgd[511] = (tables + 2 * PAGE_SIZE) | table;
	return tables;
}

/* All exceptions of the crash path lead back to its start. */
static void ow_make_idt(gate_desc *idt)
{
	unsigned int vector;

	memset(idt, 0, PAGE_SIZE);
	for (vector = 0; vector < NUM_EXCEPTION_VECTORS; vector++)
		pack_gate(&idt[vector], GATE_INTERRUPT, (unsigned long)ow_fault,
			  0, OW_IST, __KERNEL_CS);
}

/* Our segments, and a task state for nothing but the stack of exceptions. */
static void ow_make_segments(phys_addr_t page)
{
	struct ow_segments *s = __va(page);
	tss_desc tss;

	memset(s, 0, PAGE_SIZE);
	memcpy(s->gdt, get_current_gdt_rw(), sizeof(s->gdt));
	s->tss.ist[OW_IST - 1] = page + PAGE_SIZE;
	s->tss.io_bitmap_base = IO_BITMAP_OFFSET_INVALID;
	set_tssldt_descriptor(&tss, page + offsetof(struct ow_segments, tss),
			      DESC_TSS, sizeof(s->tss) - 1);
	memcpy(&s->gdt[GDT_ENTRY_TSS], &tss, sizeof(tss));
}

static int ow_note_virtio(struct device *dev, void *data)
{
	struct ow_waiting *w = data;
	struct resource *res;

	if (!dev->driver || strcmp(dev->driver->name, "virtio-mmio"))
		return 0;
	res = platform_get_resource(to_platform_device(dev), IORESOURCE_MEM, 0);
	if (!res)
		return 0;
	if (w->virtio_count == OW_VIRTIO_MAX || res->end >= SZ_4G)
		return -E2BIG;
	w->virtio[w->virtio_count++] = res->start;
	return 0;
}

static int ow_fill_slot(struct ow_load *load, struct file *kernel,
			struct file *initrd, const char *extra)
{
	phys_addr_t tail = ow_tail(load->slot);
	struct ow_waiting *w = __va(tail + OW_WAITING_OFFSET);
	int err;

	memset(w, 0, PAGE_SIZE);
	err = ow_load_image(kernel, load);
	if (!err)
		err = ow_load_initrd(initrd, load);
	if (!err)
		err = ow_make_cmdline(__va(tail + OW_CMDLINE_OFFSET), extra);
	if (!err)
		err = bus_for_each_dev(&platform_bus_type, NULL, w, ow_note_virtio);
	if (err)
		return err;
	ow_make_boot_params(__va(tail + OW_BOOT_PARAMS_OFFSET),
			    tail + OW_CMDLINE_OFFSET, load);
	w->boot_params = tail + OW_BOOT_PARAMS_OFFSET;
	w->cr3 = ow_make_tables(tail + OW_TABLES_OFFSET);
	ow_make_idt(__va(tail + OW_IDT_OFFSET));
	ow_make_segments(tail + OW_SEGMENTS_OFFSET);
	w->entry = load->entry;
	w->generation = ow_generation() + 1;
	/* Last: from here on a crash enters the slot. */
	smp_wmb();
	w->magic = OW_WAITING_MAGIC;
	return 0;
}

static int ow_arm(struct file *kernel, struct file *initrd, const char *extra)
{
	struct ow_load load = { .slot = ow_other_slot() };
	unsigned long start = (unsigned long)__va(load.slot->start);
	int pages = PFN_DOWN(load.slot->end - load.slot->start);
	int err;

	if (load.slot->end > SZ_4G)
		return -EFBIG;
	err = ow_check_slot_empty(load.slot);
	if (err)
		return err;
	/* A first kernel: what was freed of its image at boot. */
	if (!ow_is_crash_kernel())
		ow_close_own_slot();
	err = set_memory_rw(start, pages);
	if (err)
		return err;
	err = ow_fill_slot(&load, kernel, initrd, extra);
	if (!err)
		err = set_memory_ro(start, pages);
	if (!err)
		ow_mark("armed slot=%c generation=%u", 'A' + !ow_own_slot,
			ow_generation() + 1);
	return err;
}

/* arm VMLINUX INITRAMFS [PARAMETER...] */
int ow_cmd_arm(char *args)
{
	char *vmlinux = strsep(&args, " \t");
	char *cpio = args ? strsep(&args, " \t") : NULL;
	struct file *kernel, *initrd;
	int err;

	if (!*vmlinux || !cpio || !*cpio)
		return -EINVAL;
	kernel = filp_open(vmlinux, O_RDONLY, 0);
	if (IS_ERR(kernel))
		return PTR_ERR(kernel);
	initrd = filp_open(cpio, O_RDONLY, 0);
	if (IS_ERR(initrd)) {
		fput(kernel);
		return PTR_ERR(initrd);
	}
	mutex_lock(&ow_arm_lock);
	err = ow_arm(kernel, initrd, args);
	mutex_unlock(&ow_arm_lock);
	fput(initrd);
	fput(kernel);
	return err;
}

void ow_arm_status(struct seq_file *m)
{
	const struct ow_waiting *w = ow_armed();

	seq_printf(m, "waiting_slot=%c\narmed=%d\n", 'A' + !ow_own_slot, !!w);
	if (w)
		seq_printf(m, "virtio_devices=%u\n", w->virtio_count);
}
