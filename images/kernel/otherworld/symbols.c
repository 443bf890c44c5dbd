// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of what other files keep for themselves. The kernel's own search
 * unpacks name after name of its table, and the judges ask for the same few of
 * every file, thread and area: what was found is noted.
 */
#include <linux/hashtable.h>
#include <linux/kallsyms.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>

#include "resurrect.h"

#define OW_SYMBOL_BITS	6

struct ow_symbol {
	struct hlist_node node;
	unsigned long address;
	char name[];
};

static DEFINE_HASHTABLE(ow_symbols, OW_SYMBOL_BITS);

static void ow_note_symbol(const char *name, unsigned int hash,
			   unsigned long address)
{
	size_t size = strlen(name) + 1;
	struct ow_symbol *s = kmalloc(struct_size(s, name, size), GFP_ATOMIC);

	if (!s)
		return;
	s->address = address;
	memcpy(s->name, name, size);
	hash_add(ow_symbols, &s->node, hash);
}

unsigned long ow_symbol(const char *name)
{
	unsigned int hash = full_name_hash(NULL, name, strlen(name));
	struct ow_symbol *s;
	unsigned long address;

	hash_for_each_possible(ow_symbols, s, node, hash)
		if (!strcmp(s->name, name))
			return s->address;
	address = kallsyms_lookup_name(name);
	ow_note_symbol(name, hash, address);
	return address;
}
