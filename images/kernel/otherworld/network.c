// SPDX-License-Identifier: GPL-2.0-only
/*
 * What user space had configured of the network: links, addresses and
 * routes over IPv4, requested again from the kernel as user space had done it. Until
 * the gate opens, everything that comes in is dropped: an answer that there is
 * no such connection would end it for the peer, who otherwise only notices a
 * pause.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/ip_fib.h>
#include <net/netlink.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <../net/ipv4/fib_lookup.h>

#include "network.h"

#define OW_MAX_DEVICES		256
#define OW_MAX_ROUTES		65536
#define OW_MAX_TRIE_BITS	16
#define OW_TRIE_DEPTH		32

/* Flags of a link that user space sets. */
#define OW_LINK_FLAGS	(IFF_UP | IFF_NOARP | IFF_PROMISC | IFF_ALLMULTI | \
			 IFF_DEBUG)

static struct socket *ow_rtnetlink;

/* Dead number of an interface -> ours, of those that have come back. */
static DEFINE_XARRAY(ow_interfaces);

int ow_interface(int dead)
{
	return xa_to_value(xa_load(&ow_interfaces, dead) ?: xa_mk_value(0));
}

/* --- the door --- */

static rx_handler_result_t ow_drop(struct sk_buff **skb)
{
	kfree_skb(*skb);
	return RX_HANDLER_CONSUMED;
}

void ow_open_network(void)
{
	struct net_device *dev;

	rtnl_lock();
	for_each_netdev(&init_net, dev)
		if (rcu_access_pointer(dev->rx_handler) == ow_drop)
			netdev_rx_handler_unregister(dev);
	rtnl_unlock();
}

/* --- requests --- */

