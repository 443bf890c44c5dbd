// witness: pseudo-terminals: what is under way in both directions, how they are set, who is behind them.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "call.h"
#include "ends.h"
#include "witness.h"

// Mounts the file system of slaves, unless another scenario has.
static void have_slaves(void)
{
	int lock = sure(open("/data/pty-lock", O_RDWR | O_CREAT, 0600), "lock");

	sure(flock(lock, LOCK_EX), "flock");
	mkdir("/dev/pts", 0755);
	if (access("/dev/pts/ptmx", F_OK) < 0)
		sure(mount("devpts", "/dev/pts", "devpts", MS_NOSUID, "gid=5,mode=620,ptmxmode=666"), "devpts");
	close(lock);
}

static int open_master(void)
{
	int master, unlocked = 0;

	have_slaves();
	master = sure(open("/dev/ptmx", O_RDWR | O_NOCTTY), "ptmx");
	sure(ioctl(master, TIOCSPTLCK, &unlocked), "unlock");
	return master;
}

static int number_of(int master)
{
	int number = -1;

	sure(ioctl(master, TIOCGPTN, &number), "TIOCGPTN");
	return number;
}

static const char *name_of(int master)
{
	static char name[32];

	snprintf(name, sizeof(name), "/dev/pts/%d", number_of(master));
	return name;
}

static int open_slave(int master) { return sure(open(name_of(master), O_RDWR | O_NOCTTY), "slave"); }

static void make_pair(int *ends)
{
	ends[0] = open_master();
	ends[1] = open_slave(ends[0]);
}

static void be_raw(int slave)
{
	struct termios settings;

	sure(tcgetattr(slave, &settings), "tcgetattr");
	cfmakeraw(&settings);
	sure(tcsetattr(slave, TCSANOW, &settings), "tcsetattr");
}

static void send(int end, const char *text) { expect(sure(write(end, text, strlen(text)), "write"), strlen(text), "count of write"); }

static void expect_text(int end, const char *text)
{
	char got[256];
	size_t length = 0;

	while (length < strlen(text))
		length += sure(read(end, got + length, strlen(text) - length), "read") ?: (wrong("'%s' ends at %zu", text, length), 0);
	if (memcmp(got, text, length))
		wrong("it read '%.*s'", (int)length, got);
}

// Unread bytes both ways, more than a line discipline holds: the rest waits in the driver's buffers.
static void pty_contents(void)
{
	int ends[2];

	make_pair(ends);
	be_raw(ends[1]);
	put(ends[0], 0, 6000);
	take(ends[1], 0, 321);
	put(ends[1], 100000, 5000);
	take(ends[0], 100000, 123);
	wait_for_death();
	put(ends[0], 6000, 50);
	take(ends[1], 321, 5729);
	put(ends[1], 105000, 50);
	take(ends[0], 100123, 4927);
}

// A whole line, an end of file, and half a line that is edited further behind the death.
static void pty_line(void)
{
	int ends[2];
	char byte;

	make_pair(ends);
	send(ends[0], "first\n\004\004half a lime");
	sleep_ms(20);
	expect_text(ends[0], "first\r\nhalf ");
	wait_for_death();
	expect_text(ends[0], "a lime");
	expect_text(ends[1], "first\n");
	expect(read(ends[1], &byte, 1), 0, "read at the end of file");
	expect(read(ends[1], &byte, 1), 0, "read at the second end of file");
	send(ends[0], "\177\177ne\n");
	expect_text(ends[1], "half a line\n");
	expect_text(ends[0], "\b \b\b \bne\r\n");
}

static void pty_settings(void)
{
	struct winsize size = { .ws_row = 33, .ws_col = 101 };
	struct termios settings, after;
	int ends[2], value = 1;
	struct stat node;

	memset(&settings, 0, sizeof(settings));
	memset(&after, 0, sizeof(after));
	make_pair(ends);
	sure(tcgetattr(ends[1], &settings), "tcgetattr");
	settings.c_lflag &= ~ECHO;
	settings.c_cc[VINTR] = 7;
	settings.c_cc[VEOL] = '%';
	cfsetospeed(&settings, B9600);
	sure(tcsetattr(ends[1], TCSANOW, &settings), "tcsetattr");
	sure(tcgetattr(ends[1], &settings), "tcgetattr");
	sure(ioctl(ends[0], TIOCSWINSZ, &size), "TIOCSWINSZ");
	sure(ioctl(ends[0], TIOCPKT, &value), "TIOCPKT");
	sure(fchown(ends[1], 1234, 5), "fchown");
	sure(fchmod(ends[1], 0600), "fchmod");
	sure(tcflow(ends[1], TCOOFF), "tcflow");
	wait_for_death();
	sure(tcgetattr(ends[1], &after), "tcgetattr");
	expect(memcmp(&after, &settings, sizeof(after)), 0, "difference of settings");
	sure(ioctl(ends[1], TIOCGWINSZ, &size), "TIOCGWINSZ");
	expect(size.ws_row, 33, "rows");
	expect(size.ws_col, 101, "columns");
	sure(ioctl(ends[0], TIOCGPKT, &value), "TIOCGPKT");
	expect(value, 1, "packet mode");
	sure(stat(name_of(ends[0]), &node), "stat");
	expect(node.st_uid, 1234, "owner");
	expect(node.st_mode & 07777, 0600, "mode");
	expect_text(ends[0], "\004"); // TIOCPKT_STOP
	sure(fcntl(ends[1], F_SETFL, O_NONBLOCK), "F_SETFL");
	expect(write(ends[1], "x", 1), -1, "write to a stopped terminal");
	sure(tcflow(ends[1], TCOON), "tcflow");
	send(ends[1], "x");
	expect_text(ends[0], "\010"); // TIOCPKT_START
}

