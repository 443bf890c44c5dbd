// SPDX-License-Identifier: GPL-2.0-only
/*
 * The crash path: from any point of a dying kernel into the waiting one.
 *
 * It takes no lock, allocates nothing, and needs of the dying kernel only its
 * text and a few pages of data: stack, page tables and interrupt table are its
 * own. A fault inside enters it again: each entry does less than the one
 * before, and the third goes straight to the jump.
 */
#include <linux/cpufeature.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/otherworld.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/apicdef.h>
#include <asm/desc.h>
#include <asm/fpu/api.h>
#include <asm/fpu/sched.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include <asm/sync_core.h>
#include <asm/trapnr.h>

#include "internal.h"

#define OW_PIC_MASTER_MASK	0x21
#define OW_PIC_SLAVE_MASK	0xa1
#define OW_VIRTIO_STATUS	0x70	/* virtio 1.2, 4.2.2 */
#define OW_LAPIC_VECTORS	256

struct ow_cause {
	enum ow_crash_kind kind;
	const struct pt_regs *regs;
	const char *fmt;
	va_list *args;
	unsigned long value;
};

u8 ow_stacks[OW_STACKS][OW_STACK_SIZE] __aligned(64);
/* Entries so far; plain, because an interrupted entry never goes on. */
unsigned int ow_depth;

static void ow_reset_virtio(const struct ow_waiting *w)
{
	unsigned int i;

	for (i = 0; i < w->virtio_count && i < OW_VIRTIO_MAX; i++)
		writel(0, (void __iomem *)(w->virtio[i] + OW_VIRTIO_STATUS));
}

static u32 ow_lapic_read(bool x2apic, u32 reg)
{
	u64 value;

	if (!x2apic)
		return readl((void __iomem *)((unsigned long)APIC_DEFAULT_PHYS_BASE + reg));
	rdmsrl(APIC_BASE_MSR + (reg >> 4), value);
	return value;
}

static void ow_lapic_write(bool x2apic, u32 reg, u32 value)
{
	if (x2apic)
		wrmsrl(APIC_BASE_MSR + (reg >> 4), value);
	else
		writel(value, (void __iomem *)((unsigned long)APIC_DEFAULT_PHYS_BASE + reg));
}

/* Nothing in service, no timer, and the lines wired as firmware leaves them. */
static void ow_quiesce_lapic(void)
{
	u64 base;
	bool x2apic;
	int i, reg;

	if (!boot_cpu_has(X86_FEATURE_APIC))
		return;
	rdmsrl(MSR_IA32_APICBASE, base);
	if (!(base & XAPIC_ENABLE))
		return;
	x2apic = base & X2APIC_ENABLE;
	ow_lapic_write(x2apic, APIC_LVTT, APIC_LVT_MASKED);
	ow_lapic_write(x2apic, APIC_TMICT, 0);
	ow_lapic_write(x2apic, APIC_LVTERR, APIC_LVT_MASKED);
	for (i = 0; i < OW_LAPIC_VECTORS; i++) {
		u32 busy = 0;

		for (reg = 0; reg < APIC_ISR_NR; reg++)
			busy |= ow_lapic_read(x2apic, APIC_ISR + reg * 0x10);
		if (!busy)
			break;
		ow_lapic_write(x2apic, APIC_EOI, 0);
	}
	ow_lapic_write(x2apic, APIC_TASKPRI, 0);
	ow_lapic_write(x2apic, APIC_LVT0, APIC_DM_EXTINT);
	ow_lapic_write(x2apic, APIC_LVT1, APIC_DM_NMI);
	if (x2apic) {
		/* x2APIC to xAPIC only by way of disabled (SDM 3A 11.12.5). */
		wrmsrl(MSR_IA32_APICBASE, base & ~(u64)(X2APIC_ENABLE | XAPIC_ENABLE));
		wrmsrl(MSR_IA32_APICBASE, base & ~(u64)X2APIC_ENABLE);
	}
}

static void ow_quiesce(void)
{
	outb(0xff, OW_PIC_MASTER_MASK);
	outb(0xff, OW_PIC_SLAVE_MASK);
	ow_quiesce_lapic();
}

static void ow_save_message(const struct ow_cause *cause)
{
	char *newline;

	if (cause->args)
		vscnprintf(ow_record.message, OW_MESSAGE_SIZE, cause->fmt,
			   *cause->args);
	else
		scnprintf(ow_record.message, OW_MESSAGE_SIZE, "%s (%#lx)",
			  cause->fmt, cause->value);
	newline = strchr(ow_record.message, '\n');
	if (newline)
		*newline = '\0';
}

/*
 * The dying task's FPU state may live in the registers only. Saved last,
 * because it writes through a pointer that may be damaged; but tried once, if
 * what comes before ends in another fault.
 */
