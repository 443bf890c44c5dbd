/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text put together without any function of the kernel: what prints may be what
 * a kernel has died of.
 */
#ifndef _OTHERWORLD_TEXT_H
#define _OTHERWORLD_TEXT_H

#include <linux/types.h>

struct ow_text {
	char *buffer;	/* always terminated */
	size_t size;
	size_t length;
};

static __always_inline void ow_add_char(struct ow_text *text, char c)
{
	if (text->length + 1 >= text->size)
		return;
	text->buffer[text->length++] = c;
	text->buffer[text->length] = '\0';
}

/* Up to the end of the line, or of what can be stored. */
static __always_inline void ow_add_line(struct ow_text *text, const char *s)
{
	unsigned int i;

	for (i = 0; i < text->size && s[i] && s[i] != '\n'; i++)
		ow_add_char(text, s[i]);
}

static __always_inline void ow_add_number(struct ow_text *text, u64 value,
					  unsigned int base)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		ow_add_char(text, digits[--n]);
}

#endif /* _OTHERWORLD_TEXT_H */
