// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protected mode: a write() that is answered is in the page cache.
 *
 * A kernel that puts data into the wrong page, or into none, and answers that
 * it has them, cannot be told from a healthy one by its processes, and what
 * they then tell others is wrong. So each page is looked up a second time
 * before it is written to or read, what was copied is compared, and the kernel
 * dies, ahead of the answer, of what a healthy one never finds. The process's
 * call is then made again by the next kernel.
 *
 * Nothing that programs may do leads to such a death. Pages are looked at
 * while they are locked, and sizes under the inode's lock, where neither other
 * writers nor a truncation get in between. Nothing sleeps between a copy and
 * its comparison, and no other thread runs on the one processor; a device may
 * yet write to a buffer meanwhile, so what differs is copied again first. Pages
 * that somebody has mapped are not compared: they may lie in the buffer
 * themselves.
 */
#include <linux/buffer_head.h>
#include <linux/fdtable.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/otherworld.h>
#include <linux/otherworld_verify.h>
#include <linux/pagemap.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/xarray.h>
#include <asm/unistd.h>

/* Copies that a device may spoil before the kernel is to blame. */
#define OW_COPIES	4

/* The first piece of a process's buffer that is not empty. */
static const void __user *ow_first_piece(const struct iov_iter *iter,
					 size_t *len)
{
	size_t skip = iter->iov_offset;
	unsigned long i;

	if (iter_is_ubuf(iter))
		return iter->ubuf + skip;
	for (i = 0; iter_is_iovec(iter) && i < iter->nr_segs; i++, skip = 0) {
		const struct iovec *iov = &iter->iov[i];

		if (iov->iov_len > skip) {
			*len = min(*len, iov->iov_len - skip);
			return iov->iov_base + skip;
		}
	}
	return NULL;
}

static bool ow_is_of_call(const struct kiocb *iocb, const struct pt_regs *regs)
{
	const struct file *file;

	rcu_read_lock();
	file = files_lookup_fd_rcu(current->files, regs->di);
	rcu_read_unlock();
	return file == iocb->ki_filp;
}

/*
 * Of the calls that name one buffer: is it this one, and, with a place in the
 * file, is it that? A file system may make it shorter, but not longer. A write
 * past the page cache may have been done in part before it comes here.
 */
static bool ow_was_asked(const struct kiocb *iocb, const struct iov_iter *iter,
			 int call, int call_at)
{
	const struct pt_regs *regs = current_pt_regs();
	size_t len = iov_iter_count(iter);

	if (current->flags & PF_KTHREAD || in_ia32_syscall() ||
	    (regs->orig_ax != call && regs->orig_ax != call_at) ||
	    iocb->ki_flags & IOCB_DIRECT || !ow_is_of_call(iocb, regs))
		return true;
	if (regs->orig_ax == call_at && !(iocb->ki_flags & IOCB_APPEND) &&
	    iocb->ki_pos != regs->r10)
		return false;
	return len <= regs->dx &&
	       ow_first_piece(iter, &len) == (const void __user *)regs->si;
}

void otherworld_verify_write(const struct kiocb *iocb,
			     const struct iov_iter *from)
{
	const struct inode *inode = iocb->ki_filp->f_mapping->host;

	if (unlikely(!ow_was_asked(iocb, from, __NR_write, __NR_pwrite64)))
		otherworld_warn(_RET_IP_, NULL, "write of what nobody asked for");
	if (!(iocb->ki_flags & IOCB_APPEND) || !S_ISREG(inode->i_mode))
		return;
	if (unlikely(iocb->ki_pos != i_size_read(inode)))
		otherworld_warn(_RET_IP_, NULL, "append that is not at the end");
}

void otherworld_verify_read(const struct kiocb *iocb, const struct iov_iter *to)
{
	if (unlikely(!ow_was_asked(iocb, to, __NR_read, __NR_pread64)))
		otherworld_warn(_RET_IP_, NULL, "read of what nobody asked for");
}

/* Who could not read a byte a moment ago has not slept since, and nobody else
 * has run: there is still nothing to read.
 */
void otherworld_verify_fault(const struct iov_iter *from, size_t bytes)
{
	const u8 __user *user = ow_first_piece(from, &bytes);
	bool readable = false;
	u8 byte;

	if (!user)
		return;
	pagefault_disable();
	readable = access_ok(user, bytes) && !__get_user(byte, user);
	pagefault_enable();
	if (unlikely(readable))
		otherworld_warn(_RET_IP_, NULL, "bad buffer that is good");
}

