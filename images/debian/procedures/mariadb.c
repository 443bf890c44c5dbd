// MariaDB's crash procedure: MEMORY tables outlive a restart of the server. Loaded into mariadbd by LD_PRELOAD, nothing of it is
// changed (docs/crash-procedures.md).
//
// A thread of ours waits inside the server for the death of a kernel. The procedure runs in it, while the server's own threads go on,
// and uses the server as any client does: it locks all tables, has the rows of the MEMORY tables written to files, and asks for a
// restart with the lock still held, so that nothing that was acknowledged is missing. The restarted server reads the rows back by
// its option init_file, before it answers anybody.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "otherworld.h"

#define DIRECTORY "/var/lib/otherworld/"
#define RESTORE DIRECTORY "restore.sql" // what init_file names
#define SAVED DIRECTORY "saved.sql"	// what the next server is to find under that name
#define SAVING DIRECTORY "saving.sql"	// being written
#define DONE "otherworld: done"

extern char **environ;

struct session {
	FILE *to, *from;
};

// A client whose statements we write and whose answers we read. It must not load us again.
static bool open_session(struct session *s)
{
	static char *const arguments[] = { "mariadb", "--user=root", "--batch", "--skip-column-names", "--unbuffered", NULL };
	static char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int to[2], from[2], error;
	sigset_t none;
	pid_t client;

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		return false;
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
	error = posix_spawnp(&client, "mariadb", &actions, &attributes, arguments, environment);
	close(to[0]);
	close(from[1]);
	s->to = fdopen(to[1], "w");
	s->from = fdopen(from[0], "r");
	return !error && s->to && s->from;
}

static void tell(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct session *s, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vfprintf(s->to, format, values);
	va_end(values);
	fflush(s->to);
}

// The next line of an answer; false at its end, or when the client has given up at an error.
static bool hear(struct session *s, char *line, size_t size, bool *done)
{
	*done = false;
	if (!fgets(line, size, s->from))
		return false;
	line[strcspn(line, "\n")] = '\0';
	*done = !strcmp(line, DONE);
	return !*done;
}

// Names of tables may hold anything, so that files have numbers.
static bool save_tables(struct session *s, FILE *restore)
{
	static char tables[256][512];
	size_t count = 0;
	char line[64];
	bool done;

	tell(s, "FLUSH TABLES WITH READ LOCK;\n"
		"SELECT CONCAT('`', REPLACE(table_schema, '`', '``'), '`.`', REPLACE(table_name, '`', '``'), '`') FROM information_schema.tables"
		" WHERE engine = 'MEMORY' AND table_type = 'BASE TABLE' AND table_schema NOT IN ('information_schema', 'performance_schema', 'sys');\n"
		"SELECT '" DONE "';\n");
	while (count < sizeof(tables) / sizeof(tables[0]) && hear(s, tables[count], sizeof(tables[0]), &done))
		count++;
	if (!done)
		return false;
	for (size_t i = 0; i < count; i++) {
		char file[64];

		snprintf(file, sizeof(file), DIRECTORY "rows.%zu", i);
		if (unlink(file) < 0 && errno != ENOENT)
			return false;
		tell(s, "SELECT * INTO OUTFILE '%s' FROM %s;\n", file, tables[i]);
		fprintf(restore, "LOAD DATA INFILE '%s' INTO TABLE %s CHARACTER SET binary;\n", file, tables[i]);
	}
	tell(s, "SELECT '" DONE "';\n");
	hear(s, line, sizeof(line), &done);
	return done;
}

static enum otherworld_answer save_and_restart(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	FILE *restore = fopen(SAVING, "we");
	struct session session;
	bool saved;

	(void)losses, (void)argument, (void)interrupted;
	if (!restore)
		return OTHERWORLD_CONTINUE; // nothing is lost: the server is whole
	saved = open_session(&session) && save_tables(&session, restore);
	saved &= fflush(restore) == 0 && fsync(fileno(restore)) == 0;
	fclose(restore);
	return saved && rename(SAVING, SAVED) == 0 ? OTHERWORLD_RESTART : OTHERWORLD_CONTINUE;
}

// Rows are read back once: a later start finds an empty file.
static void take_saved_rows(void)
{
	unlink(RESTORE);
	if (rename(SAVED, RESTORE) < 0) {
		FILE *none = fopen(RESTORE, "we");

		if (none)
			fclose(none);
	}
}

__attribute__((constructor)) static void begin(void)
{
	static const struct otherworld_options options = { .flags = OTHERWORLD_OTHERS_RUN, .limit_ms = 60000 };

	if (strcmp(program_invocation_short_name, "mariadbd"))
		return;
	take_saved_rows();
	otherworld_register_in_thread(save_and_restart, NULL, &options); // fails under another kernel
}
