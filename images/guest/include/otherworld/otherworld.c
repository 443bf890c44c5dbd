// The library behind otherworld.h: link libotherworld.so, or compile this file into the program.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "otherworld.h"

#define SYS_OTHERWORLD 386
#define PROCEDURE_SET 0
#define PROCEDURE_CLEAR 1
#define PROCEDURE_LOSSES 3

// As the kernel knows it (images/kernel/otherworld/procedure_abi.h).
struct registration {
	uint32_t flags, limit_ms;
	uint64_t function, argument, restorer, stack, stack_size, path, argv, environment;
};

// What the program was started with. It may write over the originals.
static struct {
	char path[PATH_MAX], directory[PATH_MAX];
	char **argv, **environment;
} start;

static struct {
	otherworld_procedure *procedure;
	void *argument;
} registered;

// Where a procedure returns to: its answer ends it. Should the kernel know of none (it died in the very call), this goes on as the
// end of a signal handler does.
void otherworld_end(void) __attribute__((visibility("hidden")));
__asm__(".pushsection .text\n"
	".type otherworld_end, @function\n"
	"otherworld_end:\n"
	"	movl %eax, %esi\n"
	"	movl $2, %edi\n" // PROCEDURE_END
	"	movl $386, %eax\n"
	"	syscall\n"
	"	movl $15, %eax\n" // rt_sigreturn
	"	syscall\n"
	"	hlt\n"
	".size otherworld_end, . - otherworld_end\n"
	".popsection\n");

static enum otherworld_answer enter(uint64_t losses, void *unused, ucontext_t *interrupted)
{
	enum otherworld_answer answer = registered.procedure(losses, registered.argument, interrupted);

	(void)unused;
	if (answer == OTHERWORLD_RESTART && *start.directory && chdir(start.directory) < 0)
		return answer; // it starts where it is
	return answer;
}

static char **copy_strings(char **from)
{
	size_t count = 0;
	char **to;

	while (from[count])
		count++;
	to = calloc(count + 1, sizeof(*to));
	for (size_t i = 0; to && i < count; i++)
		to[i] = strdup(from[i]);
	return to;
}

// glibc gives these to every constructor. Before those without a number: they may register.
__attribute__((constructor(101))) static void note_start(int argc, char **argv, char **environment)
{
	ssize_t length = readlink("/proc/self/exe", start.path, sizeof(start.path) - 1);

	(void)argc;
	start.path[length > 0 ? length : 0] = '\0';
	if (!getcwd(start.directory, sizeof(start.directory)))
		start.directory[0] = '\0';
	start.argv = copy_strings(argv);
	start.environment = copy_strings(environment);
}

int otherworld_register(otherworld_procedure *procedure, void *argument, const struct otherworld_options *options)
{
	static const struct otherworld_options defaults;
	const struct otherworld_options *o = options ? options : &defaults;
	struct registration wanted = {
		.flags = o->flags,
		.limit_ms = o->limit_ms,
		.function = (uintptr_t)enter,
		.restorer = (uintptr_t)otherworld_end,
		.stack = (uintptr_t)o->stack,
		.stack_size = o->stack_size,
		.path = (uintptr_t)(o->path ? o->path : start.path),
		.argv = (uintptr_t)(o->argv ? o->argv : start.argv),
		.environment = (uintptr_t)(o->environment ? o->environment : start.environment),
	};

	if (!procedure) {
		errno = EINVAL;
		return -1;
	}
	registered.procedure = procedure;
	registered.argument = argument;
	return syscall(SYS_OTHERWORLD, PROCEDURE_SET, &wanted, sizeof(wanted));
}

// What a thread is to register, and what became of it.
struct order {
	otherworld_procedure *procedure;
	void *argument;
	const struct otherworld_options *options;
	sem_t done;
	int error;
};

static void *register_and_wait(void *given)
{
	struct order *order = given;
	int error = otherworld_register(order->procedure, order->argument, order->options) < 0 ? errno : 0;

	order->error = error;
	sem_post(&order->done); // from here on the order is gone
	while (!error)
		pause();
	return NULL;
}

int otherworld_register_in_thread(otherworld_procedure *procedure, void *argument, const struct otherworld_options *options)
{
	struct order order = { .procedure = procedure, .argument = argument, .options = options };
	sigset_t all, old;
	pthread_t thread;

	sem_init(&order.done, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	order.error = pthread_create(&thread, NULL, register_and_wait, &order);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!order.error) {
		pthread_detach(thread);
		while (sem_wait(&order.done) < 0)
			; // a signal
	}
	errno = order.error ? order.error : errno;
	return order.error ? -1 : 0;
}

int otherworld_unregister(void) { return syscall(SYS_OTHERWORLD, PROCEDURE_CLEAR, 0, 0); }

int otherworld_losses(uint64_t *losses)
{
	long answer = syscall(SYS_OTHERWORLD, PROCEDURE_LOSSES, 0, 0);

	if (answer < 0)
		return -1;
	*losses = answer;
	return 0;
}
