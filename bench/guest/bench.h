// SPDX-License-Identifier: MIT
// What the parts of the bench program share.
#ifndef BENCH_H
#define BENCH_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

// One thing to be measured. The result must be the same wherever the program runs: the host compares it over all contenders.
struct item {
	const char *name;
	u64 rounds;
	void (*prepare)(void); // not measured; may be NULL
	u64 (*run)(u64 rounds);
};

extern const struct item float_items[], guest_items[]; // both end with an item without a name

// The integer kernels of bench/kernels.
u64 entry(u64 kernel, u64 rounds);

// Ends the program with a line that says what failed and errno's meaning.
__attribute__((noreturn)) void give_up(const char *what);

#endif