void otherworld_verify_target(struct address_space *mapping, loff_t pos,
			      struct page *page)
{
	pgoff_t index = pos >> PAGE_SHIFT;

	if (unlikely(!PageLocked(page) || page->mapping != mapping ||
		     page_to_index(page) != index ||
		     xa_load(&mapping->i_pages, index) != page_folio(page)))
		otherworld_warn(_RET_IP_, NULL, "write to a wrong page");
}

/* Also true where the process has nothing mapped any more. */
static bool ow_same_bytes(const void *kernel, const void __user *user,
			  size_t len)
{
	unsigned long word[4], differs = 0;
	u8 byte;

	if (!user_read_access_begin(user, len))
		return true;
	for (; !differs && len >= sizeof(word); len -= sizeof(word)) {
		const unsigned long __user *theirs = user;
		const unsigned long *ours = kernel;

		unsafe_get_user(word[0], &theirs[0], out);
		unsafe_get_user(word[1], &theirs[1], out);
		unsafe_get_user(word[2], &theirs[2], out);
		unsafe_get_user(word[3], &theirs[3], out);
		differs = (word[0] ^ ours[0]) | (word[1] ^ ours[1]) |
			  (word[2] ^ ours[2]) | (word[3] ^ ours[3]);
		kernel += sizeof(word);
		user += sizeof(word);
	}
	for (; !differs && len; len--) {
		unsafe_get_user(byte, (const u8 __user *)user, out);
		differs = byte ^ *(const u8 *)kernel;
		kernel++;
		user++;
	}
out:
	user_read_access_end();
	return !differs;
}

/* Only a process's memory: what the kernel has of its own is its own affair. */
static bool ow_same(const void *kernel, const struct iov_iter *iter, size_t len)
{
	size_t skip = iter->iov_offset;
	unsigned long i;

	if (iter_is_ubuf(iter))
		return ow_same_bytes(kernel, iter->ubuf + skip, len);
	if (!iter_is_iovec(iter))
		return true;
	for (i = 0; len && i < iter->nr_segs; i++) {
		const struct iovec *iov = &iter->iov[i];
		size_t part = min(len, iov->iov_len - skip);

		if (!ow_same_bytes(kernel, iov->iov_base + skip, part))
			return false;
		kernel += part;
		len -= part;
		skip = 0;
	}
	return !len;
}

void otherworld_verify_copied(struct page *page, loff_t pos, size_t copied,
			      const struct iov_iter *from)
{
	unsigned int offset = offset_in_page(pos);
	struct iov_iter again;
	int copies = 1;

	if (page_mapped(page))
		return;
	pagefault_disable();
	while (unlikely(!ow_same(page_address(page) + offset, from, copied)) &&
	       copies++ < OW_COPIES) {
		again = *from;
		copy_page_from_iter_atomic(page, offset, copied, &again);
	}
	pagefault_enable();
	if (unlikely(copies > OW_COPIES))
		otherworld_warn(_RET_IP_, NULL, "written bytes are not there");
}

void otherworld_verify_dirty(struct page *page, loff_t pos, size_t copied)
{
	size_t from = offset_in_page(pos), to = from + copied, end = 0;
	struct buffer_head *head = page_buffers(page), *bh = head;
	bool dirty = !copied ||
		     (PageDirty(page) &&
		      xa_get_mark(&page->mapping->i_pages, page_to_index(page),
				  PAGECACHE_TAG_DIRTY));

	do {
		size_t start = end;

		end += bh->b_size;
		if (start < to && end > from)
			dirty &= buffer_dirty(bh) && buffer_uptodate(bh);
		bh = bh->b_this_page;
	} while (bh != head);
	if (unlikely(!dirty && copied))
		otherworld_warn(_RET_IP_, NULL, "written page is not dirty");
}

void otherworld_verify_size(struct inode *inode, loff_t before, loff_t end)
{
	if (S_ISREG(inode->i_mode) &&
	    unlikely(i_size_read(inode) != max(before, end)))
		otherworld_warn(_RET_IP_, NULL, "write with a wrong file size");
}

void otherworld_verify_source(struct address_space *mapping, loff_t pos,
			      struct folio *folio)
{
	/* Of a folio that was truncated meanwhile the index is left. */
	if (unlikely(!folio_contains(folio, pos >> PAGE_SHIFT) ||
		     (folio->mapping && folio->mapping != mapping)))
		otherworld_warn(_RET_IP_, NULL, "read of a wrong page");
}

