// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: resurrected processes wait in front of it, complete, until dead
 * memory is released and the next crash kernel armed. A second crash a moment
 * after it opened loses nothing.
 */
#include <linux/seq_file.h>
#include <linux/wait.h>

#include "internal.h"
#include "resurrect.h"

static DECLARE_WAIT_QUEUE_HEAD(ow_gate_queue);
static bool ow_gate_is_open;

int ow_gate_wait(void)
{
	return wait_event_killable(ow_gate_queue, READ_ONCE(ow_gate_is_open)) ?
		-EINTR : 0;
}

void ow_gate_open(void)
{
	WRITE_ONCE(ow_gate_is_open, true);
	wake_up_all(&ow_gate_queue);
}

int ow_cmd_gate_open(char *args)
{
	ow_open_network();
	ow_start_sockets();
	ow_mark("gate-open");
	ow_gate_open();
	return 0;
}

void ow_gate_status(struct seq_file *m)
{
	if (ow_is_crash_kernel())
		seq_printf(m, "gate=%s\n", ow_gate_is_open ? "open" : "closed");
}
