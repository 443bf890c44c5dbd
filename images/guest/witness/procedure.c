// witness: crash procedures. Those that restart or execute a program go on in `witness in-place NAME`.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "otherworld/otherworld.c"
#include "witness.h"

#define MOST_DEATHS 3

// What the procedure saw, each time.
static struct {
	uint64_t losses;
	void *argument;
	pid_t thread;
	bool blocked; // SIGUSR1
} seen[MOST_DEATHS];
static atomic_int calls, counter;

// The marks of the kernel are told apart by it.
static void take_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

static enum otherworld_answer note(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	int call = calls++;
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	if (call >= MOST_DEATHS || !interrupted->uc_mcontext.gregs[REG_RIP])
		_exit(4);
	seen[call].losses = losses;
	seen[call].argument = argument;
	seen[call].thread = gettid();
	seen[call].blocked = sigismember(&mask, SIGUSR1);
	return OTHERWORLD_CONTINUE;
}

static void registers(otherworld_procedure *procedure, unsigned int flags, unsigned int limit_ms)
{
	struct otherworld_options options = { .flags = flags, .limit_ms = limit_ms };

	sure(otherworld_register(procedure, &counter, &options), "otherworld_register");
}

static void expect_called(int times, uint64_t losses)
{
	sigset_t mask;

	expect(calls, times, "count of calls");
	for (int i = 0; i < times; i++) {
		expect(seen[i].losses, losses, "what it was told");
		expect(seen[i].thread, getpid(), "who ran it");
		if (seen[i].argument != &counter || !seen[i].blocked)
			wrong("its argument, or signals that do not wait");
	}
	sigprocmask(SIG_BLOCK, NULL, &mask);
	expect(sigismember(&mask, SIGUSR1), 0, "a blocked signal");
}

static uint64_t step(uint64_t word) { return word * 6364136223846793005ull + 1442695040888963407ull; }

// Integers and a floating point number, in a loop that the death interrupts.
static void goes_on(void)
{
	uint64_t rounds = 0, word = 1, again = 1;
	double sum = 0;

	take_name("p-goes-on");
	registers(note, 0, 0);
	ready();
	while (!died())
		for (int i = 0; i < 1000; i++, rounds++) {
			word = step(word);
			sum += 0.25;
		}
	expect_called(1, 0);
	for (uint64_t i = 0; i < rounds; i++)
		again = step(again);
	if (word != again || sum != rounds * 0.25)
		wrong("what it had reckoned");
}

static void sleeps_on(void)
{
	struct timespec length = { 2, 0 };
	uint64_t start = now_ns();

	take_name("p-sleeps-on");
	registers(note, 0, 0);
	ready();
	expect(nanosleep(&length, NULL), 0, "answer of nanosleep");
	if (!died() || now_ns() - start < 2000000000)
		wrong("it slept too short");
	expect_called(1, 0);
}

// A device and a pidfd: without a procedure the process would be refused.
static void is_told(void)
{
	int disk = sure(open("/dev/vda", O_RDONLY), "/dev/vda"), other;
	char byte;

	take_name("p-is-told");
	sure(syscall(SYS_pidfd_open, getppid(), 0), "pidfd_open");
	registers(note, OTHERWORLD_IF_LOST, 0);
	wait_for_death();
	expect_called(1, OTHERWORLD_LOST_DEVICE | OTHERWORLD_LOST_ANONYMOUS);
	if (read(disk, &byte, 1) != -1 || errno != EBADF)
		wrong("a lost descriptor does something");
	other = sure(open("/proc/self/status", O_RDONLY), "open");
	if (other == disk)
		wrong("the number of a lost descriptor is given away");
	sure(close(disk), "close");
}

// A file that is not there any more: of a process that has ended.
static void loses_file(void)
{
	pid_t child = sure(fork(), "fork");
	char path[64], byte;
	int file;

	take_name("p-file");
	if (child == 0) {
		pause();
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%d/status", child);
	file = sure(open(path, O_RDONLY), path);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	registers(note, OTHERWORLD_IF_LOST, 0);
	wait_for_death();
	expect_called(1, OTHERWORLD_LOST_FILE);
	if (read(file, &byte, 1) != -1 || errno != EBADF)
		wrong("a lost file does something");
}

static int netlink(void) { return sure(socket(AF_NETLINK, SOCK_RAW, 0), "socket"); }

static void loses_socket(void)
{
	int s = netlink();

	take_name("p-socket");
	registers(note, OTHERWORLD_IF_LOST, 0);
	wait_for_death();
	expect_called(1, OTHERWORLD_LOST_SOCKET);
	if (send(s, "", 1, 0) != -1 || (errno != EBADF && errno != ENOTSOCK))
		wrong("a lost socket does something");
}

static void loses_mapping(void)
{
	int disk = sure(open("/dev/vda", O_RDONLY), "/dev/vda"), null = sure(open("/tmp/p-mapping", O_WRONLY | O_CREAT, 0600), "open");
	char *at = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, disk, 0);

	take_name("p-mapping");
	close(disk);
	if (at == MAP_FAILED)
		wrong("mmap");
	expect(write(null, at, 2), 2, "write from the mapping");
	registers(note, OTHERWORLD_IF_LOST, 0);
	wait_for_death();
	expect_called(1, OTHERWORLD_LOST_MAPPING);
	if (write(null, at, 2) != -1 || errno != EFAULT)
		wrong("there is something where a mapping is lost");
}

