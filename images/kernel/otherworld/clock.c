// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clocks go on from the dead kernel's. Both kernels count the same TSC,
 * so the time between crash and boot is not lost: to the processes it was
 * one long interruption.
 */
#include <linux/clocksource.h>
#include <linux/math64.h>
#include <linux/otherworld.h>
#include <linux/string.h>
#include <linux/timekeeper_internal.h>
#include <asm/sections.h>
#include <asm/tsc.h>

#include "internal.h"

/* A longer outage is taken for damage. */
#define OW_OUTAGE_MAX_NS	(3600LL * NSEC_PER_SEC)

static u64 __init ow_since_update(const struct timekeeper *dead)
{
	const struct clocksource *clock = dead->tkr_mono.clock;
	u64 delta, ns;

	/* Same image: the dead pointer names our own clock source. */
	if ((void *)clock < (void *)_sdata || (void *)clock >= (void *)_end ||
	    strcmp(clock->name, "tsc") || dead->tkr_mono.shift > 32)
		return 0;
	delta = rdtsc() - dead->tkr_mono.cycle_last;
	ns = mul_u64_u32_shr(delta, dead->tkr_mono.mult, dead->tkr_mono.shift);
	return ns < OW_OUTAGE_MAX_NS ? ns : 0;
}

static bool __init ow_clock_valid(const struct timekeeper *dead)
{
	return dead->tkr_mono.shift <= 32 &&
		dead->tkr_mono.xtime_nsec >> dead->tkr_mono.shift < 2 * NSEC_PER_SEC &&
		dead->xtime_sec < TIME64_MAX / NSEC_PER_SEC / 4 &&
		dead->wall_to_monotonic.tv_nsec < NSEC_PER_SEC;
}

/*
 * Hook of timekeeping_init(). @tk, @shadow, @seq: the timekeeper, its shadow
 * and its sequence count in our own image. Returns whether @wall and @mono
 * were set from their dead counterparts.
 */
bool __init otherworld_clock(const struct timekeeper *tk,
			     const struct timekeeper *shadow,
			     const unsigned int *seq,
			     struct timespec64 *wall, struct timespec64 *mono)
{
	const unsigned int *dead_seq = ow_dead_symbol(seq);
	const struct timekeeper *dead = ow_dead_symbol(tk);
	struct timespec64 now;

	if (!dead)
		return false;
	/* Died while updating: the shadow was complete before. */
	if (*dead_seq & 1)
		dead = ow_dead_symbol(shadow);
	if (!ow_clock_valid(dead))
		return false;
	now = (struct timespec64){ .tv_sec = dead->xtime_sec };
	timespec64_add_ns(&now, (dead->tkr_mono.xtime_nsec >> dead->tkr_mono.shift) +
			  ow_since_update(dead));
	*wall = now;
	*mono = timespec64_add(now, dead->wall_to_monotonic);
	return timespec64_valid_strict(wall) && timespec64_valid_strict(mono);
}
