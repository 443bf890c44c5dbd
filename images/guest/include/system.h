// A disk may hold a whole system of its own (image debian) and not only data: then the shells and services run inside it.
//
// Every generation of the kernel mounts the same things at the same places, since a resurrected process finds its files,
// its root and its working directory by their full names.
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_ROOT "/data"
#define SYSTEM_SERVICES "/usr/local/sbin/services"

static inline bool disk_has_system(void)
{
	return access(SYSTEM_ROOT SYSTEM_SERVICES, X_OK) == 0;
}

// Mounts what a system expects to find; what is mounted already stays. Returns 0, or the first error as a negative number.
static inline int mount_system(void)
{
	static const struct {
		const char *type, *target, *options;
	} mounts[] = {
		{ "proc", SYSTEM_ROOT "/proc", NULL },
		{ "sysfs", SYSTEM_ROOT "/sys", NULL },
		{ "devtmpfs", SYSTEM_ROOT "/dev", NULL },
		{ "devpts", SYSTEM_ROOT "/dev/pts", "gid=5,mode=620,ptmxmode=666" },
	};
	int error = 0;

	mkdir("/dev/pts", 0755); // devtmpfs is one and the same wherever it is mounted
	mkdir("/dev/shm", 01777);
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		if (mount(mounts[i].type, mounts[i].target, mounts[i].type, 0, mounts[i].options) < 0 && errno != EBUSY && !error)
			error = -errno;
	if (symlink("/proc/self/fd", "/dev/fd") < 0 && errno != EEXIST && !error)
		error = -errno;
	return error;
}

// The calling process sees the system from now on. Returns 0 or -1 with errno.
static inline int enter_system(const char *directory)
{
	return chroot(SYSTEM_ROOT) < 0 || chdir(directory) < 0 ? -1 : 0;
}
