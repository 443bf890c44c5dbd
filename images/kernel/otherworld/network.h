/* SPDX-License-Identifier: GPL-2.0-only */
/* What is requested of the kernel's own network as user space would. */
#ifndef _OTHERWORLD_NETWORK_H
#define _OTHERWORLD_NETWORK_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "resurrect.h"

#define OW_MAX_ADDRESSES	4096

/* network.c */
/* An empty request with a header of @size bytes, left in @header. */
struct sk_buff *ow_new_request(int type, size_t size, void **header);
/* The same about a device of the dead kernel, whose number is now @index. */
struct sk_buff *ow_new_request_on(const struct net_device *dead, int *index,
				  int type, size_t size, void **header);
/* Sends @skb, which it consumes, unless something did not fit in: @full.
 * Something that is there already is fine.
 */
int ow_request(struct sk_buff *skb, bool full);

/* network6.c */
/* Before a link is up: what the dead one had need not be looked for on it. */
void ow_expect_addresses6(struct net_device *dev, const struct inet6_dev *dead);
int ow_restore_addresses6(struct net_device *dev, const struct inet6_dev *dead);

/* routes6.c, neighbours.c: when all links are there. */
int ow_restore_routes6(void);
int ow_restore_neighbours(void);

#endif /* _OTHERWORLD_NETWORK_H */
