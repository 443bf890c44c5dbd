// ow: swap areas with pages of the dead kernel. Whoever touches such a page reads it; here all others are read too, so that
// the area is free when the next kernel needs one.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#include "kernel.h"
#include "swap.h"

#define MAX_AREAS 32

static char held[MAX_AREAS][256];

static size_t read_held(void)
{
	char line[512];
	size_t count = 0;
	FILE *status = fopen("/proc/otherworld/status", "re");

	while (status && count < MAX_AREAS && fgets(line, sizeof(line), status))
		if (sscanf(line, "swap_held=%255[^\n]", held[count]) == 1)
			count++;
	if (status)
		fclose(status);
	return count;
}

static void empty(const char *path)
{
	while (swapoff(path) < 0) {
		if (errno != ENOMEM && errno != EINTR) {
			mark("ow: swap-kept path=%s err=%d\n", path, errno);
			return;
		}
		sleep(1); // somebody may need less by then
	}
	if (swapon(path, 0) < 0)
		mark("ow: swap-lost path=%s err=%d\n", path, errno);
	else
		mark("ow: swap-emptied path=%s\n", path);
}

void empty_swap(void)
{
	size_t count = read_held();

	if (!count || fork() != 0)
		return;
	for (size_t i = 0; i < count; i++)
		empty(held[i]);
	_exit(0);
}
