// SPDX-License-Identifier: GPL-2.0-only
/*
 * Neighbours that user space had named for good (NUD_PERMANENT). All others are
 * asked for again when somebody talks to them.
 */
#include <linux/err.h>
#include <linux/rtnetlink.h>
#include <net/arp.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netlink.h>

#include "network.h"

#define OW_MAX_NEIGHBOURS	65536
#define OW_MAX_SHIFT		16

static int ow_add_neighbour(const struct neigh_table *table,
			    const struct neighbour *copy, const u8 *key)
{
	struct ndmsg *head;
	struct sk_buff *skb;
	bool full;
	int index;
	u8 length;

	if (!ow_get(length, &copy->dev->addr_len) || length > MAX_ADDR_LEN)
		return -EUCLEAN;
	skb = ow_new_request_on(copy->dev, &index, RTM_NEWNEIGH, sizeof(*head),
				(void **)&head);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	head->ndm_family = table->family;
	head->ndm_ifindex = index;
	head->ndm_state = NUD_PERMANENT;
	head->ndm_flags = copy->flags & NTF_ROUTER;
	full = nla_put(skb, NDA_DST, table->key_len, key) ||
	       nla_put(skb, NDA_LLADDR, length, copy->ha);
	return ow_request(skb, full);
}

static void ow_visit_neighbour(const struct neigh_table *table,
			       const struct neighbour *dead,
			       const struct neighbour *copy)
{
	u8 key[sizeof(struct in6_addr)];
	int err = -EUCLEAN;

	if (!(copy->nud_state & NUD_PERMANENT) || copy->dead)
		return;
	if (ow_read(key, dead->primary_key, table->key_len))
		err = ow_add_neighbour(table, copy, key);
	if (err)
		ow_mark("network-lost neighbour=%*phC err=%d", table->key_len,
			key, err);
}

/* @table: ours, of which only constants are read. */
static int ow_restore_table(const struct neigh_table *table)
{
	const struct neigh_table *dead = ow_dead_symbol(table);
	struct neigh_hash_table *at, hash;
	struct neighbour *next, copy;
	unsigned int seen = 0;
	unsigned long i;

	if (!ow_get(at, &dead->nht) || !ow_get(hash, at) ||
	    hash.hash_shift > OW_MAX_SHIFT)
		return -EUCLEAN;
	for (i = 0; i < 1UL << hash.hash_shift; i++) {
		if (!ow_get(next, &hash.hash_buckets[i]))
			return -EUCLEAN;
		for (; next; next = copy.next) {
			if (seen++ == OW_MAX_NEIGHBOURS || !ow_get(copy, next))
				return -EUCLEAN;
			ow_visit_neighbour(table, next, &copy);
		}
	}
	return 0;
}

int ow_restore_neighbours(void)
{
	return ow_restore_table(&arp_tbl) ?: ow_restore_table(&nd_tbl);
}
