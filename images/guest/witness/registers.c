// witness: the registers of a process that was in user mode when its kernel died.
#define _GNU_SOURCE
#include <fenv.h>
#include <stdint.h>
#include <string.h>

#include "witness.h"

#define SPIN_ROUNDS 3000000ul // some milliseconds in the loop for each microsecond outside

struct image {
	uint64_t general[10]; // rbx rdx rsi rdi r8 r9 r10 r11 r12 r14
	uint8_t xmm[16][16];
	double x87[4];
	uint64_t flags;
} __attribute__((aligned(16)));

// Loads everything, spins, stores everything. RCX counts, R13 points to the image; RAX, RBP, RSP and R15 serve the compiler.
static void spin(struct image *image)
{
	asm volatile("mov %[image], %%r13\n\t"
		     "fldl 336(%%r13)\n\tfldl 344(%%r13)\n\tfldl 352(%%r13)\n\tfldl 360(%%r13)\n\t"
		     ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\tmovaps 80+16*\\n(%%r13), %%xmm\\n\n\t.endr\n\t"
		     "mov 0(%%r13), %%rbx\n\tmov 8(%%r13), %%rdx\n\tmov 16(%%r13), %%rsi\n\tmov 24(%%r13), %%rdi\n\t"
		     "mov 32(%%r13), %%r8\n\tmov 40(%%r13), %%r9\n\tmov 48(%%r13), %%r10\n\tmov 56(%%r13), %%r11\n\t"
		     "mov 64(%%r13), %%r12\n\tmov 72(%%r13), %%r14\n\t"
		     "mov %[rounds], %%rcx\n\t"
		     "std\n\tstc\n"
		     "1:\tlea -1(%%rcx), %%rcx\n\t"
		     "jrcxz 2f\n\t"
		     "jmp 1b\n"
		     "2:\tpushfq\n\tcld\n\tpopq 368(%%r13)\n\t"
		     "mov %%rbx, 0(%%r13)\n\tmov %%rdx, 8(%%r13)\n\tmov %%rsi, 16(%%r13)\n\tmov %%rdi, 24(%%r13)\n\t"
		     "mov %%r8, 32(%%r13)\n\tmov %%r9, 40(%%r13)\n\tmov %%r10, 48(%%r13)\n\tmov %%r11, 56(%%r13)\n\t"
		     "mov %%r12, 64(%%r13)\n\tmov %%r14, 72(%%r13)\n\t"
		     ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\tmovaps %%xmm\\n, 80+16*\\n(%%r13)\n\t.endr\n\t"
		     "fstpl 360(%%r13)\n\tfstpl 352(%%r13)\n\tfstpl 344(%%r13)\n\tfstpl 336(%%r13)\n\t"
		     :
		     : [image] "r"(image), [rounds] "i"(SPIN_ROUNDS)
		     : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "memory", "cc", "xmm0",
		       "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
		       "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)", "st(3)");
}

static void registers(void)
{
	struct image first, image;
	bool dead = false;

	_Static_assert(offsetof(struct image, xmm) == 80, "layout of the assembly");
	_Static_assert(offsetof(struct image, x87) == 336, "layout of the assembly");
	fill(&first, sizeof(first), 4);
	for (int i = 0; i < 4; i++)
		first.x87[i] = 1.0 / (3 + i);
	ready();
	while (!dead) {
		dead = died();
		image = first;
		spin(&image);
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
	{ "control-words", control_words },
	{ NULL, NULL },
};
