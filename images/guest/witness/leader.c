// witness: a process whose first thread has ended, while its others go on.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

#define WORKERS 3
#define HEAP (16 * PAGE)
#define STATUS 7 // of the last thread, and so of the process

static char *heap;
static int file, semaphores;
static pid_t process;
static atomic_int left;

// A thread ends alone; its process, when it was the last.
static _Noreturn void end_thread(int status)
{
	for (;;)
		syscall(SYS_exit, status);
}

// What is the process's is still there, though the one who made it is not.
static void check_process(void)
{
	expect(getpid(), process, "pid");
	check_pages(heap, 0, HEAP / PAGE, 31, "heap");
	expect(lseek(file, 0, SEEK_CUR), 7, "position");
	expect(fcntl(file, F_GETFL) & O_APPEND, O_APPEND, "flags");
	if (kill(process, 0) < 0)
		wrong("the process has no number any more");
}

static void *work(void *number)
{
	struct sembuf take = { .sem_op = -1, .sem_flg = SEM_UNDO };

	if (number == 0)
		sure(semop(semaphores, &take, 1), "semop");
	left++;
	while (!died())
		sleep_ms(3);
	check_process();
	if (--left)
		return NULL;
	put_file(in_directory("checked"), "all");
	sleep_ms(20);
	end_thread(STATUS);
}

static _Noreturn void lead(void)
{
	pthread_t thread;

	process = getpid();
	heap = malloc(HEAP + PAGE);
	fill_pages(heap, 0, HEAP / PAGE, 31);
	file = sure(open(in_directory("file"), O_RDWR | O_CREAT | O_APPEND, 0644), "open");
	expect(write(file, "leader\n", 7), 7, "write");
	for (long i = 0; i < WORKERS; i++)
		if (pthread_create(&thread, NULL, work, (void *)i))
			wrong("pthread_create");
	while (left != WORKERS)
		sleep_ms(1);
	end_thread(5);
}

// Nobody is told of its end before its last thread's, and what it owes a semaphore is paid then.
static void leader_gone(void)
{
	int got;
	pid_t child;

	make_directory();
	semaphores = sure(semget(IPC_PRIVATE, 1, 0600), "semget");
	sure(semctl(semaphores, 0, SETVAL, 1), "semctl");
	child = sure(fork(), "fork");
	if (child == 0)
		lead();
	while (semctl(semaphores, 0, GETVAL) != 0)
		sleep_ms(1);
	sleep_ms(30);
	expect(waitpid(child, &got, WNOHANG), 0, "waitpid before the death");
	wait_for_death();
	expect(waitpid(child, &got, 0), child, "waitpid");
	expect(got, STATUS << 8, "status");
	expect_file(in_directory("checked"), "all");
	expect(semctl(semaphores, 0, GETVAL), 1, "semaphore");
	sure(semctl(semaphores, 0, IPC_RMID), "removal");
}

static void *end_process(void *unused)
{
	(void)unused;
	while (!died())
		sleep_ms(3);
	_exit(9);
}

// One of the others ends all, with a status of its own.
static void leader_gone_group(void)
{
	pid_t child = sure(fork(), "fork");
	pthread_t thread;
	int got;

	if (child == 0) {
		if (pthread_create(&thread, NULL, end_process, NULL))
			wrong("pthread_create");
		end_thread(5);
	}
	sleep_ms(30);
	wait_for_death();
	expect(waitpid(child, &got, 0), child, "waitpid");
	expect(got, 9 << 8, "status");
}

const struct scenario leader_scenarios[] = {
	{ "leader-gone", leader_gone },
	{ "leader-gone-group", leader_gone_group },
	{ NULL, NULL },
};
