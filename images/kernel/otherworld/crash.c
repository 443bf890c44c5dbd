// SPDX-License-Identifier: GPL-2.0-only
/*
 * The crash path: from any point of a dying kernel into the waiting one.
 *
 * It takes no lock, allocates nothing, and needs of the dying kernel only its
 * text and a few pages of data: stacks, page tables, segments and interrupt
 * table are its own. Any function of the kernel may be the one that is broken,
 * so none is called, but for the one that knows the format of panic()'s message,
 * when everything else is saved. A fault inside enters the path again: each
 * entry does less than the one before, and the third goes straight to the jump.
 */
#include <linux/cpufeature.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/otherworld.h>
#include <linux/otherworld_memory.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/sync_core.h>
#include <linux/syscalls.h>
#include <linux/vmstat.h>
#include <asm/apicdef.h>
#include <asm/desc.h>
#include <asm/fpu/types.h>
#include <asm/msr.h>
#include <asm/smap.h>
#include <asm/special_insns.h>
#include <asm/syscall.h>
#include <asm/trap_pf.h>
#include <asm/trapnr.h>
#include <asm/unistd.h>

#include <../arch/x86/kernel/fpu/internal.h>
#include <../arch/x86/kernel/fpu/legacy.h>
#include <../arch/x86/kernel/fpu/xstate.h>

#include "internal.h"
#include "text.h"

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

/* The first page of each is its guard: see ow_guard_stacks(). */
u8 ow_stacks[OW_STACKS][OW_STACK_STRIDE] __aligned(SZ_64K);
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

/* What there is to say without the arguments of panic(). */
static void ow_save_message(const struct ow_cause *cause)
{
	struct ow_text text = { ow_record.message, OW_MESSAGE_SIZE };

	ow_add_line(&text, cause->fmt);
	if (cause->args)
		return;
	ow_add_line(&text, " (0x");
	ow_add_number(&text, cause->value, 16);
	ow_add_char(&text, ')');
}

/* The one call of the dying kernel, with whatever its message is about. */
static void ow_format_message(const struct ow_cause *cause)
{
	static char full[OW_MESSAGE_SIZE];
	struct ow_text text = { ow_record.message, OW_MESSAGE_SIZE };

	if (!cause->args)
		return;
	/* If this is an NMI and formatting hangs, let the next one end it. */
	iret_to_self();
	vscnprintf(full, sizeof(full), cause->fmt, *cause->args);
	ow_add_line(&text, full);
}

static void ow_say_death(void)
{
	static bool said;
	char line[OW_MESSAGE_SIZE + 96];
	struct ow_text text = { line, sizeof(line) };

	if (said) {
		ow_mark_raw("ow: panic-again\n", 16);
		return;
	}
	said = true;
	ow_add_line(&text, "ow: panic kind=");
	ow_add_number(&text, ow_record.kind, 10);
	ow_add_line(&text, " generation=");
	ow_add_number(&text, ow_record.generation, 10);
	ow_add_line(&text, " ip=");
	ow_add_number(&text, ow_record.regs.ip, 16);
	ow_add_line(&text, " message=\"");
	ow_add_line(&text, ow_record.message);
	ow_add_line(&text, "\"");
	ow_mark_raw(line, text.length);
	ow_mark_raw("\n", 1);
}

/* As save_fpregs_to_fpstate(), with the instructions alone. */
static __always_inline void ow_store_fpu(struct fpstate *state)
{
	if (use_xsave())
		os_xsave(state);
	else if (use_fxsr())
		fxsave(&state->regs.fxsave);
	else
		asm volatile("fnsave %0; fwait" : "=m" (state->regs.fsave));
}

/*
 * Is what the registers hold the task's own, as fpregs_state_valid() asks? In
 * the change to another task they are still those of the one before; and where
 * the kernel is about to use them they are marked as saved before they are.
 */
