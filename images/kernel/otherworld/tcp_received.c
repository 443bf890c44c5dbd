// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes that a connection has acknowledged, and that its queue has lost: the peer
 * never sends them again. They came in packets, and a packet lies in a buffer of
 * the network card, or in what was copied from one, as it came: with its addresses,
 * its place in the connection, and a checksum over all of it. So it can be found
 * without what led to it, and told from anything else. What user space writes is
 * not looked at, and all packets that have a byte must agree about it.
 *
 * What was sent can be found as well, where the network card was given it in one
 * piece: that has the same form, and lies in a slab. When that has been freed, the
 * allocator has put something into it, and the checksum is wrong.
 */
#include <linux/bitmap.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <asm/unaligned.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "sockets.h"

/* Most bytes that are looked for. */
#define OW_MAX_LOST	SZ_4M
/* The network card's buffers and headers are at even addresses. */
#define OW_PACKET_ALIGN	2

/* The end of an IP header without options, and the begin of that of TCP. */
struct ow_names {
	union {
		struct {
			__be32 saddr, daddr;
			__be16 ports[2];
		} four;
		struct {
			struct in6_addr saddr, daddr;
			__be16 ports[2];
		} six;
	};
	unsigned int size;
	bool is_six;
};

struct ow_hunt {
	struct ow_names names;
	bool sent;			/* and not received */
	u32 seq, len;			/* the bytes that are lost, */
	u8 *bytes;			/* those found, */
	unsigned long *known;		/* and which they are */
	bool fin;			/* the last is the peer's FIN */
	bool contradicted;
	u8 *page;			/* with the beginning of the next */
	u8 *segment;
};

/* --- one packet --- */

static void ow_note_byte(struct ow_hunt *h, u32 at, u8 byte)
{
	if (at >= h->len)
		return;
	if (test_bit(at, h->known) && h->bytes[at] != byte)
		h->contradicted = true;
	h->bytes[at] = byte;
	__set_bit(at, h->known);
}

static void ow_note_segment(struct ow_hunt *h, unsigned int len)
{
	const struct tcphdr *th = (const struct tcphdr *)h->segment;
	unsigned int header = th->doff * 4, i;
	u32 at = ntohl(th->seq) - h->seq;

	if (header < sizeof(*th) || header > len || th->syn || th->rst || th->urg)
		return;
	for (i = header; i < len; i++)
		ow_note_byte(h, at++, h->segment[i]);
	if (th->fin && at + 1 == h->len) {
		ow_note_byte(h, at, 0);
		h->fin = true;
	}
}

/* Length of the TCP segment in the packet at @at, by its IP header; 0 if none. */
static unsigned int ow_segment_of_four(const void *at)
{
	struct iphdr ip;
	unsigned int len;

	if (!ow_read(&ip, at, sizeof(ip)) || ip.version != 4 || ip.ihl != 5 ||
	    ip.protocol != IPPROTO_TCP || ip_is_fragment(&ip) ||
	    ip_fast_csum(&ip, ip.ihl))
		return 0;
	len = ntohs(ip.tot_len);
	return len < sizeof(ip) ? 0 : len - sizeof(ip);
}

static unsigned int ow_segment_of_six(const void *at)
{
	struct ipv6hdr ip;

	if (!ow_read(&ip, at, sizeof(ip)) || ip.version != 6 ||
	    ip.nexthdr != IPPROTO_TCP)
		return 0;
	return ntohs(ip.payload_len);
}

static bool ow_sum_is_right(const struct ow_hunt *h, unsigned int len)
{
	__wsum sum = csum_partial(h->segment, len, 0);
	const struct ow_names *names = &h->names;

	if (names->is_six)
		return !csum_ipv6_magic(&names->six.saddr, &names->six.daddr,
					len, IPPROTO_TCP, sum);
	return !csum_tcpudp_magic(names->four.saddr, names->four.daddr, len,
				  IPPROTO_TCP, sum);
}

/* @at: where the names were found. */
static void ow_look_at_packet(struct ow_hunt *h, const void *at)
{
	const void *tcp = at + h->names.size - sizeof(h->names.four.ports);
	unsigned int len;

	if (h->names.is_six)
		len = ow_segment_of_six(at - offsetof(struct ipv6hdr, saddr));
	else
		len = ow_segment_of_four(at - offsetof(struct iphdr, saddr));
	if (len >= sizeof(struct tcphdr) && ow_read(h->segment, tcp, len) &&
	    ow_sum_is_right(h, len))
		ow_note_segment(h, len);
}

