// witness: threads, each with something of its own, waiting for each other or at work.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "witness.h"

#define WORKERS 6

static _Thread_local int own;

static void right(int error, const char *what)
{
	if (error)
		wrong("%s: %s", what, strerror(error));
}

static pthread_t start(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	right(pthread_create(&thread, NULL, run, argument), "pthread_create");
	return thread;
}

static void *join(pthread_t thread)
{
	void *result;

	right(pthread_join(thread, &result), "pthread_join");
	return result;
}

// Local storage, number, name, mask and working registers of many at once.
static void *work(void *argument)
{
	long number = (long)argument, rounds = 0;
	pid_t tid = gettid();
	char name[16], now[16];
	sigset_t mask;

	own = number * 100;
	snprintf(name, sizeof(name), "worker %ld", number);
	pthread_setname_np(pthread_self(), name);
	sigemptyset(&mask);
	sigaddset(&mask, SIGRTMIN + number);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	for (; !died(); rounds++) {
		if (own++ != number * 100 + rounds)
			wrong("the local storage of worker %ld", number);
		if (number % 2)
			sleep_ms(1);
	}
	expect(gettid(), tid, "tid");
	pthread_getname_np(pthread_self(), now, sizeof(now));
	if (strcmp(now, name))
		wrong("worker %ld is called %s", number, now);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	for (long i = 0; i < WORKERS; i++)
		expect(sigismember(&mask, SIGRTMIN + i), i == number, "mask");
	return (void *)(number + 7);
}

static void threads(void)
{
	pthread_t workers[WORKERS];

	for (long i = 0; i < WORKERS; i++)
		workers[i] = start(work, (void *)i);
	wait_for_death();
	for (long i = 0; i < WORKERS; i++)
		expect((long)join(workers[i]), i + 7, "result of a worker");
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static bool signalled;
static atomic_int through;

static void *wait_for_mutex(void *unused)
{
	(void)unused;
	right(pthread_mutex_lock(&mutex), "lock");
	through++;
	right(pthread_mutex_unlock(&mutex), "unlock");
	return NULL;
}

static void *wait_for_condition(void *unused)
{
	static pthread_mutex_t with = PTHREAD_MUTEX_INITIALIZER;

	(void)unused;
	right(pthread_mutex_lock(&with), "lock");
	while (!signalled)
		right(pthread_cond_wait(&condition, &with), "cond_wait");
	through++;
	right(pthread_mutex_unlock(&with), "unlock");
	return NULL;
}

static void *wait_for_semaphore(void *unused)
{
	(void)unused;
	while (sem_wait(&semaphore) < 0)
		expect(errno, EINTR, "error of sem_wait");
	through++;
	return NULL;
}

static void *wait_for_thread(void *other)
{
	join(*(pthread_t *)other);
	through++;
	return NULL;
}

// Everybody asleep in a futex.
static void futexes(void)
{
	pthread_t waiting[5];

	sem_init(&semaphore, 0, 0);
	right(pthread_mutex_lock(&mutex), "lock");
	waiting[0] = start(wait_for_mutex, NULL);
	waiting[1] = start(wait_for_mutex, NULL);
	waiting[2] = start(wait_for_condition, NULL);
	waiting[3] = start(wait_for_semaphore, NULL);
	waiting[4] = start(wait_for_thread, &waiting[3]);
	sleep_ms(30);
	wait_for_death();
	expect(through, 0, "threads that did not wait");
	right(pthread_mutex_unlock(&mutex), "unlock");
	join(waiting[0]);
	join(waiting[1]);
	expect(through, 2, "threads with the mutex");
	signalled = true;
	right(pthread_cond_broadcast(&condition), "broadcast");
	join(waiting[2]);
	sem_post(&semaphore);
	join(waiting[4]);
	expect(through, 5, "threads behind their wait");
}

static pthread_mutex_t robust;

static void *hold_robust(void *unused)
{
	(void)unused;
	right(pthread_mutex_lock(&robust), "lock");
	while (!died())
		sleep_ms(5);
	return NULL; // with the lock held
}

static void robust_mutex(void)
{
	pthread_mutexattr_t attributes;
	pthread_t holder;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attributes);
	holder = start(hold_robust, NULL);
	sleep_ms(10);
	wait_for_death();
	expect(pthread_mutex_lock(&robust), EOWNERDEAD, "lock of a mutex whose owner has ended");
	join(holder);
}

static atomic_int caught_by;

static void catch_signal(int number)
{
	(void)number;
	caught_by = gettid();
}

static void *take_signal(void *tid)
{
	sigset_t none;

	*(pid_t *)tid = gettid();
	while (!died())
		sleep_ms(5);
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL); // now it is delivered
	return NULL;
}

// Pending for one thread only, which blocks it.
static void thread_signal(void)
{
	static pid_t tid;
	pthread_t thread;
	sigset_t blocked;

	signal(SIGUSR1, catch_signal);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	thread = start(take_signal, &tid);
	sleep_ms(10);
	right(pthread_kill(thread, SIGUSR1), "pthread_kill");
	pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
	wait_for_death();
	join(thread);
	expect(caught_by, tid, "thread that caught the signal");
}

static void *square(void *number) { return (void *)((long)number * (long)number); }

// Threads come and go when the kernel dies, and go on doing so.
static void thread_churn(void)
{
	ready();
	for (long i = 0, after = 0; after < 50; i++, after += died())
		expect((long)join(start(square, (void *)i)), i * i, "result");
}

static char own_stack[65536] __attribute__((aligned(16)));
static atomic_int runs;
static volatile pid_t ended;

static int run_once(void *unused)
{
	(void)unused;
	runs++;
	return 0;
}

// One clone() of a thread: it runs once, under the number the caller is told.
static void call_thread(void)
{
	pid_t told = 0, made;

	ended = -1;
	mark_call();
	made = clone(run_once, own_stack + sizeof(own_stack),
		     CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
			     CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
		     NULL, &told, NULL, (pid_t *)&ended);
	if (made < 0) {
		expect(errno, EAGAIN, "error");
		note_result(-errno);
		return;
	}
	note_result(made);
	expect(told, made, "number that was told");
	while (ended != 0)
		sleep_ms(1);
	sleep_ms(5);
	expect(runs, 1, "runs");
}

const struct scenario thread_scenarios[] = {
	{ "threads", threads },
	{ "futexes", futexes },
	{ "robust-mutex", robust_mutex },
	{ "thread-signal", thread_signal },
	{ "thread-churn", thread_churn },
	{ "call-thread", call_thread },
	{ NULL, NULL },
};