static bool ow_owns_fpu(struct task_struct *task)
{
	const struct fpu *fpu = &task->thread.fpu;

	return this_cpu_read(fpu_fpregs_owner_ctx) == fpu &&
	       (!test_tsk_thread_flag(task, TIF_NEED_FPU_LOAD) ||
		fpu->last_cpu == raw_smp_processor_id());
}

/*
 * The dying task's FPU state may live in the registers only. Saved when the
 * rest of the record is whole, because it writes through a pointer that may be
 * damaged; and tried once.
 */
static void ow_save_fpu(struct task_struct *task)
{
	static bool tried;

	if (!task || tried)
		return;
	tried = true;
	if (task->flags & PF_KTHREAD)
		return;
	if (ow_owns_fpu(task)) {
		asm volatile("clts");
		ow_store_fpu(task->thread.fpu.fpstate);
	}
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

/* By the identity map: it owes nothing to the dying kernel. */
static void ow_load_tables(phys_addr_t tail)
{
	struct ow_segments *segments = (struct ow_segments *)(tail + OW_SEGMENTS_OFFSET);
	tss_desc *tss = (tss_desc *)&segments->gdt[GDT_ENTRY_TSS];
	const struct desc_ptr gdt = {
		.size = sizeof(segments->gdt) - 1,
		.address = (unsigned long)segments,
	};
	const struct desc_ptr idt = {
		.size = NUM_EXCEPTION_VECTORS * sizeof(gate_desc) - 1,
		.address = tail + OW_IDT_OFFSET,
	};

	load_gdt(&gdt);
	/* Loading it makes it busy: what an entry before this one did. */
	tss->type = DESC_TSS;
	asm volatile("ltr %w0" : : "r" (GDT_ENTRY_TSS * 8) : "memory");
	load_idt(&idt);
}

static void ow_save_record(const struct ow_cause *cause)
{
	ow_record.kind = cause->kind;
	ow_record.task = current;
	ow_record.regs = *cause->regs;
	ow_record.cr2 = native_read_cr2();
	ow_record.tsc = rdtsc();
	ow_save_bases();
	ow_save_message(cause);
}

void ow_crash_run(const struct ow_cause *cause, unsigned long depth)
{
	phys_addr_t tail = ow_tail(ow_other_slot());
	const struct ow_waiting *w = (const struct ow_waiting *)(tail + OW_WAITING_OFFSET);

	ow_load_tables(tail);
	if (depth < OW_STACKS - 1)
		ow_reset_virtio(w);
	ow_record.depth = depth + 1;
	if (!depth)
		ow_save_record(cause);
	ow_save_fpu(ow_record.task);
	if (!depth)
		ow_format_message(cause);
	ow_say_death();
	if (depth < OW_STACKS - 1)
		ow_quiesce();
	ow_mark_raw("ow: jump\n", 9);
	ow_leave(w->entry, w->boot_params);
}

/*
 * What waits is found by the page tables in force, which may be what is
 * damaged: those of a process lie among everything else. The fault of that
 * enters here again, and then the kernel's own are used. The death is the
 * first one.
 */
static const struct ow_waiting *ow_find_waiting(struct ow_cause *cause,
						unsigned long cr3)
{
	static bool looking;
	static struct ow_cause first;
	static struct pt_regs regs;
	bool again = looking;
	const struct ow_waiting *w;

	if (again) {
		native_write_cr3(__pa_symbol(init_top_pgt));
		*cause = first;
	} else {
		first = *cause;
		regs = *cause->regs;
		first.regs = &regs;
	}
	looking = true;
	w = ow_armed();
	looking = false;
	if (again && !w)
		native_write_cr3(cr3);
	return w;
}

/*
 * The one door to the crash path; every death comes through here. Returns
 * only if no kernel is waiting, to let the stock path report.
 */
static noinline void ow_crash(struct ow_cause *cause)
{
	unsigned long cr3 = __native_read_cr3();
	const struct ow_waiting *w = ow_find_waiting(cause, cr3);
	unsigned int depth;

	if (!w)
		return;
	native_irq_disable();
	depth = min_t(unsigned int, ow_depth, OW_STACKS - 1);
	ow_depth++;
	if (!depth)
		ow_record.cr3 = cr3;
	ow_switch_stack(cause, depth, ow_stacks[depth] + OW_STACK_STRIDE, w->cr3);
}

/* Who called, in place of registers that there are none of. */
#define OW_CALLER_REGS(caller) {					\
	.ip = (caller),							\
	.sp = (unsigned long)__builtin_frame_address(0),		\
	.bp = (unsigned long)__builtin_frame_address(0),		\
	.cs = __KERNEL_CS,						\
	.ss = __KERNEL_DS,						\
}