static void ow_save_fpu(struct task_struct *task)
{
	static bool tried;

	if (!task || tried)
		return;
	tried = true;
	if ((task->flags & PF_KTHREAD) || test_tsk_thread_flag(task, TIF_NEED_FPU_LOAD))
		return;
	asm volatile("clts");
	save_fpregs_to_fpstate(&task->thread.fpu);
	ow_record.fpu_saved = 1;
}

/*
 * What user mode can change without the kernel (FSGSBASE). Of the two GS bases
 * one is the kernel's, on either side of SWAPGS, and lies in its half. A double
 * fault from where the user's was in place has put the kernel's over it.
 */
static void ow_save_bases(void)
{
	unsigned long gs, other;

	rdmsrl(MSR_FS_BASE, ow_record.fs_base);
	rdmsrl(MSR_GS_BASE, gs);
	rdmsrl(MSR_KERNEL_GS_BASE, other);
	ow_record.gs_base = gs < TASK_SIZE_MAX ? gs : other;
	ow_record.gs_known = ow_record.gs_base < TASK_SIZE_MAX;
}

void ow_crash_run(const struct ow_cause *cause, unsigned long depth)
{
	/* By the identity map: it owes nothing to the dying kernel. */
	phys_addr_t tail = ow_tail(ow_other_slot());
	const struct ow_waiting *w = (const struct ow_waiting *)(tail + OW_WAITING_OFFSET);
	const struct desc_ptr idt = {
		.size = NUM_EXCEPTION_VECTORS * sizeof(gate_desc) - 1,
		.address = tail + OW_IDT_OFFSET,
	};

	load_idt(&idt);
	if (depth < OW_STACKS - 1)
		ow_reset_virtio(w);
	ow_record.depth = depth + 1;
	if (!depth) {
		ow_record.kind = cause->kind;
		ow_record.task = current;
		ow_record.regs = *cause->regs;
		ow_record.cr2 = native_read_cr2();
		ow_record.tsc = rdtsc();
		ow_save_bases();
		/*
		 * What hangs may be what the message is made with. IRET lets
		 * the watchdog's next NMI in, which gets on without.
		 */
		if (cause->kind == OW_CRASH_NMI)
			iret_to_self();
		ow_save_message(cause);
		ow_mark("panic kind=%u generation=%u ip=%lx message=\"%s\"",
			cause->kind, ow_record.generation, cause->regs->ip,
			ow_record.message);
		ow_save_fpu(current);
	} else {
		ow_mark_raw("ow: panic-again\n", 16);
		ow_save_fpu(ow_record.task);
	}
	if (depth < OW_STACKS - 1)
		ow_quiesce();
	ow_mark_raw("ow: jump\n", 9);
	ow_leave(w->entry, w->boot_params);
}

/*
 * The one door to the crash path; every death comes through here. Returns
 * only if no kernel is waiting, to let the stock path report.
 */
static noinline void ow_crash(struct ow_cause *cause)
{
	const struct ow_waiting *w = ow_armed();
	unsigned int depth;

	if (!w)
		return;
	native_irq_disable();
	depth = min_t(unsigned int, ow_depth, OW_STACKS - 1);
	ow_depth++;
	if (!depth)
		ow_record.cr3 = __native_read_cr3();
	ow_switch_stack(cause, depth, ow_stacks[depth] + OW_STACK_SIZE, w->cr3);
}

void otherworld_panic(unsigned long caller, const char *fmt, va_list args)
{
	struct pt_regs regs = {
		.ip = caller,
		.sp = (unsigned long)__builtin_frame_address(0),
		.bp = (unsigned long)__builtin_frame_address(0),
		.cs = __KERNEL_CS,
		.ss = __KERNEL_DS,
	};
	va_list copy;
	struct ow_cause cause = {
		.kind = OW_CRASH_PANIC,
		.regs = &regs,
		.fmt = fmt,
		.args = &copy,
	};

	va_copy(copy, args);
	ow_crash(&cause);
	va_end(copy);
}

void otherworld_die(const char *what, const struct pt_regs *regs, unsigned long value)
{
	struct ow_cause cause = {
		.kind = OW_CRASH_DIE,
		.regs = regs,
		.fmt = what,
		.value = value,
	};

	ow_crash(&cause);
}

/* The watchdog speaks by NMI; nothing else raises one without a handler. */
void otherworld_nmi(const struct pt_regs *regs, unsigned long reason)
{
	struct ow_cause cause = {
		.kind = OW_CRASH_NMI,
		.regs = regs,
		.fmt = "NMI without a handler",
		.value = reason,
	};

	ow_crash(&cause);
}