/* --- all of memory --- */

/* A frame that the kernel had for itself, and not as a page table; or a slab. */
static bool ow_may_be_buffer(const struct ow_hunt *h, unsigned long pfn)
{
	const unsigned long others = BIT(PG_lru) | BIT(PG_swapbacked) |
				     BIT(PG_reserved);
	struct page page;

	if (!ow_dead_page(pfn, &page))
		return false;
	if (page.compound_head & 1 &&
	    !ow_is_page((struct page *)(page.compound_head - 1), &page))
		return false;
	if (page.flags & BIT(PG_slab))
		return h->sent;
	return !(page.flags & others) && !page.mapping &&
	       atomic_read(&page._mapcount) == -1 && page_ref_count(&page) > 0;
}

static void ow_look_at_page(struct ow_hunt *h, unsigned long pfn)
{
	const void *names = &h->names, *at = __va(PFN_PHYS(pfn));
	u32 first = get_unaligned((const u32 *)names);
	unsigned int i;

	if (!ow_read(h->page, at, PAGE_SIZE))
		return;
	if (!ow_read(h->page + PAGE_SIZE, at + PAGE_SIZE, h->names.size))
		memset(h->page + PAGE_SIZE, 0, h->names.size);
	for (i = 0; i < PAGE_SIZE; i += OW_PACKET_ALIGN)
		if (get_unaligned((const u32 *)(h->page + i)) == first &&
		    !memcmp(h->page + i, names, h->names.size))
			ow_look_at_packet(h, at + i);
}

static void ow_name_ends(struct ow_names *names, const struct inet_sock *dead,
			 bool sent)
{
	const struct sock *sk = &dead->sk;

	if (sk->sk_family == AF_INET6 && !ipv6_addr_v4mapped(&sk->sk_v6_daddr)) {
		names->is_six = true;
		names->size = sizeof(names->six);
		names->six.saddr = sent ? sk->sk_v6_rcv_saddr : sk->sk_v6_daddr;
		names->six.daddr = sent ? sk->sk_v6_daddr : sk->sk_v6_rcv_saddr;
		names->six.ports[!sent] = dead->inet_sport;
		names->six.ports[sent] = sk->sk_dport;
		return;
	}
	names->size = sizeof(names->four);
	names->four.saddr = sent ? dead->inet_saddr : sk->sk_daddr;
	names->four.daddr = sent ? sk->sk_daddr : dead->inet_saddr;
	names->four.ports[!sent] = dead->inet_sport;
	names->four.ports[sent] = sk->sk_dport;
}

static void *ow_find_on_wire(const struct tcp_sock *dead, u32 seq, u32 *len,
			     bool sent)
{
	struct ow_hunt h = { .sent = sent, .seq = seq, .len = *len };
	unsigned long pfn;
	bool found = false;

	if (!*len || *len > OW_MAX_LOST)
		return NULL;
	ow_name_ends(&h.names, &dead->inet_conn.icsk_inet, sent);
	h.bytes = kvmalloc(*len, GFP_KERNEL);
	h.known = bitmap_zalloc(*len, GFP_KERNEL);
	h.page = kmalloc(PAGE_SIZE + sizeof(h.names), GFP_KERNEL);
	h.segment = kvmalloc(SZ_64K, GFP_KERNEL);
	if (h.bytes && h.known && h.page && h.segment) {
		for (pfn = 0; pfn < max_pfn; pfn++)
			if (ow_may_be_buffer(&h, pfn))
				ow_look_at_page(&h, pfn);
		found = !h.contradicted && bitmap_full(h.known, *len) &&
			!(sent && h.fin);
	}
	kvfree(h.segment);
	kfree(h.page);
	bitmap_free(h.known);
	if (!found) {
		kvfree(h.bytes);
		return NULL;
	}
	*len -= h.fin;
	return h.bytes;
}

void *ow_find_received(const struct tcp_sock *dead, u32 seq, u32 *len)
{
	return ow_find_on_wire(dead, seq, len, false);
}

void *ow_find_sent(const struct tcp_sock *dead, u32 seq, u32 len)
{
	return ow_find_on_wire(dead, seq, &len, true);
}
