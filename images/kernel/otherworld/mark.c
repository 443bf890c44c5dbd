// SPDX-License-Identifier: GPL-2.0-only
/*
 * Progress marks on the debug console port of the machine: one line per
 * phase, readable from outside at the exact instruction.
 */
#include <linux/io.h>
#include <linux/kernel.h>

#include "otherworld.h"

#define OW_DEBUG_PORT	0xe9

void ow_mark_raw(const char *text, size_t len)
{
	while (len--)
		outb(*text++, OW_DEBUG_PORT);
}

void ow_mark(const char *fmt, ...)
{
	char buf[160];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	ow_mark_raw("ow: ", 4);
	ow_mark_raw(buf, len);
	ow_mark_raw("\n", 1);
}
