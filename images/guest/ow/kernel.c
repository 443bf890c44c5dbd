// ow: the two files through which it speaks to the kernel.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel.h"

static int write_line(const char *path, const char *format, va_list arguments)
{
	char line[512];
	int length = vsnprintf(line, sizeof(line), format, arguments);
	int file = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (file < 0)
		return -errno;
	if (write(file, line, length) < 0)
		error = -errno;
	close(file);
	return error;
}

int control(const char *format, ...)
{
	va_list arguments;
	int error;

	va_start(arguments, format);
	error = write_line("/proc/otherworld/control", format, arguments);
	va_end(arguments);
	return error;
}

void mark(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("/proc/otherworld/mark", format, arguments);
	va_end(arguments);
}