void otherworld_panic(unsigned long caller, const char *fmt, va_list args)
{
	struct pt_regs regs = OW_CALLER_REGS(caller);
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

/*
 * Who dies may have been given anything as the registers of what it interrupted.
 * They are no registers without a code segment; then the chain of calls leads to
 * those that the processor and the entry code have stored.
 */
void otherworld_die(const char *what, const struct pt_regs *regs, unsigned long value)
{
	struct pt_regs here = OW_CALLER_REGS(_RET_IP_);
	bool possible = regs->cs == __KERNEL_CS ||
			((regs->cs & SEGMENT_RPL_MASK) == USER_RPL &&
			 regs->cs <= USHRT_MAX);
	struct ow_cause cause = {
		.kind = OW_CRASH_DIE,
		.regs = possible ? regs : &here,
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

#define OW_JOURNAL_MESSAGE	"a journal would be given up"

static __printf(2, 3) void ow_die_of(unsigned long caller, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	otherworld_panic(caller, fmt, args);
	va_end(args);
}

/* From what is no state of the scheduler it only gets worse. */
void otherworld_bug(unsigned long caller, const char *what)
{
	ow_die_of(caller, "%s", what);
}

/*
 * Linux could live with it, and its processes with what they are told in its
 * place: errors, or pages of zeroes. A death costs them nothing. When the kernel
 * before this one has died of the same, it lies in what both were given, and
 * dying of it again and again would help nobody.
 */
void otherworld_warn(unsigned long caller, const struct pt_regs *regs,
		     const char *what)
{
	const struct ow_record *last = ow_dead_record();
	unsigned long ip = regs ? regs->ip : caller;

	if (last && last->regs.ip == ip && strstarts(last->message, what))
		return;
	if (regs)
		otherworld_die(what, regs, 0);
	else
		ow_die_of(caller, "%s", what);
}

/* What a process was about to be told, and was not true. */
enum ow_refusal {
	OW_NO_DESCRIPTOR, OW_LOST_DESCRIPTOR, OW_NO_CALL, OW_NO_ADDRESS,
	OW_NO_BUFFER, OW_NO_LENGTH, OW_NO_MEMORY, OW_BAD_ANSWER,
};

static const char * const ow_refusals[] = {
	[OW_NO_DESCRIPTOR] = "a descriptor was not found",
	[OW_LOST_DESCRIPTOR] = "a descriptor was lost",
	[OW_NO_CALL] = "a system call was not found",
	[OW_NO_ADDRESS] = "a good address was refused",
	[OW_NO_BUFFER] = "a buffer was lost",
	[OW_NO_LENGTH] = "a file was said to be too long",
	[OW_NO_MEMORY] = "memory was refused",
	[OW_BAD_ANSWER] = "an answer was impossible",
};

static void ow_die_refusing(unsigned long caller, enum ow_refusal what)
{
	otherworld_warn(caller, NULL, ow_refusals[what]);
}

/* All but the last are errors. */
bool ow_died_refusing(long answer)
{
	const struct ow_record *last = ow_dead_record();
	int i;

	for (i = 0; last && i < ARRAY_SIZE(ow_refusals); i++)
		if (strstarts(last->message, ow_refusals[i]))
			return IS_ERR_VALUE(answer) || i == OW_BAD_ANSWER;
	return false;
}

/*
 * Calls that look up one descriptor, and that is what they are given first. Who
 * writes to a device, or to what is on no disk, may name another one in what is
 * written.
 */
static bool ow_takes_descriptor(unsigned long call, const struct file *file)
{
	const struct inode *inode = file_inode(file);

	switch (call) {
	case __NR_write:
	case __NR_pwrite64:
	case __NR_writev:
		return S_ISSOCK(inode->i_mode) || S_ISFIFO(inode->i_mode) ||
		       (S_ISREG(inode->i_mode) && inode->i_sb->s_bdev);
	case __NR_read:
	case __NR_pread64:
	case __NR_readv:
	case __NR_fstat:
	case __NR_lseek:
	case __NR_getdents64:
	case __NR_fsync:
	case __NR_fdatasync:
	case __NR_ftruncate:
	case __NR_flock:
	case __NR_connect:
	case __NR_accept:
	case __NR_accept4:
	case __NR_bind:
	case __NR_listen:
	case __NR_shutdown:
	case __NR_sendto:
	case __NR_sendmsg:
	case __NR_recvfrom:
	case __NR_recvmsg:
	case __NR_getsockname:
	case __NR_getpeername:
	case __NR_getsockopt:
	case __NR_epoll_wait:
	case __NR_epoll_pwait:
		return true;
	default:
		return false;
	}
}

static const struct file *ow_open_file(unsigned int fd)
{
	const struct file *file = files_lookup_fd_rcu(current->files, fd);

	return file && !(file->f_mode & FMODE_PATH) ? file : NULL;
}

/*
 * Nobody else runs between the look that has not found it and this one, so both
 * must see the same: no file, or one that is only a path. What was looked up may
 * be another number than the process has given: that was stored at the entry.
 */
unsigned long otherworld_no_file(unsigned int fd)
{
	const struct pt_regs *regs = current_pt_regs();
	const struct file *given;

	rcu_read_lock();
	if (ow_open_file(fd))
		ow_die_refusing(_RET_IP_, OW_NO_DESCRIPTOR);
	if (regs->cs == __USER_CS && fd != (unsigned int)regs->di) {
		given = ow_open_file(regs->di);
		if (given && ow_takes_descriptor(regs->orig_ax, given))
			ow_die_refusing(_RET_IP_, OW_LOST_DESCRIPTOR);
	}
	rcu_read_unlock();
	return 0;
}

/*
 * x64_sys_call() chooses by comparison, without this table. What is not
 * configured is in the table, too, and does not come here.
 */
long otherworld_no_call(void)
{
	unsigned long nr = current_pt_regs()->orig_ax;

	if (!in_ia32_syscall() && nr < NR_syscalls &&
	    sys_call_table[nr] != __x64_sys_ni_syscall)
		ow_die_refusing(_RET_IP_, OW_NO_CALL);
	return -ENOSYS;
}

/*
 * A process's memory ends where the kernel's half begins, and nothing else is
 * asked when an address is refused: who asks again gets the same answer. Whether
 * anything is mapped there is seen by the copy, later.
 */
void ow_see_range(const void __user *addr, unsigned long size,
		  unsigned long caller)
{
	if (size <= TASK_SIZE_MAX &&
	    (unsigned long)addr <= TASK_SIZE_MAX - size)
		ow_die_refusing(caller, OW_NO_ADDRESS);
}

/* The second and third parameter of these calls are the buffer, and its size. */
static bool ow_takes_buffer(unsigned long call)
{
	return call == __NR_read || call == __NR_write ||
	       call == __NR_pread64 || call == __NR_pwrite64;
}

/*
 * The address may be the kernel's because it is no longer the one that the
 * process has given: that was stored at the entry. A kernel thread has none.
 */
void ow_see_buffer(const void __user *buf, unsigned long size,
		   unsigned long caller)
{
	const struct pt_regs *regs = current_pt_regs();

	ow_see_range(buf, size, caller);
	if (regs->cs == __USER_CS && ow_takes_buffer(regs->orig_ax) &&
	    (regs->si != (unsigned long)buf || regs->dx != size))
		ow_die_refusing(caller, OW_NO_BUFFER);
}

void otherworld_bad_answer(void)
{
	ow_die_refusing(_RET_IP_, OW_BAD_ANSWER);
}

/* There is more than the allocator keeps for itself, and by far. */
#define OW_MEMORY_AVAILABLE	(SZ_4M >> PAGE_SHIFT)

/*
 * Where nothing is given is for what may wait, and is not large. To that Linux
 * gives memory, or kills a process and looks again (__alloc_pages_slowpath()).
 * Nothing gets who is dying, or makes room himself.
 */
void ow_see_no_memory(unsigned long caller)
{
	if (in_interrupt() ||
	    (current->flags & (PF_MEMALLOC | PF_DUMPCORE | PF_EXITING)) ||
	    fatal_signal_pending(current) || tsk_is_oom_victim(current))
		return;
	if (si_mem_available() > OW_MEMORY_AVAILABLE)
		ow_die_refusing(caller, OW_NO_MEMORY);
}

/*
 * Processes, and what has been read for them, are on the lists of what may be
 * reclaimed. Where they have less than half of the memory the kernel has it, and
 * a new one needs that no more. If it comes to the same it was needed.
 */
void otherworld_out_of_memory(void)
{
	unsigned long used = global_node_page_state(NR_PAGETABLE);
	enum lru_list lru;

	for_each_lru(lru)
		used += global_node_page_state(NR_LRU_BASE + lru);
	if (used < totalram_pages() / 2)
		otherworld_warn(_RET_IP_, NULL, "memory was lost");
}

/*
 * Nothing has slept since no area was found for an access, or one that does not
 * allow it: no other thread can have made one. With protection keys it is not
 * the area alone that allows.
 */
void otherworld_no_area(unsigned long address, unsigned long error_code)
{
	unsigned long allows = error_code & X86_PF_WRITE ? VM_WRITE :
			       error_code & X86_PF_INSTR ? VM_EXEC :
							   VM_ACCESS_FLAGS;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *area;
	struct vma_iterator areas;

	if (cpu_feature_enabled(X86_FEATURE_OSPKE) || !mmap_read_trylock(mm))
		return;
	vma_iter_init(&areas, mm, 0);
	for_each_vma(areas, area)
		if (address >= area->vm_start && address < area->vm_end &&
		    (area->vm_flags & allows))
			otherworld_warn(_RET_IP_, NULL, "an area was not found");
	mmap_read_unlock(mm);
}

/* A file that has become too long for its process at @pos. */
void ow_see_length(loff_t pos, unsigned long limit, unsigned long caller)
{
	const struct rlimit *now = &current->signal->rlim[RLIMIT_FSIZE];

	if (now->rlim_cur == RLIM_INFINITY || pos < (loff_t)now->rlim_cur)
		ow_die_refusing(caller, OW_NO_LENGTH);
}

/*
 * What is not committed would be lost. Who shuts a file system down
 * (-ESHUTDOWN) wants that; and the second kernel in a row that comes here has
 * been told so by the disk.
 */
void otherworld_journal_abort(unsigned long caller, int error)
{
	const struct ow_record *last = ow_dead_record();

	if (error == -ESHUTDOWN ||
	    (last && strstarts(last->message, OW_JOURNAL_MESSAGE)))
		return;
	ow_die_of(caller, OW_JOURNAL_MESSAGE " (%d)", error);
}
