// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands accepted by /proc/otherworld/control. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "resurrect.h"

static const struct {
	const char *name;
	int (*run)(char *args);
} ow_commands[] = {
	/* slots and morph */
	{ "arm", ow_cmd_arm },
	{ "release", ow_cmd_release },
	{ "gate-open", ow_cmd_gate_open },
	/* resurrection */
	{ "replay", ow_cmd_replay },
	{ "writeback", ow_cmd_writeback },
	{ "swap", ow_cmd_swap },
	{ "network", ow_cmd_network },
	{ "ram-files", ow_cmd_ram_files },
	{ "ipc", ow_cmd_ipc },
	{ "become", ow_cmd_become },
	{ "settle", ow_cmd_settle },
	{ "expect", ow_cmd_expect },
	{ "gate-wait", ow_cmd_gate_wait },
};

int ow_command(char *line)
{
	char *args = strim(line);
	char *name = strsep(&args, " \t");
	int i;

	for (i = 0; i < ARRAY_SIZE(ow_commands); i++)
		if (!strcmp(name, ow_commands[i].name))
			return ow_commands[i].run(args ? strim(args) : name + strlen(name));
	return -EINVAL;
}
