// ow: the user-space half of a resurrection. Process 1 of a crash kernel runs it once.
//
// The order is the point: metadata of the dead kernel reaches the disk before the file system is mounted, its data
// before any process is brought back, its swap areas before page tables that name them, the network before its sockets;
// the next crash kernel is armed before any of them runs.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "kernel.h"
#include "swap.h"
#include "system.h"
#include "tree.h"

// The dead kernel died in the middle of changing the file system: let its checker finish or undo that change.
static void check_disk(const struct config *config)
{
	static char *const environment[] = { NULL };
	char *const arguments[] = { "e2fsck", "-fy", (char *)config->device, NULL };
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		execve("/bin/e2fsck", arguments, environment);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	mark("ow: fsck status=%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static bool mount_device(const struct config *config)
{
	if (!mount(config->device, config->directory, config->type, 0, config->options) || errno == EBUSY)
		return true;
	mark("ow: mount-failed device=%s err=%d\n", config->device, errno);
	return false;
}

static void mount_disk(const struct config *config)
{
	int error = control("replay %s", config->device);

	if (error == -EUCLEAN)
		check_disk(config);
	else if (error)
		mark("ow: replay-failed err=%d\n", error);
	if (!mount_device(config) && error != -EUCLEAN) {
		// Whole changes may hold what is wrong, a sum for example that the dead kernel could not do any more.
		check_disk(config);
		mount_device(config);
	}
	error = disk_has_system() ? mount_system() : 0;
	if (error)
		mark("ow: mount-failed device=system err=%d\n", error);
}

static void step(const char *command, const char *argument)
{
	int error = control("%s %s", command, argument);

	if (error)
		mark("ow: step-failed command=%s err=%d\n", command, error);
}

int main(void)
{
	static struct config config;
	int error;

	read_config(&config);
	mount_disk(&config);
	step("writeback", config.directory);
	step("swap", "");
	step("network", "");
	step("ram-files", "");
	step("ipc", "");
	resurrect(&config);
	step("release", "");
	error = control("arm %s %s", config.kernel, config.initramfs);
	if (error)
		mark("ow: arm-failed err=%d\n", error);
	step("gate-open", "");
	empty_swap();
	return 0;
}
