// SPDX-License-Identifier: MIT
// What a kernel and the machine below it are asked for: system calls, faults, processes, memory, a disk, code that changes.
#include <emmintrin.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static void *map(u64 size, int protection, int flags)
{
	void *memory = mmap(NULL, size, protection, flags | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		give_up("mmap");
	return memory;
}

// A child that runs body(), which ends it.
static pid_t start(void (*body)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		body();
		_exit(0);
	}
	return pid;
}

static u64 finish(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		give_up("waitpid");
	return (u64)status;
}

static u64 system_calls(u64 rounds)
{
	u64 sum = 0;

	while (rounds--)
		sum += syscall(SYS_getppid) < 0;
	return sum;
}

static u64 page_faults(u64 rounds)
{
	enum { size = 8 << 20 };
	u64 sum = 0;

	while (rounds--) {
		u8 *memory = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE);

		for (u64 i = 0; i < size; i += 4096)
			sum += ++memory[i];
		munmap(memory, size);
	}
	return sum;
}

static void run_another_program(void)
{
	char *words[] = { "/init", "exit", NULL };

	execv(words[0], words);
	_exit(1);
}

static u64 fork_exec(u64 rounds)
{
	u64 failed = 0;

	while (rounds--)
		failed += finish(start(run_another_program)) != 0;
	return failed;
}

static int there[2], back[2];

static void echo(void)
{
	u8 byte;

	close(there[1]);
	while (read(there[0], &byte, 1) == 1) {
		byte++;
		if (write(back[1], &byte, 1) != 1)
			_exit(1);
	}
}

static u64 pipe_ping_pong(u64 rounds)
{
	u8 byte = 0;

	if (pipe(there) || pipe(back))
		give_up("pipe");
	pid_t other = start(echo);

	while (rounds--)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			give_up("pipe");
	close(there[1]);
	u64 status = finish(other);

	close(there[0]);
	close(back[0]);
	close(back[1]);
	return status << 8 | byte;
}

// Two processes hand one word to and fro by futex: each hand-over is one switch.
static volatile u32 *turn;
static u64 hand_overs;

static void take_turns(u32 mine)
{
	for (u64 i = 0; i < hand_overs; i++) {
		while (*turn != mine)
			syscall(SYS_futex, turn, FUTEX_WAIT, 1 - mine, NULL, NULL, 0);
		*turn = 1 - mine;
		syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}

static void second_player(void)
{
	take_turns(1);
}

static u64 context_switches(u64 rounds)
{
	turn = map(4096, PROT_READ | PROT_WRITE, MAP_SHARED);
	hand_overs = rounds;
	pid_t other = start(second_player);

	take_turns(0);
	u64 status = finish(other);

	munmap((void *)turn, 4096);
	return status;
}

enum { copy_size = 1 << 20 };
static u8 *from, *to;

static void prepare_copies(void)
{
	from = map(copy_size, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	to = map(copy_size, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	for (u64 i = 0; i < copy_size; i++)
		from[i] = (u8)(i * 7 >> 3);
}

static u64 sum_of_copy(void)
{
	u64 sum = 0;

	for (u64 i = 0; i < copy_size; i += 8)
		sum = sum * 31 + *(u64 *)(to + i);
	return sum;
}

// The library's memcpy chooses its way by CPUID; this one is the same everywhere.
static u64 memcpy_sse(u64 rounds)
{
	while (rounds--) {
		for (u64 i = 0; i < copy_size; i += 64) {
			const __m128i *source = (const __m128i *)(from + i);
			__m128i *target = (__m128i *)(to + i);
			__m128i a = source[0], b = source[1], c = source[2], d = source[3];

			target[0] = a;
			target[1] = b;
			target[2] = c;
			target[3] = d;
		}
		__asm__ volatile("" ::: "memory");
	}
	return sum_of_copy();
}

static u64 rep_movs(u64 rounds)
{
	while (rounds--) {
		void *source = from, *target = to;
		u64 count = copy_size;

		__asm__ volatile("rep movsb" : "+S"(source), "+D"(target), "+c"(count) : : "memory");
	}
	return sum_of_copy();
}

// One cycle through all cache lines of 64 MiB in random order (Sattolo).
enum { lines = 1 << 20, words_in_line = 8 };
static u64 *chain;

static void prepare_chase(void)
{
	u64 seed = 1;

	chain = map((u64)lines * 64, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	for (u64 i = 0; i < lines; i++)
		chain[i * words_in_line] = i;
	for (u64 i = lines - 1; i > 0; i--) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		u64 j = (seed >> 33) % i, kept = chain[i * words_in_line];

		chain[i * words_in_line] = chain[j * words_in_line];
		chain[j * words_in_line] = kept;
	}
}

static u64 pointer_chase(u64 rounds)
{
	u64 at = 0;

	while (rounds--)
		at = chain[at * words_in_line];
	munmap(chain, (u64)lines * 64);
	return at;
}

static int file = -1;

static void prepare_file(void)
{
	if (file >= 0)
		return;
	if (mount("/dev/vda", "/data", "ext4", MS_RDONLY, NULL))
		give_up("mount /dev/vda");
	file = open("/data/boot/vmlinux", O_RDONLY);
	if (file < 0)
		give_up("open /data/boot/vmlinux");
}

// The first 8 MiB of a file, each time from the disk: the page cache is emptied in between.
static u64 file_read(u64 rounds)
{
	static u64 buffer[8192];
	u64 sum = 0;

	while (rounds--) {
		posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
		for (u64 at = 0; at < 8 << 20; at += sizeof(buffer)) {
			if (pread(file, buffer, sizeof(buffer), (off_t)at) != (ssize_t)sizeof(buffer))
				give_up("read /data/boot/vmlinux");
			for (u64 i = 0; i < sizeof(buffer) / sizeof(buffer[0]); i += 512)
				sum = sum * 31 + buffer[i];
		}
	}
	return sum;
}

// A function of six bytes whose constant changes before each call: mov eax, imm32; ret.
static u8 *code;

static void prepare_code(void)
{
	static const u8 function[] = { 0xb8, 0, 0, 0, 0, 0xc3 };

	code = map(4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
	memcpy(code, function, sizeof(function));
}

static u64 rewrite_code(u64 rounds)
{
	u64 sum = 0;

	for (u32 i = 0; i < rounds; i++) {
		*(volatile u32 *)(code + 1) = i;
		sum += ((u32 (*)(void))code)();
	}
	return sum;
}

const struct item guest_items[] = {
	{ "system_calls", 400000, NULL, system_calls },
	{ "page_faults", 20, NULL, page_faults },
	{ "fork_exec", 200, NULL, fork_exec },
	{ "pipe_ping_pong", 10000, NULL, pipe_ping_pong },
	{ "context_switches", 20000, NULL, context_switches },
	{ "memcpy", 200, prepare_copies, memcpy_sse },
	{ "rep_movs", 30, prepare_copies, rep_movs },
	{ "pointer_chase", 2000000, prepare_chase, pointer_chase },
	{ "file_read", 12, prepare_file, file_read },
	{ "rewrite_code", 300000, prepare_code, rewrite_code },
	{ 0 },
};
