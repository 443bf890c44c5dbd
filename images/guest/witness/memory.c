// witness: memory. Heap, stack, private and shared mappings, copy on write, protections, locks.
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

#define PAGES 64

static char *map(int prot, int flags, int file, size_t pages)
{
	char *at = mmap(NULL, pages * PAGE, prot, flags, file, 0);

	if (at == MAP_FAILED)
		wrong("mmap");
	return at;
}

static void heap(void)
{
	char *start = sbrk(PAGES * PAGE);

	fill_pages(start, 0, PAGES, 1);
	wait_for_death();
	expect((long)sbrk(0), (long)start + PAGES * PAGE, "break");
	check_pages(start, 0, PAGES, 1, "heap");
	if (sbrk(PAGES * PAGE) != start + PAGES * PAGE)
		wrong("break does not grow");
	for (size_t i = 0; i < PAGES * PAGE; i += 8)
		if (*(uint64_t *)(start + PAGES * PAGE + i))
			wrong("grown heap is not zero at %zu", i);
	fill_pages(start, PAGES, PAGES, 1);
	check_pages(start, 0, 2 * PAGES, 1, "grown heap");
	sbrk(-PAGES * PAGE);
	check_pages(start, 0, PAGES, 1, "shrunk heap");
}

static size_t deepest;

static uint64_t descend(size_t depth, uint64_t seed)
{
	uint64_t frame[PAGE / 8];
	uint64_t below;

	fill(frame, sizeof(frame), seed + depth);
	if (depth == deepest) {
		wait_for_death();
		deepest = 0;
	}
	below = deepest ? descend(depth + 1, seed) : 0;
	if (!filled(frame, sizeof(frame), seed + depth))
		wrong("stack frame %zu", depth);
	return below + 1;
}

static uint64_t dig(size_t depth)
{
	volatile char frame[PAGE];

	frame[0] = depth;
	return depth ? dig(depth - 1) + frame[0] : 0;
}

static void stack(void)
{
	deepest = 40;
	expect(descend(0, 77), 41, "frames of the stack");
	dig(400); // far below anything there was
}

static int file_of_pages(const char *name, size_t pages, uint64_t seed)
{
	int file = sure(open(in_directory(name), O_RDWR | O_CREAT | O_TRUNC, 0644), "open");
	char page[PAGE];

	for (size_t i = 0; i < pages; i++) {
		fill(page, PAGE, seed + i);
		expect(write(file, page, PAGE), PAGE, "write");
	}
	return file;
}

// A private mapping of a file: pages changed stay changed, pages not touched are the file's, the file stays itself.
static void private_file(void)
{
	int file;
	char *at;
	char page[PAGE];

	make_directory();
	file = file_of_pages("f", PAGES, 5);
	at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, file, PAGES);
	fill_pages(at, 8, 8, 900);
	check_pages(at, 0, 4, 5, "mapping");
	wait_for_death();
	check_pages(at, 0, 8, 5, "untouched pages");
	check_pages(at, 8, 8, 900, "changed pages");
	check_pages(at, 16, PAGES - 16, 5, "pages behind");
	for (size_t i = 0; i < PAGES; i++) {
		expect(pread(file, page, PAGE, i * PAGE), PAGE, "pread");
		if (!filled(page, PAGE, 5 + i))
			wrong("the file itself has changed in page %zu", i);
	}
	sure(mprotect(at, 4 * PAGE, PROT_READ), "mprotect");
	sure(munmap(at + 4 * PAGE, 4 * PAGE), "munmap");
	check_pages(at, 8, 8, 900, "after munmap");
	at = mremap(at + 8 * PAGE, 8 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
	if (at == MAP_FAILED)
		wrong("mremap");
	check_pages(at, 0, 8, 908, "after mremap");
	check_pages(at, 8, 8, 5 + 8, "grown part");
}

// A shared mapping of a file, changed only through memory: nobody but the page tables knows.
static void shared_file(void)
{
	int file;
	char *at;
	char page[PAGE];

	make_directory();
	file = file_of_pages("f", PAGES, 5);
	at = map(PROT_READ | PROT_WRITE, MAP_SHARED, file, PAGES);
	fsync(file);
	fill_pages(at, 3, 5, 700);
	wait_for_death();
	check_pages(at, 3, 5, 700, "mapping");
	check_pages(at, 8, PAGES - 8, 5, "rest of the mapping");
	expect(pread(file, page, PAGE, 4 * PAGE), PAGE, "pread");
	if (!filled(page, PAGE, 704))
		wrong("the file does not hold what was stored into its mapping");
	fill_pages(at, 20, 1, 1);
	expect(pread(file, page, PAGE, 20 * PAGE), PAGE, "pread");
	if (!filled(page, PAGE, 21))
		wrong("mapping and file are no longer one");
}