// Numbers stay, with holes between them; a locked slave stays locked.
static void pty_numbers(void)
{
	int masters[3], numbers[3], locked = 1;

	for (int i = 0; i < 3; i++) {
		masters[i] = open_master();
		numbers[i] = number_of(masters[i]);
	}
	close(masters[0]);
	sure(ioctl(masters[1], TIOCSPTLCK, &locked), "TIOCSPTLCK");
	wait_for_death();
	for (int i = 1; i < 3; i++)
		expect(number_of(masters[i]), numbers[i], "number");
	expect(open(name_of(masters[1]), O_RDWR | O_NOCTTY), -1, "open of a locked slave");
	expect(errno, EIO, "its error");
	close(open_slave(masters[2]));
}

// One end is gone: the other knows.
static void pty_closed(void)
{
	int without_master[2], without_slave[2];
	char byte;

	make_pair(without_master);
	make_pair(without_slave);
	close(without_master[0]);
	send(without_slave[1], "last words");
	close(without_slave[1]);
	wait_for_death();
	expect(read(without_master[1], &byte, 1), 0, "read from a terminal that was hung up");
	expect(write(without_master[1], "x", 1), -1, "write to it");
	expect(errno, EIO, "its error");
	expect_text(without_slave[0], "last words");
	expect(read(without_slave[0], &byte, 1), -1, "read without a slave");
	expect(errno, EIO, "its error");
	without_slave[1] = open_slave(without_slave[0]);
	send(without_slave[1], "next");
	expect_text(without_slave[0], "next");
}

// Questions and answers, one a millisecond, before and after the death.
static void pty_talk(void)
{
	int ends[2], status;
	pid_t child;

	make_pair(ends);
	be_raw(ends[1]);
	child = sure(fork(), "fork");
	for (size_t at = 0; child == 0; at += 500) {
		take(ends[1], at, 500);
		put(ends[1], at, 500);
	}
	ready();
	for (size_t at = 0, rest = 100; rest > 0; at += 500, rest -= died()) {
		put(ends[0], at, 500);
		take(ends[0], at, 500);
		sleep_ms(1);
	}
	sure(kill(child, SIGTERM), "kill");
	expect(sure(waitpid(child, &status, 0), "waitpid"), child, "waitpid");
	expect(status, SIGTERM, "status of the child");
}

// A child sleeps in the middle of a write() that does not fit, with and without what the line discipline makes of it.
static void write_too_much(bool raw)
{
	const size_t length = 50000;
	int ends[2], status;
	pid_t child;

	make_pair(ends);
	if (raw)
		be_raw(ends[1]);
	child = sure(fork(), "fork");
	if (child == 0) {
		static char bytes[50000];

		make_stream(bytes, 0, length);
		for (size_t done = 0; done < length;)
			done += sure(write(ends[1], bytes + done, length - done), "write");
		_exit(6);
	}
	sleep_ms(50);
	take(ends[0], 0, 3333); // half a piece
	sleep_ms(50);
	wait_for_death();
	take(ends[0], 3333, length - 3333);
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 6 << 8, "status of the writer");
}

static void pty_writer(void) { write_too_much(false); }

static void pty_raw_writer(void) { write_too_much(true); }

// --- job control ---

static volatile sig_atomic_t caught;

static void on_signal(int number) { caught = number; }

static pid_t start_job(int slave, void (*run)(int slave))
{
	pid_t job = sure(fork(), "fork");

	if (job == 0) {
		setpgid(0, 0);
		run(slave);
		_exit(0);
	}
	setpgid(job, job);
	return job;
}

static void wait_for_key(int slave)
{
	sigset_t none, interrupt;

	(void)slave;
	sigemptyset(&none);
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, NULL);
	signal(SIGINT, on_signal);
	while (!caught)
		sigsuspend(&none);
	_exit(died() ? 40 + caught : 1);
}

static void read_a_line(int slave)
{
	expect_text(slave, "typed behind\n");
	_exit(11);
}

