// SPDX-License-Identifier: GPL-2.0-only
/*
 * Native AIO. A context is a ring of events mapped into the process, whose
 * address is its name. It is set up anew and moved there, with the events that
 * nobody has taken yet. A request under way is lost, and reported.
 */
#include <linux/err.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "aio.h"

#define OW_MAX_CONTEXTS		4096
#define OW_MAX_RING_PAGES	65536

bool ow_is_aio(const struct vm_area_struct *copy)
{
	return (unsigned long)copy->vm_ops ==
	       ow_symbol("aio_ring_vm_ops");
}

static long ow_aio_call(unsigned int nr, unsigned long a, unsigned long b,
			unsigned long c, unsigned long d, unsigned long e)
{
	struct pt_regs regs = {
		.orig_ax = nr, .di = a, .si = b, .dx = c, .r10 = d, .r8 = e,
	};

	return sys_call_table[nr](&regs);
}

/* An empty context of that size, where @dead was. */
static int ow_setup_context(const struct ow_kioctx *dead)
{
	unsigned long at, id;
	long err;

	/* What the kernel answers is put where the ring will be. */
	at = vm_mmap(NULL, dead->user_id, dead->mmap_size,
		     PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, 0);
	if (at != dead->user_id)
		return IS_ERR_VALUE(at) ? (int)at : -ENOMEM;
	err = ow_aio_call(__NR_io_setup, dead->max_reqs, at, 0, 0, 0);
	if (err)
		return err;
	if (get_user(id, (unsigned long __user *)at))
		return -EFAULT;
	id = ow_aio_call(__NR_mremap, id, dead->mmap_size, dead->mmap_size,
			 MREMAP_MAYMOVE | MREMAP_FIXED, at);
	return id == at ? 0 : -ENOMEM;
}

/* The events, in their places; the first word is a number of the kernel's. */
static int ow_copy_ring(const struct ow_kioctx *dead)
{
	u8 *data = kmalloc(PAGE_SIZE, GFP_KERNEL);
	size_t skip = sizeof(unsigned int);
	struct page *page;
	int err = data ? 0 : -ENOMEM;
	long i;

	for (i = 0; !err && i < dead->nr_pages; i++, skip = 0)
		if (!ow_get(page, &dead->ring_pages[i]) ||
		    !ow_read_frame(data, page_to_pfn(page)) ||
		    copy_to_user((void __user *)dead->user_id +
				 i * PAGE_SIZE + skip,
				 data + skip, PAGE_SIZE - skip))
			err = -EUCLEAN;
	kfree(data);
	return err;
}

static struct ow_kioctx *ow_own_context(unsigned long id)
{
	struct ow_kioctx_table *table = (void *)current->mm->ioctx_table;
	unsigned int i;

	for (i = 0; table && i < table->nr; i++)
		if (table->table[i] && table->table[i]->user_id == id)
			return table->table[i];
	return NULL;
}

static int ow_make_context(struct ow_dead *d, const struct ow_kioctx *dead)
{
	unsigned int free = atomic_read(&dead->reqs_available), local, all;
	unsigned int held = ow_unsubmitted(d, dead->user_id);
	struct ow_kioctx *own;
	int err = ow_setup_context(dead);

	if (!err)
		err = ow_copy_ring(dead);
	if (err)
		return err;
	own = ow_own_context(dead->user_id);
	if (!own || own->nr_events != dead->nr_events ||
	    !ow_get(local, dead->cpu))
		return -EUCLEAN;
	all = own->nr_events - 1;
	own->tail = dead->tail;
	own->completed_events = dead->completed_events;
	atomic_set(&own->reqs_available, all - dead->completed_events);
	if (free + local + dead->completed_events + held < all)
		ow_degraded(d->proc->pid, OW_LOST_AIO, "aio lost=%u",
			all - free - local - dead->completed_events - held);
	return 0;
}

int ow_become_aio(struct ow_dead *d)
{
	const struct ow_kioctx_table *table = (void *)d->mm.ioctx_table;
	const struct ow_kioctx *at;
	struct ow_kioctx dead;
	unsigned int i, nr;
	int err = 0;

	if (!table)
		return 0;
	if (!ow_get(nr, &table->nr) || nr > OW_MAX_CONTEXTS)
		return -EUCLEAN;
	for (i = 0; !err && i < nr; i++) {
		if (!ow_get(at, &table->table[i]))
			return -EUCLEAN;
		if (!at)
			continue;
		err = !ow_get(dead, at) || dead.nr_pages <= 0 ||
		      dead.nr_pages > OW_MAX_RING_PAGES ||
		      dead.mmap_size != dead.nr_pages << PAGE_SHIFT ||
		      dead.tail >= dead.nr_events ||
		      dead.completed_events >= dead.nr_events ?
		      -EUCLEAN : ow_make_context(d, &dead);
	}
	return err;
}

const struct ow_kioctx *ow_context(struct ow_dead *d, unsigned long start)
{
	const struct ow_kioctx_table *table = (void *)d->mm.ioctx_table;
	const struct ow_kioctx *at;
	unsigned int i, nr;
	unsigned long id;

	if (!table || !ow_get(nr, &table->nr) || nr > OW_MAX_CONTEXTS)
		return NULL;
	for (i = 0; i < nr; i++)
		if (ow_get(at, &table->table[i]) && at &&
		    ow_get(id, &at->user_id) && id == start)
			return at;
	return NULL;
}

/* Is there a context behind each ring? A child has its parent's rings only. */
bool ow_has_context(struct ow_dead *d, unsigned long start)
{
	return ow_context(d, start);
}
