// witness: the registers of a process that was in user mode, or just leaving it, when its kernel died.
#define _GNU_SOURCE
#include <asm/hwcap2.h>
#include <fenv.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

#define SPIN_ROUNDS 3000000ul // some milliseconds in the loop for each microsecond outside

struct image {
	uint64_t general[10]; // rbx rdx rsi rdi r8 r9 r10 r11 r12 r14
	uint8_t xmm[16][16];
	double x87[4];
	uint64_t flags;
} __attribute__((aligned(16)));

#define R11 7 // its place in general; SYSCALL puts the flags there

// Loads everything, does something, stores everything. R13 points to the image; RAX, RCX, RBP, RSP and R15 serve the compiler.
#define LOAD                                                                                                              \
	"mov %[image], %%r13\n\t"                                                                                         \
	"fldl 336(%%r13)\n\tfldl 344(%%r13)\n\tfldl 352(%%r13)\n\tfldl 360(%%r13)\n\t"                                    \
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\tmovaps 80+16*\\n(%%r13), %%xmm\\n\n\t.endr\n\t"                  \
	"mov 0(%%r13), %%rbx\n\tmov 8(%%r13), %%rdx\n\tmov 16(%%r13), %%rsi\n\tmov 24(%%r13), %%rdi\n\t"                \
	"mov 32(%%r13), %%r8\n\tmov 40(%%r13), %%r9\n\tmov 48(%%r13), %%r10\n\tmov 56(%%r13), %%r11\n\t"                \
	"mov 64(%%r13), %%r12\n\tmov 72(%%r13), %%r14\n\t"                                                               \
	"std\n\tstc\n\t"

#define STORE                                                                                                             \
	"pushfq\n\tcld\n\tpopq 368(%%r13)\n\t"                                                                           \
	"mov %%rbx, 0(%%r13)\n\tmov %%rdx, 8(%%r13)\n\tmov %%rsi, 16(%%r13)\n\tmov %%rdi, 24(%%r13)\n\t"                \
	"mov %%r8, 32(%%r13)\n\tmov %%r9, 40(%%r13)\n\tmov %%r10, 48(%%r13)\n\tmov %%r11, 56(%%r13)\n\t"                \
	"mov %%r12, 64(%%r13)\n\tmov %%r14, 72(%%r13)\n\t"                                                               \
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\tmovaps %%xmm\\n, 80+16*\\n(%%r13)\n\t.endr\n\t"                  \
	"fstpl 360(%%r13)\n\tfstpl 352(%%r13)\n\tfstpl 344(%%r13)\n\tfstpl 336(%%r13)\n\t"

#define CHANGED                                                                                                           \
	"rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "memory", "cc", "xmm0", "xmm1",   \
		"xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", \
		"xmm15", "st", "st(1)", "st(2)", "st(3)"

_Static_assert(offsetof(struct image, xmm) == 80, "layout of the assembly");
_Static_assert(offsetof(struct image, x87) == 336, "layout of the assembly");
_Static_assert(offsetof(struct image, flags) == 368, "layout of the assembly");

// Each leaves the kernel's registers to it in its own way: by an interrupt, by a system call, by a fault.
static void spin(struct image *image)
{
	asm volatile(LOAD "mov %[rounds], %%rcx\n"
			  "1:\tlea -1(%%rcx), %%rcx\n\t"
			  "jrcxz 2f\n\t"
			  "jmp 1b\n"
			  "2:\t" STORE
		     :
		     : [image] "r"(image), [rounds] "i"(SPIN_ROUNDS)
		     : CHANGED);
}

static void call(struct image *image)
{
	static pid_t own;
	long result = SYS_getpid;

	if (!own)
		own = getpid(); // from then on the call under test is the only one of its kind
	asm volatile(LOAD "syscall\n\t" STORE : "+a"(result) : [image] "r"(image) : CHANGED);
	expect(result, own, "the call's result");
	image->general[R11] = 0;
}

static void touch(struct image *image)
{
	static uint8_t page[4096] __attribute__((aligned(4096)));

	sure(madvise(page, sizeof(page), MADV_DONTNEED), "madvise");
	asm volatile(LOAD "movb $1, (%[page])\n\t" STORE : : [image] "r"(image), [page] "a"(page) : CHANGED);
	expect(page[0], 1, "the byte that was written");
}

// Traps behind each of three instructions: single-stepped by itself.
static void step(struct image *image)
{
	asm volatile(LOAD "pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\t"
			  "nop\n\t"
			  "pushfq\n\tandl $~0x100, (%%rsp)\n\tpopfq\n\t"
			  "std\n\tstc\n\t" STORE
		     :
		     : [image] "r"(image)
		     : CHANGED);
}

// Gives way to somebody who has other registers, and comes back.
static void yield(struct image *image)
{
	const uint64_t gs = 0x7654321000;
	long result = SYS_sched_yield;
	uint64_t now;

	asm volatile("wrgsbase %0" : : "r"(gs));
	asm volatile(LOAD "syscall\n\t" STORE : "+a"(result) : [image] "r"(image) : CHANGED);
	expect(result, 0, "the call's result");
	image->general[R11] = 0;
	asm volatile("rdgsbase %0" : "=r"(now));
	if (now != gs)
		wrong("the base of GS is %#lx", now);
}

