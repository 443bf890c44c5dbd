// ow: what it says to the kernel.
#ifndef OW_KERNEL_H
#define OW_KERNEL_H

// Writes one command to /proc/otherworld/control; 0 or -errno.
int control(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Writes one line to the debug port.
void mark(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
