// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv6 addresses of a link. They have been asked for on the network before
 * (duplicate address detection), and are not asked for again: sockets are bound
 * to them at once.
 */
#include <linux/err.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/netlink.h>

#include "network.h"

/* Flags that whoever adds an address may give. */
#define OW_ADDRESS_FLAGS	(IFA_F_HOMEADDRESS | IFA_F_NOPREFIXROUTE | \
				 IFA_F_MCAUTOJOIN)

void ow_expect_addresses6(struct net_device *dev, const struct inet6_dev *dead)
{
	struct inet6_dev *own = __in6_dev_get(dev);

	if (own && dead)
		own->cnf.accept_dad = 0;
}

static int ow_add_address6(const struct net_device *dev,
			   const struct inet6_ifaddr *ifa)
{
	struct ifaddrmsg *head;
	struct sk_buff *skb = ow_new_request(RTM_NEWADDR, sizeof(*head),
					     (void **)&head);
	struct ifa_cacheinfo lifetime = {
		.ifa_valid = ifa->valid_lft, .ifa_prefered = ifa->prefered_lft,
	};
	bool full, peer = !ipv6_addr_any(&ifa->peer_addr);

	if (IS_ERR(skb))
		return PTR_ERR(skb);
	head->ifa_family = AF_INET6;
	head->ifa_prefixlen = ifa->prefix_len;
	head->ifa_index = dev->ifindex;
	full = nla_put_in6_addr(skb, IFA_LOCAL, &ifa->addr) ||
	       nla_put_in6_addr(skb, IFA_ADDRESS,
				peer ? &ifa->peer_addr : &ifa->addr) ||
	       nla_put_u32(skb, IFA_FLAGS,
			   (ifa->flags & OW_ADDRESS_FLAGS) | IFA_F_NODAD) ||
	       (ifa->rt_priority &&
		nla_put_u32(skb, IFA_RT_PRIORITY, ifa->rt_priority)) ||
	       nla_put_u8(skb, IFA_PROTO, ifa->ifa_proto) ||
	       (!(ifa->flags & IFA_F_PERMANENT) &&
		nla_put(skb, IFA_CACHEINFO, sizeof(lifetime), &lifetime));
	return ow_request(skb, full);
}

struct ow_addresses6 {
	struct net_device *dev;
	int err;
};

/* Temporary ones come from a public one, which makes new ones. */
static int ow_visit_address6(struct list_head *node, void *arg)
{
	struct ow_addresses6 *to = arg;
	struct inet6_ifaddr ifa;

	if (!ow_get(ifa, container_of(node, struct inet6_ifaddr, if_list)))
		return -EUCLEAN;
	if (!(ifa.flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE)) &&
	    ifa.state != INET6_IFADDR_STATE_DEAD)
		to->err = ow_add_address6(to->dev, &ifa) ?: to->err;
	return 0;
}

int ow_restore_addresses6(struct net_device *dev, const struct inet6_dev *dead)
{
	struct workqueue_struct **wq =
		(void *)ow_symbol("addrconf_wq");
	struct ow_addresses6 to = { .dev = dev };
	struct inet6_dev *own;
	s32 accept_dad;
	int err;

	if (!dead)
		return 0;
	err = ow_walk_list(&dead->addr_list, OW_MAX_ADDRESSES,
			   ow_visit_address6, &to);
	/* They become usable in a work of its own. */
	flush_workqueue(*wq);
	rtnl_lock();
	own = __in6_dev_get(dev);
	if (own && ow_get(accept_dad, &dead->cnf.accept_dad))
		own->cnf.accept_dad = accept_dad;
	rtnl_unlock();
	return err ?: to.err;
}
