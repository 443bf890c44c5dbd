// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that goes on serving interrupts and timers while no thread of it
 * runs any more: it idles, or runs one task for ever. It looks well to a
 * watchdog, which sees it come by, and cannot look for hung tasks, because
 * that is a thread. So a timer sees whether threads still get their turn.
 *
 * It wakes nobody for that: it is deferrable, and comes along with other
 * timers. And it counts its own calls, not time, in which the machine may have
 * stood still.
 */
#include <linux/init.h>
#include <linux/instruction_pointer.h>
#include <linux/jiffies.h>
#include <linux/otherworld.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "internal.h"

#define OW_LOOK_EVERY	(5 * HZ)
/* Looks in a row at work that is not done: 15 to 20 s, as far as is known. */
#define OW_PATIENCE	3

static unsigned int ow_looks;

static void ow_take_turn(struct work_struct *work)
{
	WRITE_ONCE(ow_looks, 0);
}

static DECLARE_WORK(ow_turn, ow_take_turn);

static void ow_look(struct timer_list *timer)
{
	if (ow_looks++ >= OW_PATIENCE)
		otherworld_bug(_THIS_IP_, "no thread gets its turn");
	schedule_work(&ow_turn);
	mod_timer(timer, jiffies + OW_LOOK_EVERY);
}

static int __init ow_watch_turns(void)
{
	static struct timer_list timer;

	if (!ow_enabled())
		return 0;
	timer_setup(&timer, ow_look, TIMER_DEFERRABLE);
	mod_timer(&timer, jiffies + OW_LOOK_EVERY);
	return 0;
}
late_initcall(ow_watch_turns);