/* What the kernel answers to a request that asks for an answer. */
static int ow_read_answer(void)
{
	struct { struct nlmsghdr head; struct nlmsgerr error; char rest[512]; } answer;
	struct kvec vec = { &answer, sizeof(answer) };
	struct msghdr msg = {};
	int len = kernel_recvmsg(ow_rtnetlink, &msg, &vec, 1, sizeof(answer),
				 MSG_DONTWAIT);

	if (len < 0)
		return len;
	if (len < NLMSG_LENGTH(sizeof(struct nlmsgerr)) ||
	    answer.head.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.error.error;
}

int ow_request(struct sk_buff *skb, bool full)
{
	struct kvec vec = { .iov_base = skb->data };
	struct msghdr msg = {};
	int err = -EMSGSIZE;

	nlmsg_end(skb, nlmsg_hdr(skb));
	vec.iov_len = skb->len;
	if (!full)
		err = kernel_sendmsg(ow_rtnetlink, &msg, &vec, 1, vec.iov_len);
	kfree_skb(skb);
	if (err >= 0)
		err = ow_read_answer();
	return err == -EEXIST ? 0 : err;
}

struct sk_buff *ow_new_request(int type, size_t size, void **header)
{
	struct sk_buff *skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct nlmsghdr *nlh;

	if (!skb)
		return ERR_PTR(-ENOMEM);
	nlh = nlmsg_put(skb, 0, 1, type, size,
			NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	*header = memset(nlmsg_data(nlh), 0, size);
	return skb;
}

struct sk_buff *ow_new_request_on(const struct net_device *dead, int *index,
				  int type, size_t size, void **header)
{
	int number;

	if (!dead || !ow_get(number, &dead->ifindex))
		return ERR_PTR(-EUCLEAN);
	*index = ow_interface(number);
	return *index ? ow_new_request(type, size, header) : ERR_PTR(-ENODEV);
}

/* --- addresses --- */

static int ow_add_address(const struct net_device *dev,
			  const struct in_ifaddr *ifa)
{
	struct ifaddrmsg *head;
	struct sk_buff *skb = ow_new_request(RTM_NEWADDR, sizeof(*head),
					     (void **)&head);
	struct ifa_cacheinfo lifetime = {
		.ifa_valid = ifa->ifa_valid_lft,
		.ifa_prefered = ifa->ifa_preferred_lft,
	};
	char label[IFNAMSIZ];
	bool full;

	if (IS_ERR(skb))
		return PTR_ERR(skb);
	head->ifa_family = AF_INET;
	head->ifa_prefixlen = ifa->ifa_prefixlen;
	head->ifa_scope = ifa->ifa_scope;
	head->ifa_index = dev->ifindex;
	strscpy(label, ifa->ifa_label, sizeof(label));
	full = nla_put_in_addr(skb, IFA_LOCAL, ifa->ifa_local) ||
	       nla_put_in_addr(skb, IFA_ADDRESS, ifa->ifa_address) ||
	       (ifa->ifa_broadcast &&
		nla_put_in_addr(skb, IFA_BROADCAST, ifa->ifa_broadcast)) ||
	       (*label && nla_put_string(skb, IFA_LABEL, label)) ||
	       nla_put_u32(skb, IFA_FLAGS, ifa->ifa_flags &
			   (IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)) ||
	       (ifa->ifa_rt_priority &&
		nla_put_u32(skb, IFA_RT_PRIORITY, ifa->ifa_rt_priority)) ||
	       (!(ifa->ifa_flags & IFA_F_PERMANENT) &&
		nla_put(skb, IFA_CACHEINFO, sizeof(lifetime), &lifetime));
	return ow_request(skb, full);
}

static int ow_restore_addresses(const struct net_device *dev,
				const struct in_device *dead)
{
	struct in_ifaddr ifa, *at;
	int count, err = 0;

	if (!dead)
		return 0;
	if (!ow_get(at, &dead->ifa_list))
		return -EUCLEAN;
	for (count = 0; at && !err; count++, at = ifa.ifa_next)
		err = count < OW_MAX_ADDRESSES && ow_get(ifa, at) ?
		      ow_add_address(dev, &ifa) : -EUCLEAN;
	return err;
}

/* --- links --- */

/* @copy is of the dead one; its other half is found by its name. */
static int ow_restore_link(struct net_device *dev,
			   const struct net_device *copy)
{
	int err;

	rtnl_lock();
	err = dev->type == copy->type ? 0 : -ENODEV;
	if (!err && dev->mtu != copy->mtu)
		err = dev_set_mtu(dev, copy->mtu);
	if (!err && copy->flags & IFF_UP)
		err = netdev_rx_handler_register(dev, ow_drop, NULL);
	ow_expect_addresses6(dev, copy->ip6_ptr);
	if (!err)
		err = dev_change_flags(dev, (dev->flags & ~OW_LINK_FLAGS) |
				       (copy->flags & OW_LINK_FLAGS), NULL);
	rtnl_unlock();
	return err;
}

static int ow_visit_device(struct list_head *node, void *arg)
{
	struct net_device *copy = arg, *dev;
	int err = -ENODEV;

	if (!ow_get(*copy, container_of(node, struct net_device, dev_list)))
		return -EUCLEAN;
	copy->name[IFNAMSIZ - 1] = 0;
	dev = dev_get_by_name(&init_net, copy->name);
	if (dev)
		err = ow_restore_link(dev, copy);
	if (!err)
		err = xa_err(xa_store(&ow_interfaces, copy->ifindex,
				      xa_mk_value(dev->ifindex), GFP_KERNEL));
	if (!err)
		err = ow_restore_addresses(dev, copy->ip_ptr);
	if (!err)
		err = ow_restore_addresses6(dev, copy->ip6_ptr);
	dev_put(dev);
	if (err)
		ow_mark("network-lost interface=%s err=%d", copy->name, err);
	return 0;
}

static int ow_restore_links(void)
{
	struct net_device *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	int err;

	if (!copy)
		return -ENOMEM;
	err = ow_walk_list(&init_net.dev_base_head, OW_MAX_DEVICES,
			   ow_visit_device, copy);
	kfree(copy);
	return err;
}

/* --- routes --- */

/* As in net/ipv4/fib_trie.c. */
struct ow_trie_node {
	u32 key;
	unsigned char pos;
	unsigned char bits;		/* 0 in a leaf */
	unsigned char slen;
	union {
		struct hlist_head leaf;
		struct ow_trie_node *child[1];
	};
};

struct ow_routes {
	bool gateways;			/* this time those with one */
	unsigned int seen, lost;
	u32 key;
};

/* A plain route, by one link, perhaps through one gateway. */
static bool ow_is_plain(const struct fib_info *fi, const struct fib_nh *nh)
{
	return !fi->nh && fi->fib_nhs == 1 && !nh->fib_nh_lws &&
	       nh->fib_nh_gw_family != AF_INET6;
}

static int ow_add_route(struct ow_routes *r, const struct fib_alias *fa,
			const struct fib_info *fi, const struct fib_nh *nh)
{
	int index = ow_interface(nh->fib_nh_oif);
	struct rtmsg *head;
	struct sk_buff *skb;
	bool full;

	if (nh->fib_nh_oif && !index)
		return -ENODEV;
	skb = ow_new_request(RTM_NEWROUTE, sizeof(*head), (void **)&head);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	head->rtm_family = AF_INET;
	head->rtm_dst_len = 32 - fa->fa_slen;
	head->rtm_tos = inet_dscp_to_dsfield(fa->fa_dscp);
	head->rtm_protocol = fi->fib_protocol;
	head->rtm_scope = fi->fib_scope;
	head->rtm_type = fa->fa_type;
	head->rtm_flags = nh->fib_nh_flags & RTNH_F_ONLINK;
	full = nla_put_u32(skb, RTA_TABLE, fa->tb_id) ||
	       (head->rtm_dst_len &&
		nla_put_in_addr(skb, RTA_DST, htonl(r->key))) ||
	       (index && nla_put_u32(skb, RTA_OIF, index)) ||
	       (nh->fib_nh_gw_family &&
		nla_put_in_addr(skb, RTA_GATEWAY, nh->fib_nh_gw4)) ||
	       (fi->fib_priority &&
		nla_put_u32(skb, RTA_PRIORITY, fi->fib_priority)) ||
	       (fi->fib_prefsrc &&
		nla_put_in_addr(skb, RTA_PREFSRC, fi->fib_prefsrc));
	return ow_request(skb, full);
}

/* Those the kernel made came back with the addresses they belong to. */
static void ow_visit_route(struct ow_routes *r, const struct fib_alias *fa)
{
	struct fib_info fi;
	struct fib_nh nh;
	int err;

	if (!ow_get(fi, fa->fa_info)) {
		r->lost++;
		return;
	}
	if (fi.fib_protocol == RTPROT_KERNEL)
		return;
	err = ow_get(nh, &fa->fa_info->fib_nh[0]) && ow_is_plain(&fi, &nh) ?
	      0 : -EOPNOTSUPP;
	if (!err && !nh.fib_nh_gw_family == r->gateways)
		return;
	if (!err)
		err = ow_add_route(r, fa, &fi, &nh);
	else if (!r->gateways)
		return;
	if (err) {
		r->lost++;
		ow_mark("network-lost route=%pI4/%d err=%d",
			&(__be32){ htonl(r->key) }, 32 - fa->fa_slen, err);
	}
}

static int ow_visit_leaf(struct ow_routes *r, const struct ow_trie_node *leaf)
{
	struct hlist_node *at = leaf->leaf.first;
	struct fib_alias fa;

	r->key = leaf->key;
	while (at) {
		if (r->seen++ == OW_MAX_ROUTES ||
		    !ow_get(fa, container_of(at, struct fib_alias, fa_list)))
			return -EUCLEAN;
		ow_visit_route(r, &fa);
		at = fa.fa_list.next;
	}
	return 0;
}

static int ow_walk_trie(struct ow_routes *r, const struct ow_trie_node *dead,
			int depth)
{
	struct ow_trie_node node, *child;
	unsigned long i;
	int err = 0;

	if (depth > OW_TRIE_DEPTH || !ow_get(node, dead) ||
	    node.bits > OW_MAX_TRIE_BITS)
		return -EUCLEAN;
	/* The root has no bits either, but one child. */
	if (!node.bits && depth)
		return ow_visit_leaf(r, &node);
	for (i = 0; !err && i < 1UL << node.bits; i++) {
		if (!ow_get(child, &dead->child[i]))
			return -EUCLEAN;
		if (child)
			err = ow_walk_trie(r, child, depth + 1);
	}
	return err;
}

static int ow_walk_tables(struct ow_routes *r, const struct hlist_head *bucket)
{
	const struct hlist_node *at;
	struct fib_table table;
	int err = 0, count;

	if (!ow_get(at, &bucket->first))
		return -EUCLEAN;
	for (count = 0; at && !err && count < RT_TABLE_MAX; count++) {
		if (!ow_get(table, container_of(at, struct fib_table,
						tb_hlist)))
			return -EUCLEAN;
		err = ow_walk_trie(r, (void *)table.tb_data, 0);
		at = table.tb_hlist.next;
	}
	return err;
}

/* A gateway is reachable only behind the route to its own network. */
static int ow_restore_routes(void)
{
	struct ow_routes r = {};
	struct hlist_head *tables;
	int err = 0, pass, i;

	if (!ow_get(tables, &init_net.ipv4.fib_table_hash))
		return -EUCLEAN;
	for (pass = 0; !err && pass < 2; pass++) {
		r.gateways = pass;
		for (i = 0; !err && i < FIB_TABLE_HASHSZ; i++)
			err = ow_walk_tables(&r, &tables[i]);
	}
	return err;
}

/* What the dead have in their queues is more than one slot's worth of memory
 * allows. Release reckons anew.
 */
static void ow_allow_memory(void)
{
	long limits[3];

	if (ow_read(limits, ow_dead_symbol(sysctl_tcp_mem), sizeof(limits)) &&
	    limits[0] > 0 && limits[1] >= limits[0] && limits[2] >= limits[1])
		memcpy(sysctl_tcp_mem, limits, sizeof(limits));
}

int ow_cmd_network(char *args)
{
	struct file *file;
	int err;

	if (!ow_is_crash_kernel())
		return -EINVAL;
	err = sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW, NETLINK_ROUTE,
			       &ow_rtnetlink);
	if (err)
		return err;
	/* Who may ask for what is looked up in the file, too. */
	file = sock_alloc_file(ow_rtnetlink, 0, NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ow_allow_memory();
	err = ow_restore_links();
	if (!err)
		err = ow_restore_routes();
	if (!err)
		err = ow_restore_routes6();
	if (!err)
		err = ow_restore_neighbours();
	fput(file);
	return err;
}