/* Pieces of a reader's buffer may lie on top of each other. */
static bool ow_in_one_piece(const struct iov_iter *iter, size_t len)
{
	return iter_is_ubuf(iter) || (iter_is_iovec(iter) &&
				      len <= iter->iov->iov_len - iter->iov_offset);
}

void otherworld_verify_given(struct folio *folio, loff_t pos, size_t copied,
			     const struct iov_iter *to)
{
	size_t offset = offset_in_folio(folio, pos);
	struct iov_iter again;
	int copies = 1;

	if (folio_mapped(folio) || !ow_in_one_piece(to, copied))
		return;
	pagefault_disable();
	while (unlikely(!ow_same(folio_address(folio) + offset, to, copied)) &&
	       copies++ < OW_COPIES) {
		again = *to;
		copy_folio_to_iter(folio, offset, copied, &again);
	}
	pagefault_enable();
	if (unlikely(copies > OW_COPIES))
		otherworld_warn(_RET_IP_, NULL, "read bytes are not there");
}

static bool ow_is_kernels(const void *address)
{
	return virt_addr_valid(address) &&
	       page_mapcount(virt_to_page(address)) <= 0;
}

static bool ow_compares(const void *kernel, size_t len)
{
	return len && ow_is_kernels(kernel) && ow_is_kernels(kernel + len - 1);
}

size_t otherworld_verify_in(void *to, const void __user *from, size_t len,
			    size_t left)
{
	size_t copied = len - left;
	int copies = 1;

	if (!ow_compares(to, copied))
		return left;
	pagefault_disable();
	while (unlikely(!ow_same_bytes(to, from, copied)) &&
	       copies++ < OW_COPIES)
		left = len - copied + __copy_from_user_inatomic(to, from, copied);
	pagefault_enable();
	if (unlikely(copies > OW_COPIES))
		otherworld_warn(_RET_IP_, NULL, "given bytes are not there");
	return left;
}

size_t otherworld_verify_out(void __user *to, const void *from, size_t len,
			     size_t left)
{
	size_t copied = len - left;
	int copies = 1;

	if (!ow_compares(from, copied))
		return left;
	pagefault_disable();
	while (unlikely(!ow_same_bytes(from, to, copied)) &&
	       copies++ < OW_COPIES)
		left = len - copied + __copy_to_user_inatomic(to, from, copied);
	pagefault_enable();
	if (unlikely(copies > OW_COPIES))
		otherworld_warn(_RET_IP_, NULL, "answered bytes are not there");
	return left;
}

/* Some file systems compare names by rules of their own. */
void otherworld_verify_name(const struct qstr *name, const struct dentry *dir,
			    const struct dentry *dentry)
{
	if (IS_ERR_OR_NULL(dentry) || dir->d_flags & DCACHE_OP_COMPARE)
		return;
	if (unlikely(dentry->d_parent != dir ||
		     dentry->d_name.len != name->len ||
		     memcmp(dentry->d_name.name, name->name, name->len)))
		otherworld_warn(_RET_IP_, NULL, "another file was found");
}

/*
 * Of a call that is not here an answer proves nothing, or it must not be made
 * again when it has done its work.
 */
const bool otherworld_answers_zero[NR_syscalls] = {
	[__NR_stat] = true, [__NR_fstat] = true,
	[__NR_lstat] = true, [__NR_newfstatat] = true,
	[__NR_statx] = true, [__NR_statfs] = true,
	[__NR_fstatfs] = true, [__NR_access] = true,
	[__NR_faccessat] = true, [__NR_faccessat2] = true,
	[__NR_flock] = true, [__NR_fsync] = true,
	[__NR_fdatasync] = true, [__NR_truncate] = true,
	[__NR_ftruncate] = true, [__NR_fallocate] = true,
	[__NR_chdir] = true, [__NR_fchdir] = true,
	[__NR_chmod] = true, [__NR_fchmod] = true,
	[__NR_fchmodat] = true, [__NR_chown] = true,
	[__NR_fchown] = true, [__NR_fchownat] = true,
	[__NR_clock_gettime] = true,
	[__NR_gettimeofday] = true,
	[__NR_getsockname] = true,
	[__NR_getpeername] = true, [__NR_getrlimit] = true,
	[__NR_getrusage] = true, [__NR_uname] = true,
};
