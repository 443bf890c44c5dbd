// SPDX-License-Identifier: GPL-2.0-only
/* /proc/otherworld: status to read, marks and commands to write. */
#include <linux/init.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

#define OW_LINE_MAX	2048

static int ow_status_show(struct seq_file *m, void *v)
{
	ow_core_status(m);
	ow_frames_status(m);
	ow_gate_status(m);
	ow_arm_status(m);
	ow_swap_status(m);
	return 0;
}

static char *ow_line_from_user(const char __user *ubuf, size_t count)
{
	if (!count || count > OW_LINE_MAX)
		return ERR_PTR(-EINVAL);
	return memdup_user_nul(ubuf, count);
}

static ssize_t ow_mark_write(struct file *file, const char __user *ubuf,
			     size_t count, loff_t *ppos)
{
	char *line = ow_line_from_user(ubuf, count);
	size_t len;

	if (IS_ERR(line))
		return PTR_ERR(line);
	len = strlen(line);
	ow_mark_raw(line, len);
	if (!len || line[len - 1] != '\n')
		ow_mark_raw("\n", 1);
	kfree(line);
	return count;
}

static ssize_t ow_control_write(struct file *file, const char __user *ubuf,
				size_t count, loff_t *ppos)
{
	char *line = ow_line_from_user(ubuf, count);
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = ow_command(line);
	kfree(line);
	return err ? err : count;
}

static const struct proc_ops ow_mark_ops = {
	.proc_write	= ow_mark_write,
	.proc_lseek	= noop_llseek,
};

static const struct proc_ops ow_control_ops = {
	.proc_write	= ow_control_write,
	.proc_lseek	= noop_llseek,
};

static int __init ow_proc_init(void)
{
	struct proc_dir_entry *dir;

	if (!ow_enabled())
		return 0;
	dir = proc_mkdir("otherworld", NULL);
	if (!dir ||
	    !proc_create_single("status", 0444, dir, ow_status_show) ||
	    !proc_create("mark", 0200, dir, &ow_mark_ops) ||
	    !proc_create("control", 0600, dir, &ow_control_ops))
		return -ENOMEM;
	return 0;
}
fs_initcall(ow_proc_init);
