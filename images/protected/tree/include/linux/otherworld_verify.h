/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Otherworld: what sees, ahead of the answer, that a write() is in the page
 * cache where it belongs, that a read() gives what is there, that what is sent
 * and received is what was given, and that the call can give that answer.
 */
#ifndef _LINUX_OTHERWORLD_VERIFY_H
#define _LINUX_OTHERWORLD_VERIFY_H

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/otherworld.h>
#include <linux/uio.h>
#include <asm/unistd.h>

#ifdef CONFIG_OTHERWORLD_VERIFY

/* A write begins: of what its process asked for, an append at the end. */
void otherworld_verify_write(const struct kiocb *iocb,
			     const struct iov_iter *from);

/* A read begins, into what its process asked for. */
void otherworld_verify_read(const struct kiocb *iocb,
			    const struct iov_iter *to);

/* A write is to fail for its buffer: is there none? */
void otherworld_verify_fault(const struct iov_iter *from, size_t bytes);

/* Is this the page of the file at @pos? Ahead of the copy into it. */
void otherworld_verify_target(struct address_space *mapping, loff_t pos,
			      struct page *page);

/* Does the page hold at @pos what @from had before the copy? */
void otherworld_verify_copied(struct page *page, loff_t pos, size_t copied,
			      const struct iov_iter *from);

/* Will what was copied be written back? With the page locked. */
void otherworld_verify_dirty(struct page *page, loff_t pos, size_t copied);

/* Does the file, @before bytes long until then, reach up to @end now? */
void otherworld_verify_size(struct inode *inode, loff_t before, loff_t end);

/* Is this the folio of the file at @pos? Ahead of the copy out of it. */
void otherworld_verify_source(struct address_space *mapping, loff_t pos,
			      struct folio *folio);

/* Does the reader have what the folio holds at @pos? */
void otherworld_verify_given(struct folio *folio, loff_t pos, size_t copied,
			     const struct iov_iter *to);

/* Of @len bytes of a process's buffer, all but @left were copied: as they are? */
size_t otherworld_verify_in(void *to, const void __user *from, size_t len,
			    size_t left);
size_t otherworld_verify_out(void __user *to, const void *from, size_t len,
			     size_t left);

/* Is this what was looked up by @name in @dir? With @dir locked, or by RCU. */
void otherworld_verify_name(const struct qstr *name, const struct dentry *dir,
			    const struct dentry *dentry);

/* Calls that answer 0 or an error, and may be made again. */
extern const bool otherworld_answers_zero[NR_syscalls];

/* Can call @nr answer this? */
static __always_inline long otherworld_verify_answer(unsigned int nr,
						     long answer)
{
	if (unlikely(answer && !IS_ERR_VALUE(answer) &&
		     otherworld_answers_zero[nr]))
		otherworld_bad_answer();
	return answer;
}

#else

static inline void otherworld_verify_write(const struct kiocb *iocb,
					   const struct iov_iter *from) { }
static inline void otherworld_verify_read(const struct kiocb *iocb,
					  const struct iov_iter *to) { }
static inline void otherworld_verify_fault(const struct iov_iter *from,
					   size_t bytes) { }
static inline void otherworld_verify_target(struct address_space *mapping,
					    loff_t pos, struct page *page) { }
static inline void otherworld_verify_copied(struct page *page, loff_t pos,
					    size_t copied,
					    const struct iov_iter *from) { }
static inline void otherworld_verify_dirty(struct page *page, loff_t pos,
					   size_t copied) { }
static inline void otherworld_verify_size(struct inode *inode, loff_t before,
					  loff_t end) { }
static inline void otherworld_verify_source(struct address_space *mapping,
					    loff_t pos, struct folio *folio) { }
static inline void otherworld_verify_given(struct folio *folio, loff_t pos,
					   size_t copied,
					   const struct iov_iter *to) { }

static inline size_t otherworld_verify_in(void *to, const void __user *from,
					  size_t len, size_t left)
{
	return left;
}

static inline size_t otherworld_verify_out(void __user *to, const void *from,
					   size_t len, size_t left)
{
	return left;
}

static inline void otherworld_verify_name(const struct qstr *name,
					  const struct dentry *dir,
					  const struct dentry *dentry) { }

static inline long otherworld_verify_answer(unsigned int nr, long answer)
{
	return answer;
}

#endif

#endif /* _LINUX_OTHERWORLD_VERIFY_H */