// The other one. Without libc, whose base of FS it does not have.
static _Noreturn void other(void)
{
	asm volatile("wrfsbase %[junk]\n\twrgsbase %[junk]\n\t"
		     ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\tpcmpeqb %%xmm\\n, %%xmm\\n\n\t.endr\n\t"
		     "fninit\n\tfldpi\n"
		     "1:\tmov %[yield], %%eax\n\t"
		     "syscall\n\t"
		     "jmp 1b"
		     :
		     : [junk] "r"(0x1111111000ul), [yield] "i"(SYS_sched_yield)
		     : "rax", "rcx", "r11", "memory");
	__builtin_unreachable();
}

static void nothing(int number) { (void)number; }

static void keep(void (*way)(struct image *image))
{
	struct image first, image;
	bool dead = false;

	fill(&first, sizeof(first), 4);
	for (int i = 0; i < 4; i++)
		first.x87[i] = 1.0 / (3 + i);
	if (way == call || way == yield)
		first.general[R11] = 0;
	ready();
	while (!dead) {
		dead = died();
		image = first;
		way(&image);
		if (memcmp(image.general, first.general, sizeof(image.general)))
			wrong("a general register");
		if (memcmp(image.xmm, first.xmm, sizeof(image.xmm)))
			wrong("an SSE register");
		if (memcmp(image.x87, first.x87, sizeof(image.x87)))
			wrong("an x87 register");
		if ((image.flags & 0x401) != 0x401)
			wrong("flags are %#lx", image.flags);
	}
}

static void registers(void) { keep(spin); }
static void registers_in_calls(void) { keep(call); }
static void registers_in_faults(void) { keep(touch); }

static void registers_in_switches(void)
{
	pid_t child = sure(fork(), "fork");

	if (child == 0)
		other();
	keep(yield);
	kill(child, SIGKILL);
	sure(waitpid(child, NULL, 0), "waitpid");
}

static void registers_in_steps(void)
{
	signal(SIGTRAP, nothing);
	keep(step);
}

// FS and GS, which user mode can set without a word to the kernel. FS is libc's: nothing may be called in between.
static void segment_bases(void)
{
	const uint64_t fs = 0x12345678000, gs = 0x7654321000;
	uint64_t fs_now, gs_now, libc_fs;
	bool dead = false;

	if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE))
		wrong("the processor has no FSGSBASE");
	ready();
	while (!dead) {
		dead = died();
		asm volatile("rdfsbase %[libc]\n\t"
			     "wrfsbase %[fs]\n\twrgsbase %[gs]\n\t"
			     "mov %[rounds], %%rcx\n"
			     "1:\tlea -1(%%rcx), %%rcx\n\t"
			     "jrcxz 2f\n\t"
			     "jmp 1b\n"
			     "2:\trdfsbase %[fs_now]\n\trdgsbase %[gs_now]\n\t"
			     "wrfsbase %[libc]\n\t"
			     : [libc] "=&r"(libc_fs), [fs_now] "=&r"(fs_now), [gs_now] "=&r"(gs_now)
			     : [fs] "r"(fs), [gs] "r"(gs), [rounds] "i"(SPIN_ROUNDS)
			     : "rcx", "memory");
		if (fs_now != fs)
			wrong("the base of FS is %#lx", fs_now);
		if (gs_now != gs)
			wrong("the base of GS is %#lx", gs_now);
	}
}

// A base of GS that the kernel has not seen yet when the call comes: it was 0 when the process last began to run.
static void segment_base_in_calls(void)
{
	const uint64_t gs = 0x7654321000;
	uint64_t now;
	bool dead = false;

	asm volatile("wrgsbase %0" : : "r"(gs));
	ready();
	while (!dead) {
		dead = died();
		asm volatile("rdgsbase %[now]\n\t"
			     "wrgsbase %[none]\n\t"
			     "mov %[rounds], %%rcx\n"
			     "1:\tlea -1(%%rcx), %%rcx\n\t"
			     "jrcxz 2f\n\t"
			     "jmp 1b\n"
			     "2:\twrgsbase %[gs]\n\t"
			     : [now] "=&r"(now)
			     : [gs] "r"(gs), [none] "r"(0ul), [rounds] "i"(SPIN_ROUNDS)
			     : "rcx", "memory");
		if (now != gs)
			wrong("the base of GS is %#lx", now);
	}
}

static void control_words(void)
{
	uint32_t mxcsr = 0xff80, mxcsr_now;
	uint16_t x87 = 0x0f7f, x87_now;

	asm volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(x87));
	wait_for_death();
	asm volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr_now), "=m"(x87_now));
	expect(mxcsr_now & ~0x3f, mxcsr, "MXCSR");
	expect(x87_now, x87, "x87 control word");
}

const struct scenario register_scenarios[] = {
	{ "registers", registers },
	{ "registers-in-calls", registers_in_calls },
	{ "registers-in-faults", registers_in_faults },
	{ "registers-in-steps", registers_in_steps },
	{ "registers-in-switches", registers_in_switches },
	{ "segment-bases", segment_bases },
	{ "segment-base-in-calls", segment_base_in_calls },
	{ "control-words", control_words },
	{ NULL, NULL },
};
