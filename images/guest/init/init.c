// PID 1 of the guest, in every generation of the kernel.
//
// A first kernel finds an empty world: mount, arm the crash kernel, start a shell on each serial console. A crash kernel
// finds the processes of the dead one: `ow` brings them back, arms the next crash kernel and lets them run; then PID 1
// only reaps, and gives a shell to a console that nobody holds any more. If the disk holds a whole system, the shells run
// inside it, and the first kernel starts those of its services that the kernel parameter services= names.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "system.h"

static const char *const consoles[] = { "/dev/ttyS0", "/dev/ttyS1" };
#define CONSOLES (sizeof(consoles) / sizeof(consoles[0]))

static char *const environment[] = {
	"HOME=/root", "PATH=/bin", "TERM=vt100", "PS1=otherworld# ", NULL,
};

static char *const system_environment[] = {
	"HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "TERM=vt100", "LANG=C.UTF-8", NULL,
};

// To the kernel log: the console may belong to a program in raw mode.
static void report(const char *format, ...)
{
	char text[256] = "<3>init: ";
	va_list arguments;
	int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	size_t used = strlen(text);

	va_start(arguments, format);
	vsnprintf(text + used, sizeof(text) - used, format, arguments);
	va_end(arguments);
	if (log < 0)
		return;
	if (write(log, text, strlen(text)) < 0)
		_exit(1);
	close(log);
}

static void mount_or_report(const char *source, const char *target, const char *type, const char *options)
{
	if (mount(source, target, type, 0, options) < 0 && errno != EBUSY)
		report("cannot mount %s on %s: %s", source, target, strerror(errno));
}

static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

// Runs a program to its end; returns its exit status, or -1.
static int run(const char *path, char *const arguments[])
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		unblock_signals();
		execve(path, arguments, environment);
		_exit(127);
	}
	if (child < 0)
		return -1;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A shell that leads its own session, with the console as controlling terminal.
static void start_shell(const char *console)
{
	static char *const arguments[] = { "sh", NULL }, *const bash_arguments[] = { "bash", NULL };
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int terminal;

	if (fork() != 0)
		return;
	unblock_signals();
	setsid();
	terminal = open(console, O_RDWR);
	if (terminal < 0)
		_exit(1);
	ioctl(terminal, TIOCSCTTY, 1);
	ioctl(terminal, TIOCSWINSZ, &size);
	for (int fd = 0; fd < 3; fd++)
		dup2(terminal, fd);
	if (terminal > 2)
		close(terminal);
	if (disk_has_system() && enter_system("/root") == 0)
		execve("/bin/bash", bash_arguments, system_environment);
	execve("/bin/sh", arguments, environment);
	_exit(127);
}

// Whether some process has the console as its controlling terminal (field 7 of /proc/PID/stat).
static int console_is_held(const char *console)
{
	struct stat node;
	struct dirent *entry;
	DIR *processes = opendir("/proc");
	int held = 0;

	if (!processes || stat(console, &node) < 0) {
		if (processes)
			closedir(processes);
		return 1;
	}
	while (!held && (entry = readdir(processes))) {
		char path[64], text[512], *after;
		int file, terminal = 0;
		ssize_t got;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%.16s/stat", entry->d_name);
		file = open(path, O_RDONLY | O_CLOEXEC);
		if (file < 0)
			continue;
		got = read(file, text, sizeof(text) - 1);
		close(file);
		text[got > 0 ? got : 0] = '\0';
		after = strrchr(text, ')');
		// state, ppid, pgrp, session, tty_nr
		if (after && sscanf(after + 1, " %*c %*d %*d %*d %d", &terminal) == 1)
			held = terminal == (int)node.st_rdev;
	}
	closedir(processes);
	return held;
}

static void give_shells(void)
{
	for (size_t i = 0; i < CONSOLES; i++)
		if (!console_is_held(consoles[i]))
			start_shell(consoles[i]);
}

// What the kernel says of itself; empty without the feature (kernel parameter "otherworld").
static void read_status(char *text, size_t size)
{
	int file = open("/proc/otherworld/status", O_RDONLY | O_CLOEXEC);
	ssize_t got = file < 0 ? 0 : read(file, text, size - 1);

	text[got > 0 ? got : 0] = '\0';
	if (file >= 0)
		close(file);
}

// Nothing is left for the file system to finish in the background: a machine at rest stays at rest.
static void mount_data(void)
{
	int error;

	mount_or_report("/dev/vda", "/data", "ext4", "noinit_itable");
	error = disk_has_system() ? mount_system() : 0;
	if (error)
		report("the system on the disk lacks a mount: %s", strerror(-error));
}

static void arm(void)
{
	static const char command[] = "arm /data/boot/vmlinux /data/boot/initramfs.cpio";
	int control = open("/proc/otherworld/control", O_WRONLY | O_CLOEXEC);

	if (control < 0 || write(control, command, sizeof(command) - 1) < 0)
		report("no crash kernel is armed: %s", strerror(errno));
	if (control >= 0)
		close(control);
}

// The kernel hands parameters it does not know to process 1 as its environment: services=all, services=redis,apache.
static void start_services(void)
{
	char *names = getenv("services"), *arguments[16] = { SYSTEM_SERVICES, "start" };
	int null;

	if (!names || !disk_has_system() || fork() != 0)
		return;
	unblock_signals();
	setsid();
	for (size_t i = 2; i < 15 && (arguments[i] = strtok(names, ",")); i++)
		names = NULL;
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (enter_system("/") == 0)
		execve(SYSTEM_SERVICES, arguments, system_environment);
	_exit(127);
}

static void first_kernel(int can_arm)
{
	mount_data();
	if (can_arm)
		arm();
	for (size_t i = 0; i < CONSOLES; i++)
		start_shell(consoles[i]);
	start_services();
}

// `ow` mounts the data disk itself, between writing back the dead kernel's data and bringing the processes back.
static void crash_kernel(void)
{
	static char *const resurrect[] = { "ow", NULL };
	int status = run("/bin/ow", resurrect);

	if (status != 0)
		report("ow ended with %d", status);
	mount_data();
	give_shells();
}

int main(void)
{
	char status[1024];
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	mount_or_report("proc", "/proc", "proc", NULL);
	mount_or_report("sysfs", "/sys", "sysfs", NULL);
	mount_or_report("devtmpfs", "/dev", "devtmpfs", NULL);
	read_status(status, sizeof(status));
	if (strstr(status, "crash_kernel=1"))
		crash_kernel();
	else
		first_kernel(status[0] != '\0');
	for (;;) {
		int reaped = 0;

		while (waitpid(-1, NULL, WNOHANG) > 0)
			reaped = 1;
		if (reaped)
			give_shells();
		sigwaitinfo(&children, NULL);
	}
}