// What a shell does: one job in the foreground, one that is stopped because it reads in the background.
static _Noreturn void lead_jobs(int slave)
{
	pid_t front, back;
	int status, terminal;

	signal(SIGTTOU, SIG_IGN);
	setsid();
	sure(ioctl(slave, TIOCSCTTY, 0), "TIOCSCTTY");
	front = start_job(slave, wait_for_key);
	back = start_job(slave, read_a_line);
	sure(tcsetpgrp(slave, front), "tcsetpgrp");
	expect(sure(waitpid(back, &status, WUNTRACED), "waitpid"), back, "the stopped job");
	expect(WIFSTOPPED(status) ? WSTOPSIG(status) : 0, SIGTTIN, "what stopped it");
	send(slave, "jobs run\n");
	expect(sure(waitpid(front, &status, 0), "waitpid"), front, "the first job");
	expect(status, (40 + SIGINT) << 8, "status of the first job");
	terminal = sure(open("/dev/tty", O_RDWR), "/dev/tty");
	expect(tcgetpgrp(terminal), front, "foreground group");
	expect(tcgetsid(terminal), getpid(), "session");
	sure(tcsetpgrp(terminal, back), "tcsetpgrp");
	kill(-back, SIGCONT);
	send(terminal, "go on\n");
	expect(sure(waitpid(back, &status, 0), "waitpid"), back, "the second job");
	expect(status, 11 << 8, "status of the second job");
	_exit(23);
}

static void pty_jobs(void)
{
	int ends[2];
	pid_t leader;

	make_pair(ends);
	leader = sure(fork(), "fork");
	if (leader == 0) {
		close(ends[0]);
		lead_jobs(ends[1]);
	}
	close(ends[1]);
	expect_text(ends[0], "jobs run\r\n");
	wait_for_death();
	send(ends[0], "\003");
	expect_text(ends[0], "^Cgo on\r\n");
	send(ends[0], "typed behind\n");
	expect_status(leader, 23);
}

// Reads until the text has come.
static void expect_somewhere(int end, const char *text)
{
	char got[4096] = "";
	size_t length = 0;

	while (!strstr(got, text) && length < sizeof(got) - 1)
		length += sure(read(end, got + length, sizeof(got) - 1 - length), "read");
	if (!strstr(got, text))
		wrong("'%s' does not come", text);
}

// A shell behind it, as script(1) has one: what it knew, a program that runs, and one that is started later.
static void pty_shell(void)
{
	int ends[2];
	pid_t shell;

	make_pair(ends);
	shell = sure(fork(), "fork");
	if (shell == 0) {
		setsid();
		sure(ioctl(ends[1], TIOCSCTTY, 0), "TIOCSCTTY");
		for (int i = 0; i < 3; i++)
			dup2(ends[1], i);
		for (int i = 3; i < 20; i++)
			close(i);
		execl("/bin/sh", "sh", NULL);
		_exit(127);
	}
	close(ends[1]);
	send(ends[0], "X=before; cat\n");
	sleep_ms(200);
	send(ends[0], "through cat\n");
	expect_somewhere(ends[0], "through cat\r\nthrough cat\r\n");
	wait_for_death();
	send(ends[0], "once more\n");
	expect_somewhere(ends[0], "once more\r\nonce more\r\n");
	send(ends[0], "\003");
	// The shell's newline: before it, cat may still be woken to read, and take what is typed next with it.
	expect_somewhere(ends[0], "^C\r\n");
	send(ends[0], "echo $X-after; exit 9\n");
	expect_somewhere(ends[0], "before-after");
	expect_status(shell, 9);
}

// Whoever has the master does not come back: the session is hung up.
static void pty_left(void)
{
	int status, slave = -1, master = open_master();
	pid_t leader, other;

	slave = open_slave(master);
	leader = sure(fork(), "fork");
	if (leader == 0) {
		close(master);
		setsid();
		signal(SIGHUP, on_signal);
		sure(ioctl(slave, TIOCSCTTY, 0), "TIOCSCTTY");
		while (!caught)
			pause();
		_exit(died() ? caught : 77);
	}
	other = sure(fork(), "fork");
	if (other == 0) {
		hold_disk();
		for (;;)
			pause();
	}
	close(master);
	close(slave);
	sleep_ms(20);
	wait_for_death();
	expect_status(leader, SIGHUP);
	sure(waitpid(other, &status, 0), "waitpid");
}

// Some of what was typed; what is left shows a byte that is taken twice or never.
static void call_terminal_read(void)
{
	char got[5];
	long result;
	int ends[2];

	make_pair(ends);
	be_raw(ends[1]);
	put(ends[0], 0, 20);
	sleep_ms(5);
	result = UNDER_TEST(read(ends[1], got, sizeof(got)));
	if (!succeeded(result, EINTR))
		result = 0;
	expect_stream(got, 0, result);
	take(ends[1], result, 20 - result);
}

const struct scenario pty_scenarios[] = {
	{ "pty-contents", pty_contents },
	{ "pty-line", pty_line },
	{ "pty-settings", pty_settings },
	{ "pty-numbers", pty_numbers },
	{ "pty-closed", pty_closed },
	{ "pty-talk", pty_talk },
	{ "pty-writer", pty_writer },
	{ "pty-raw-writer", pty_raw_writer },
	{ "pty-jobs", pty_jobs },
	{ "pty-shell", pty_shell },
	{ "pty-left", pty_left },
	{ "call-terminal-read", call_terminal_read },
	{ NULL, NULL },
};
