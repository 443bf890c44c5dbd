// witness: pages in swap. Two areas, of which each kernel writes to one while it reads what the last one had written to the other.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

#define AREA_PAGES 8192 // the initial file system, and this program in it, is swapped out, too: all of it must fit
#define MOST (480ul << 20) // nearly all memory
#define ENOUGH 256	       // KiB that may stay when all others are gone; some come back meanwhile
#define OWN 200		       // pages of the process alone, and of a child after its fork
#define SHARED 100	       // of a shared mapping
#define LEFT 50		       // that nobody touches until the area has been emptied

static const char *areas[] = { "/data/swap-a", "/data/swap-b" };

// What mkswap writes.
struct header {
	char boot[1024];
	uint32_t version, last_page, bad_pages;
	char rest[PAGE - 1024 - 3 * sizeof(uint32_t) - 10];
	char magic[10];
};

static void make_area(const char *path)
{
	static struct header header = { .version = 1, .last_page = AREA_PAGES - 1 };
	static const char empty[PAGE];
	int file = sure(open(path, O_WRONLY | O_CREAT, 0600), path);

	memcpy(header.magic, "SWAPSPACE2", sizeof(header.magic));
	expect(write(file, &header, PAGE), PAGE, "write of the header");
	for (int i = 1; i < AREA_PAGES; i++)
		expect(write(file, empty, PAGE), PAGE, "write of a page");
	close(file);
	sure(swapon(path, 0), "swapon");
}

static void make_areas(void)
{
	_Static_assert(sizeof(struct header) == PAGE, "one page");
	for (int i = 0; i < 2; i++)
		make_area(areas[i]);
}

// Pages of an area that are in use.
static long used(int area)
{
	char line[256], path[128];
	long kilobytes, found = -1;
	FILE *file = fopen("/proc/swaps", "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%127s %*s %*d %ld", path, &kilobytes) == 2 && !strcmp(path, areas[area]))
			found = kilobytes / (PAGE / 1024);
	if (file)
		fclose(file);
	return found;
}

static char *map(int flags, size_t pages)
{
	char *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		wrong("mmap");
	return at;
}

static void page_out(char *at, size_t pages) { sure(madvise(at, pages * PAGE, MADV_PAGEOUT), "madvise"); }

// Of what is in swap a copy stays in memory, until somebody needs that.
static long cached(void)
{
	char line[128];
	long kilobytes = 0;
	FILE *file = fopen("/proc/meminfo", "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "SwapCached: %ld", &kilobytes) == 1)
			break;
	if (file)
		fclose(file);
	return kilobytes;
}

static void need_memory(void)
{
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		char *at = mmap(NULL, MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		put_file("/proc/self/oom_score_adj", "1000");
		sure(mlockall(MCL_FUTURE | MCL_CURRENT | MCL_ONFAULT), "mlockall"); // or it would be swapped out itself
		for (size_t page = 0; page < MOST / PAGE && (page % 256 || cached() > ENOUGH); page++)
			at[page * PAGE] = 1;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	if (cached() > 3 * ENOUGH)
		wrong("%ld KiB of what is in swap are still in memory", cached());
}

static char *own, *shared, *left;

static void page_all_out(int area)
{
	page_out(own, OWN);
	page_out(shared, SHARED);
	page_out(left, LEFT);
	if (used(area) < OWN + SHARED + LEFT)
		wrong("only %ld pages are in %s", used(area), areas[area]);
}

static void check_all(const char *what)
{
	check_pages(own, 0, OWN, 1, what);
	check_pages(shared, 0, SHARED, 1001, what);
	check_pages(left, 0, LEFT, 2001, what);
}

static pid_t start_child(void)
{
	pid_t child = sure(fork(), "fork");

	if (child)
		return child;
	while (!died())
		sleep_ms(5);
	fill_pages(own, 0, OWN / 2, 5001); // it has pages of its own from here
	check_pages(own, 0, OWN / 2, 5001, "what the child has written");
	check_pages(own, OWN / 2, OWN / 2, 1, "what the child has inherited");
	check_pages(shared, 0, SHARED, 1001, "what the child shares");
	_exit(0);
}

static void wait_until_empty(int area)
{
	for (int i = 0; used(area) != 0; i++) {
		if (i == 400)
			wrong("%ld pages are left in %s", used(area), areas[area]);
		sleep_ms(5);
	}
}

// What is in the first area, and to be nowhere else, when the kernel dies.
static void swap_out(void)
{
	make_areas();
	own = map(MAP_PRIVATE, OWN);
	shared = map(MAP_SHARED, SHARED);
	left = map(MAP_PRIVATE, LEFT);
	fill_pages(own, 0, OWN, 1);
	fill_pages(shared, 0, SHARED, 1001);
	fill_pages(left, 0, LEFT, 2001);
	page_all_out(0);
	need_memory();
}

static void take_turns(const char *name)
{
	int status;
	pid_t child;

	swap_out();
	child = start_child();
	wait_for_death();
	check_pages(own, 0, OWN, 1, "pages of the process");
	check_pages(shared, 0, SHARED, 1001, "shared pages");
	expect(waitpid(child, &status, 0), child, "waitpid");
	expect(status, 0, "status of the child");
	wait_until_empty(0);
	check_all("after the area was emptied");
	page_all_out(1);
	expect(used(0), 0, "pages in the area of the dead kernel");
	need_memory();
	say("= %s has changed areas\n", name);
	while (deaths() < 2)
		sleep_ms(20);
	check_all("after the second death");
	wait_until_empty(1);
	page_all_out(0);
	expect(used(1), 0, "pages in the area of the second dead kernel");
	check_all("out of the first area again");
}

static void swapped(void) { take_turns("swapped"); }

// The same with a partition for the first area.
static void swapped_partition(void)
{
	areas[0] = "/dev/vdb1";
	take_turns("swapped-partition");
}

// Nobody touches anything until the second death: what is read back, the area is emptied by.
static void swap_drained(void)
{
	swap_out();
	ready();
	while (deaths() < 2)
		sleep_ms(1);
	check_all("after a death while the area was emptied");
	wait_until_empty(0);
	page_all_out(1);
	check_all("out of the other area");
}

// In and out all the time; with @far to the disk and back, and not only as far as the swap cache.
static void churn(bool far)
{
	make_areas();
	own = map(MAP_PRIVATE, OWN);
	shared = map(MAP_SHARED, SHARED);
	ready();
	for (uint64_t round = 0, after = 0; after < 2; round++, after += died()) {
		fill_pages(own, 0, OWN, round);
		fill_pages(shared, 0, SHARED, round + 1000);
		page_out(own, OWN);
		page_out(shared, SHARED);
		if (far)
			need_memory();
		check_pages(own, 0, OWN, round, "pages of the process");
		check_pages(shared, 0, SHARED, round + 1000, "shared pages");
	}
}

static void swap_churn(void) { churn(false); }

static void swap_far(void) { churn(true); }

const struct scenario swap_scenarios[] = {
	{ "swapped", swapped },
	{ "swapped-partition", swapped_partition },
	{ "swap-drained", swap_drained },
	{ "swap-churn", swap_churn },
	{ "swap-far", swap_far },
	{ NULL, NULL },
};
