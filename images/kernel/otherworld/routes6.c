// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv6 routes that do not come with an address, requested again from the kernel
 * as whoever added them had done it.
 */
#include <linux/err.h>
#include <linux/ipv6_route.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <net/ip6_fib.h>
#include <net/netlink.h>

#include "network.h"

#define OW_MAX_ROUTES6	65536
#define OW_MAX_NODES6	(4 * OW_MAX_ROUTES6)
#define OW_MAX_TABLES6	256
#define OW_DEPTH6	129	/* bits of an address, and the root */

struct ow_routes6 {
	bool gateways;			/* this time those with one */
	unsigned int nodes, seen;
	unsigned long dead_jiffies;
};

/* By one link, perhaps through one gateway. */
static bool ow_is_plain6(const struct fib6_info *fi)
{
	return !fi->nh && !fi->fib6_nsiblings && !fi->fib6_src.plen;
}

/* Seconds that are left of its life. */
static u32 ow_left6(const struct ow_routes6 *r, const struct fib6_info *fi)
{
	long left = fi->expires - r->dead_jiffies;

	return left > 0 ? jiffies_to_msecs(left) / MSEC_PER_SEC : 0;
}

static int ow_add_route6(const struct ow_routes6 *r, const struct fib6_info *fi,
			 const struct fib6_nh *nh)
{
	struct rtmsg *head;
	struct sk_buff *skb;
	bool full;
	u32 table;
	int index;

	if (!ow_get(table, &fi->fib6_table->tb6_id))
		return -EUCLEAN;
	/* What goes nowhere has the loopback device for a link. */
	skb = ow_new_request_on(nh->fib_nh_dev, &index, RTM_NEWROUTE,
				sizeof(*head), (void **)&head);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	head->rtm_family = AF_INET6;
	head->rtm_dst_len = fi->fib6_dst.plen;
	head->rtm_protocol = fi->fib6_protocol;
	head->rtm_scope = RT_SCOPE_UNIVERSE;
	head->rtm_type = fi->fib6_type;
	head->rtm_flags = nh->fib_nh_flags & RTNH_F_ONLINK;
	full = nla_put_u32(skb, RTA_TABLE, table) ||
	       (head->rtm_dst_len &&
		nla_put_in6_addr(skb, RTA_DST, &fi->fib6_dst.addr)) ||
	       nla_put_u32(skb, RTA_OIF, index) ||
	       (nh->fib_nh_gw_family &&
		nla_put_in6_addr(skb, RTA_GATEWAY, &nh->fib_nh_gw6)) ||
	       (fi->fib6_prefsrc.plen &&
		nla_put_in6_addr(skb, RTA_PREFSRC, &fi->fib6_prefsrc.addr)) ||
	       nla_put_u32(skb, RTA_PRIORITY, fi->fib6_metric) ||
	       nla_put_u8(skb, RTA_PREF, IPV6_EXTRACT_PREF(fi->fib6_flags)) ||
	       (fi->fib6_flags & RTF_EXPIRES &&
		nla_put_u32(skb, RTA_EXPIRES, ow_left6(r, fi)));
	return ow_request(skb, full);
}

/* Those the kernel made came back with the addresses they belong to. */
static void ow_visit_route6(const struct ow_routes6 *r,
			    const struct fib6_info *dead,
			    const struct fib6_info *copy)
{
	struct fib6_nh nh;
	int err = -EOPNOTSUPP;

	if (copy->fib6_protocol == RTPROT_KERNEL ||
	    (copy->fib6_flags & RTF_EXPIRES && !ow_left6(r, copy)))
		return;
	if (ow_is_plain6(copy))
		err = ow_get(nh, &dead->fib6_nh[0]) ? 0 : -EUCLEAN;
	/* What is no plain route is reported with the second half. */
	if (!(err ? r->gateways : !nh.fib_nh_gw_family != r->gateways))
		return;
	if (!err)
		err = ow_add_route6(r, copy, &nh);
	if (err)
		ow_mark("network-lost route=%pI6c/%d err=%d",
			&copy->fib6_dst.addr, copy->fib6_dst.plen, err);
}

static int ow_visit_leaf6(struct ow_routes6 *r, const struct fib6_info *at)
{
	const struct fib6_info *none;
	struct fib6_info copy;

	if (!ow_get(none, &init_net.ipv6.fib6_null_entry))
		return -EUCLEAN;
	for (; at && at != none; at = copy.fib6_next) {
		if (r->seen++ == OW_MAX_ROUTES6 || !ow_get(copy, at))
			return -EUCLEAN;
		ow_visit_route6(r, at, &copy);
	}
	return 0;
}

static int ow_walk_node6(struct ow_routes6 *r, const struct fib6_node *dead,
			 int depth)
{
	struct fib6_node node;
	int err = 0;

	if (depth > OW_DEPTH6 || r->nodes++ == OW_MAX_NODES6 ||
	    !ow_get(node, dead))
		return -EUCLEAN;
	/* Without its own the node shares one of those below it. */
	if (node.fn_flags & RTN_RTINFO)
		err = ow_visit_leaf6(r, node.leaf);
	if (!err && node.left)
		err = ow_walk_node6(r, node.left, depth + 1);
	if (!err && node.right)
		err = ow_walk_node6(r, node.right, depth + 1);
	return err;
}

static int ow_walk_bucket6(struct ow_routes6 *r, const struct hlist_head *bucket)
{
	const struct fib6_table *table;
	struct hlist_node *at;
	int err = 0, count;

	if (!ow_get(at, &bucket->first))
		return -EUCLEAN;
	for (count = 0; !err && at && count < OW_MAX_TABLES6; count++) {
		table = container_of(at, struct fib6_table, tb6_hlist);
		err = ow_walk_node6(r, &table->tb6_root, 0);
		if (!ow_get(at, &table->tb6_hlist.next))
			return -EUCLEAN;
	}
	return err;
}

/* A gateway is reachable only behind the route to its own network. */
int ow_restore_routes6(void)
{
	struct ow_routes6 r = { };
	struct hlist_head *tables;
	int err = 0, pass, i;

	if (!ow_get(tables, &init_net.ipv6.fib_table_hash) ||
	    !ow_get(r.dead_jiffies, (unsigned long *)ow_dead_symbol((void *)&jiffies)))
		return -EUCLEAN;
	for (pass = 0; !err && pass < 2; pass++) {
		r.gateways = pass;
		r.nodes = 0;
		r.seen = 0;
		for (i = 0; !err && i < FIB6_TABLE_HASHSZ; i++)
			err = ow_walk_bucket6(&r, &tables[i]);
	}
	return err;
}