// Asleep until two events come: how many it has taken cannot be told, so without a procedure the process would be refused.
static void loses_call(void)
{
	struct io_event events[2];
	aio_context_t context = 0;

	take_name("p-call");
	sure(syscall(SYS_io_setup, 4, &context), "io_setup");
	registers(note, OTHERWORLD_IF_LOST, 0);
	ready();
	if (syscall(SYS_io_getevents, context, 2, 2, events, NULL) != -1 || errno != EINTR)
		wrong("the lost call does not say EINTR");
	if (!died())
		wrong("it did not wait");
	expect_called(1, OTHERWORLD_LOST_CALL);
}

static void if_lost(void)
{
	take_name("p-if-lost");
	registers(note, OTHERWORLD_IF_LOST, 0);
	wait_for_death();
	expect(calls, 0, "count of calls");
}

static enum otherworld_answer restart(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	note(losses, argument, interrupted);
	sleep_ms(20);
	return OTHERWORLD_RESTART;
}

// With a thread, a descriptor and a blocked signal, none of which may be left.
static void *sleep_long(void *unused)
{
	sleep_ms(100000);
	return unused;
}

static void restarts(void)
{
	char *const argv[] = { "witness", "in-place", "procedure-restarted", NULL };
	char *const environment[] = { "LEFT=behind", NULL };
	struct otherworld_options options = { .argv = argv, .environment = environment };
	pthread_t thread;
	sigset_t mask;
	char text[160], directory[128];

	take_name("p-restarts");
	make_directory();
	snprintf(text, sizeof(text), "%d in %s", getpid(), getcwd(directory, sizeof(directory)));
	put_file("/data/procedure-restarts/who", text);
	sure(chdir("/tmp"), "chdir");
	pthread_create(&thread, NULL, sleep_long, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	sure(otherworld_register(restart, &counter, &options), "otherworld_register");
	ready();
	for (;;)
		pause();
}

static void restarted(void)
{
	char text[160], directory[128];
	sigset_t mask;

	snprintf(text, sizeof(text), "%d in %s", getpid(), getcwd(directory, sizeof(directory)));
	expect_file("/data/procedure-restarts/who", text);
	if (!getenv("LEFT") || strcmp(getenv("LEFT"), "behind"))
		wrong("environment");
	sigprocmask(SIG_BLOCK, NULL, &mask);
	expect(sigismember(&mask, SIGUSR1), 0, "a blocked signal");
	if (fcntl(4, F_GETFD) != -1) // 3 is ours
		wrong("a descriptor is left");
	if (otherworld_unregister() != -1 || errno != ENOENT)
		wrong("the procedure is left");
}

static enum otherworld_answer never_answer(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	enum otherworld_answer answer = note(losses, argument, interrupted);

	while (calls)
		counter++;
	return answer;
}

static void times_out(void)
{
	take_name("p-times-out");
	registers(never_answer, 0, 300);
	wait_for_death();
	wrong("it goes on");
}

static void *count(void *unused)
{
	while (!died())
		counter++;
	for (;;)
		counter++;
	return unused;
}

static enum otherworld_answer expect_rest(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	int before = counter;

	sleep_ms(50);
	if (counter != before)
		wrong("a thread runs");
	return note(losses, argument, interrupted);
}

static enum otherworld_answer expect_work(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	int before = counter;

	while (counter == before)
		sleep_ms(1);
	return note(losses, argument, interrupted);
}

static void with_counting_thread(otherworld_procedure *procedure, unsigned int flags)
{
	pthread_t thread;
	int before;

	registers(procedure, flags, 0);
	pthread_create(&thread, NULL, count, NULL);
	wait_for_death();
	before = counter;
	while (counter == before)
		sleep_ms(1);
	expect_called(1, 0);
}

static void holds_threads(void)
{
	take_name("p-holds");
	with_counting_thread(expect_rest, 0);
}

static void lets_threads_run(void)
{
	take_name("p-lets-run");
	with_counting_thread(expect_work, OTHERWORLD_OTHERS_RUN);
}

static void on_its_own_stack(void)
{
	static char stack[65536];
	struct otherworld_options options = { .stack = stack, .stack_size = sizeof(stack) };

	take_name("p-own-stack");
	sure(otherworld_register(note, &counter, &options), "otherworld_register");
	wait_for_death();
	expect_called(1, 0);
	for (size_t i = 0; i < sizeof(stack); i++)
		if (stack[i])
			return;
	wrong("its stack is untouched");
}

// The next death finds the procedure registered, and calls it again.
static void again(void)
{
	registers(note, 0, 0);
	wait_for_death();
	while (calls < 2)
		sleep_ms(20);
	expect_called(2, 0);
}

static enum otherworld_answer die_inside(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	int before = counter;

	say("the procedure runs\n");
	for (int i = 0; i < 15; i++)
		sleep_ms(20);
	if (counter != before)
		wrong("a thread runs");
	return note(losses, argument, interrupted);
}

// The second death costs what the first did not.
static enum otherworld_answer lose_inside(uint64_t losses, void *argument, ucontext_t *interrupted)
{
	uint64_t now = 1;

	expect(losses, 0, "what is lost at first");
	netlink();
	say("the procedure runs\n");
	for (int i = 0; i < 15; i++)
		sleep_ms(20);
	sure(otherworld_losses(&now), "otherworld_losses");
	expect(now, OTHERWORLD_LOST_SOCKET, "what is lost in the end");
	return note(losses, argument, interrupted);
}

static void told_later(void)
{
	uint64_t losses;

	registers(lose_inside, 0, 0);
	if (otherworld_losses(&losses) != -1 || errno != EINVAL)
		wrong("something is lost before a death");
	wait_for_death();
	expect_called(1, 0);
	if (otherworld_losses(&losses) != -1 || errno != EINVAL)
		wrong("something is lost behind the procedure");
}

static void inside(void) { with_counting_thread(die_inside, 0); }

static void executes(void)
{
	registers(note, 0, 0);
	if (sure(fork(), "fork") == 0) { // a child has none
		if (otherworld_unregister() != -1 || errno != ENOENT)
			wrong("a child has a procedure");
		_exit(0);
	}
	execl("/proc/self/exe", "witness", "in-place", "procedure-executed", NULL);
	wrong("execl: %s", strerror(errno));
}

static void executed(void)
{
	if (otherworld_unregister() != -1 || errno != ENOENT)
		wrong("the procedure is left");
	wait_for_death();
}

static void is_checked(void)
{
	struct otherworld_options options = { .flags = 1u << 31 };

	take_name("p-checked");
	if (otherworld_register(note, NULL, &options) != -1 || errno != EINVAL)
		wrong("an unknown flag is taken");
	options = (struct otherworld_options){ .limit_ms = 600001 };
	if (otherworld_register(note, NULL, &options) != -1 || errno != EINVAL)
		wrong("a limit of more than ten minutes is taken");
	options = (struct otherworld_options){ .stack = (void *)(UINT64_MAX - 4095), .stack_size = 4096 };
	if (otherworld_register(note, NULL, &options) != -1 || errno != EINVAL)
		wrong("a stack in the kernel is taken");
	registers(note, 0, 0);
	sure(otherworld_unregister(), "otherworld_unregister");
	wait_for_death();
	expect(calls, 0, "count of calls");
}

const struct scenario procedure_scenarios[] = {
	{ "procedure-goes-on", goes_on },
	{ "procedure-sleeps-on", sleeps_on },
	{ "procedure-is-told", is_told },
	{ "procedure-loses-file", loses_file },
	{ "procedure-loses-socket", loses_socket },
	{ "procedure-loses-mapping", loses_mapping },
	{ "procedure-loses-call", loses_call },
	{ "procedure-told-later", told_later },
	{ "procedure-if-lost", if_lost },
	{ "procedure-restarts", restarts },
	{ "procedure-restarted", restarted },
	{ "procedure-times-out", times_out },
	{ "procedure-holds-threads", holds_threads },
	{ "procedure-lets-threads-run", lets_threads_run },
	{ "procedure-own-stack", on_its_own_stack },
	{ "procedure-again", again },
	{ "procedure-inside", inside },
	{ "procedure-executes", executes },
	{ "procedure-executed", executed },
	{ "procedure-checked", is_checked },
	{ NULL, NULL },
};
