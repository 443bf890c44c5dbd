// Apache's crash procedure: PHP sessions in shared memory (APCu) outlive a restart of the server. Loaded into apache2 by LD_PRELOAD,
// nothing of it is changed (docs/crash-procedures.md). The server runs in the foreground (-DFOREGROUND), with the prefork MPM.
//
// A thread of ours waits inside the first process for the death of a kernel. While the procedure runs in it, the process's own thread
// waits: no worker is started. All workers but one end after the request they are at; the last one is asked for a page that writes
// the sessions to files (sessions.php), and never gets to another request. So nothing that was acknowledged is missing. APCu of the
// restarted server reads the files, by its setting apc.preload_path.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "otherworld.h"

#define DIRECTORY "/var/lib/otherworld-php/"
#define RESTORED DIRECTORY "sessions"	 // what apc.preload_path names
#define SAVED DIRECTORY "sessions.saved" // what sessions.php fills
#define PAGE "http://127.0.0.1/otherworld-sessions"
#define MOST_WORKERS 256

// As getdents64() gives it.
struct entry {
	uint64_t inode;
	int64_t next;
	unsigned short length;
	unsigned char type;
	char name[];
};

// The parent of a process, 0 if there is none. No allocation here or below: the thread that waits may hold the lock.
static pid_t parent_of(const char *name)
{
	char path[64], text[256], *after;
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/%.16s/stat", name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return 0;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	text[length > 0 ? length : 0] = '\0';
	after = strrchr(text, ')'); // state and parent follow
	return after && strlen(after) > 4 ? atoi(after + 4) : 0;
}

static size_t find_workers(pid_t *workers)
{
	int processes = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char buffer[4096] __attribute__((aligned(8)));
	size_t count = 0;
	long length;

	while (processes >= 0 && (length = syscall(SYS_getdents64, processes, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < length && count < MOST_WORKERS; at += ((struct entry *)(buffer + at))->length) {
			const char *name = ((struct entry *)(buffer + at))->name;

			if (*name >= '1' && *name <= '9' && parent_of(name) == getpid())
				workers[count++] = atoi(name);
		}
	if (processes >= 0)
		close(processes);
	return count;
}

// Waits for the page's first line; the request itself never ends.
static bool save_sessions(pid_t *client)
{
	static char *const arguments[] = { "curl", "-sN", PAGE, NULL };
	static char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	char answer[8] = "";
	int answers[2];

	if (pipe2(answers, O_CLOEXEC) < 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, answers[1], STDOUT_FILENO);
	if (posix_spawn(client, "/usr/bin/curl", &actions, NULL, arguments, environment))
		return false;
	close(answers[1]);
	for (size_t got = 0; got < 5;) {
		ssize_t more = read(answers[0], answer + got, 5 - got);

		if (more <= 0)
			break;
		got += more;
	}
	close(answers[0]);
	return !strcmp(answer, "saved");
}

static void end(pid_t process, int signal_number)
{
	kill(process, signal_number);
	waitpid(process, NULL, 0);
}

static enum otherworld_answer save_and_restart(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	pid_t workers[MOST_WORKERS], client = 0;
	size_t count = find_workers(workers);
	bool saved;

	(void)losses, (void)argument, (void)interrupted;
	if (count == 0)
		return OTHERWORLD_CONTINUE;
	for (size_t i = 1; i < count; i++)
		end(workers[i], SIGUSR1); // when it has answered
	saved = save_sessions(&client);
	if (client > 0)
		end(client, SIGKILL);
	if (!saved)
		return OTHERWORLD_CONTINUE; // the server starts workers as it needs them
	end(workers[0], SIGKILL);
	return OTHERWORLD_RESTART;
}

static void empty(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0); // "." and ".." stay
	if (directory)
		closedir(directory);
}

// Sessions are read back once: a later start finds an empty folder.
static void take_saved_sessions(void)
{
	empty(RESTORED);
	if (rename(SAVED, RESTORED) < 0)
		mkdir(RESTORED, 0755);
}

__attribute__((constructor)) static void begin(void)
{
	static const struct otherworld_options options = { .limit_ms = 60000 };

	if (strcmp(program_invocation_short_name, "apache2"))
		return;
	take_saved_sessions();
	otherworld_register_in_thread(save_and_restart, NULL, &options); // fails under another kernel
}
