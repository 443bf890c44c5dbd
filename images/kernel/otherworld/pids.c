// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of processes: the new kernel's stay clear of the dead one's. */
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/otherworld.h>
#include <linux/pid_namespace.h>

#include "internal.h"

#define OW_PID_BASE	1024

/*
 * Hook of rest_init(), after processes 1 and 2: everything started from now on
 * is numbered from where the dead kernel had come to, so that no kernel thread
 * and no early process takes a number that is to be resurrected.
 */
void __init otherworld_first_pid(void)
{
	const struct pid_namespace *dead = ow_dead_sym(init_pid_ns);
	unsigned int next;

	if (!dead)
		return;
	next = idr_get_cursor(&dead->idr);
	if (next < OW_PID_BASE || next >= READ_ONCE(pid_max))
		next = OW_PID_BASE;
	idr_set_cursor(&init_pid_ns.idr, next);
}
