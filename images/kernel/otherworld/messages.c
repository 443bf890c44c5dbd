// SPDX-License-Identifier: GPL-2.0-only
/* System V message queues, with the messages nobody has received. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/msg.h>
#include <linux/otherworld_ipc.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "resurrect.h"

#define OW_MAX_MESSAGES	(1 << 20)
#define OW_MAX_MESSAGE	SZ_1M

/* As in ipc/msgutil.c: what does not fit in a page goes on in another one. */
struct msg_msgseg {
	struct msg_msgseg *next;
};

static bool ow_copy_message(struct msg_msg *to, const struct msg_msg *dead,
			    const struct msg_msgseg *from)
{
	size_t left = to->m_ts;
	size_t part = min(left, PAGE_SIZE - sizeof(*to));
	struct msg_msgseg *at = to->next;

	if (!ow_read(to + 1, dead + 1, part))
		return false;
	for (left -= part; left; left -= part, at = at->next) {
		part = min(left, PAGE_SIZE - sizeof(*at));
		if (!at || !ow_read(at + 1, from + 1, part) ||
		    !ow_get(from, &from->next))
			return false;
	}
	return true;
}

/* @queue: the copy of the queue. */
static int ow_visit_message(struct list_head *node, void *queue)
{
	const struct msg_msg *dead = container_of(node, struct msg_msg, m_list);
	struct msg_msg copy, *msg;
	int err = -EUCLEAN;

	if (!ow_get(copy, dead) || copy.m_ts > OW_MAX_MESSAGE)
		return -EUCLEAN;
	msg = otherworld_msg_alloc(copy.m_ts);
	if (!msg)
		return -ENOMEM;
	msg->m_type = copy.m_type;
	msg->m_ts = copy.m_ts;
	if (ow_copy_message(msg, dead, copy.next))
		err = otherworld_msg_append(queue, msg);
	if (err)
		otherworld_msg_free(msg);
	return err;
}

int ow_make_queue(const void *dead)
{
	size_t size = otherworld_msg_size();
	void *copy = kmalloc(size, GFP_KERNEL);
	int err = -EUCLEAN;

	if (!copy)
		return -ENOMEM;
	if (ow_read(copy, dead, size))
		err = otherworld_msg_add(copy);
	if (!err)
		err = ow_walk_list(dead + otherworld_msg_list(),
				   OW_MAX_MESSAGES, ow_visit_message, copy);
	kfree(copy);
	return err;
}