static void copy_on_write(void)
{
	char *at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, PAGES);
	pid_t child;
	int status;

	fill_pages(at, 0, PAGES, 11);
	child = sure(fork(), "fork");
	if (child == 0) {
		fill_pages(at, 0, 8, 1000);
		while (!died())
			sleep_ms(20);
		check_pages(at, 0, 8, 1000, "child's own pages");
		check_pages(at, 8, PAGES - 8, 11, "pages shared with the parent");
		fill_pages(at, 0, PAGES, 3000);
		check_pages(at, 0, PAGES, 3000, "child's new pages");
		_exit(0);
	}
	fill_pages(at, 8, 8, 2000);
	wait_for_death();
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 0, "status of the child");
	check_pages(at, 0, 8, 11, "pages the child changed");
	check_pages(at, 8, 8, 2000, "parent's own pages");
	check_pages(at, 16, PAGES - 16, 11, "shared pages");
	fill_pages(at, 0, PAGES, 4000);
	check_pages(at, 0, PAGES, 4000, "parent's new pages");
}

static sigjmp_buf fault_return;

static void on_fault(int signal)
{
	(void)signal;
	siglongjmp(fault_return, 1);
}

static bool faults(volatile char *at, bool store)
{
	if (sigsetjmp(fault_return, 1))
		return true;
	if (store)
		*at = 1;
	else
		(void)*at;
	return false;
}

static void protections(void)
{
	char *at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 4);

	signal(SIGSEGV, on_fault);
	fill_pages(at, 0, 4, 6);
	sure(mprotect(at, PAGE, PROT_NONE), "mprotect");
	sure(mprotect(at + PAGE, PAGE, PROT_READ), "mprotect");
	wait_for_death();
	if (!faults(at, false))
		wrong("PROT_NONE can be read");
	if (faults(at + PAGE, false) || !faults(at + PAGE, true))
		wrong("PROT_READ");
	if (faults(at + 2 * PAGE, false) || faults(at + 3 * PAGE, true))
		wrong("PROT_WRITE");
	sure(mprotect(at, 2 * PAGE, PROT_READ | PROT_WRITE), "mprotect");
	check_pages(at, 0, 3, 6, "what was protected");
	if (faults(at, true))
		wrong("mprotect after the death");
}

// Kilobytes of a line of /proc/self/status.
static long status_line(const char *name)
{
	char line[128];
	long value = -1;
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), ": %ld", &value);
	if (file)
		fclose(file);
	return value;
}

static void locked(void)
{
	char *at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, PAGES);
	long before;

	fill_pages(at, 0, PAGES, 8);
	sure(mlock(at, PAGES / 2 * PAGE), "mlock");
	before = status_line("VmLck");
	expect(before, PAGES / 2 * PAGE / 1024, "VmLck");
	wait_for_death();
	expect(status_line("VmLck"), before, "VmLck");
	check_pages(at, 0, PAGES, 8, "locked pages");
	sure(munlock(at, PAGES / 2 * PAGE), "munlock");
	expect(status_line("VmLck"), 0, "VmLck after munlock");
}

// mlockall(MCL_FUTURE): what is mapped after the death is locked, too.
static void locked_future(void)
{
	long before;

	sure(mlockall(MCL_CURRENT | MCL_FUTURE), "mlockall");
	before = status_line("VmLck");
	wait_for_death();
	expect(status_line("VmLck"), before, "VmLck");
	map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 16);
	expect(status_line("VmLck"), before + 64, "VmLck of a new mapping");
}

const struct scenario memory_scenarios[] = {
	{ "heap", heap },
	{ "stack", stack },
	{ "private-file", private_file },
	{ "shared-file", shared_file },
	{ "copy-on-write", copy_on_write },
	{ "protections", protections },
	{ "locked", locked },
	{ "locked-future", locked_future },
	{ NULL, NULL },
};
