// witness: POSIX message queues, processes asleep at queues and semaphores of both kinds, native AIO.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <mqueue.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"
#include "witness.h"

#define LONGEST 5000 // more than a page

static mqd_t make_queue(const char *name, long count)
{
	struct mq_attr attributes = { .mq_maxmsg = count, .mq_msgsize = LONGEST };

	return sure(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0640, &attributes), name);
}

static void send(mqd_t queue, size_t from, size_t length, unsigned int priority)
{
	char bytes[LONGEST];

	make_stream(bytes, from, length);
	sure(mq_send(queue, bytes, length, priority), "mq_send");
}

static void receive(mqd_t queue, size_t from, size_t length, unsigned int wanted)
{
	char bytes[LONGEST];
	unsigned int priority;

	expect(sure(mq_receive(queue, bytes, sizeof(bytes), &priority), "mq_receive"), length, "length");
	expect(priority, wanted, "priority");
	expect_stream(bytes, from, length);
}

static void expect_waiting(mqd_t queue, long wanted)
{
	struct mq_attr attributes;

	sure(mq_getattr(queue, &attributes), "mq_getattr");
	expect(attributes.mq_curmsgs, wanted, "messages");
	expect(attributes.mq_msgsize, LONGEST, "longest message");
}

// Two queues with messages of several priorities; one has lost its name.
static void mqueue_contents(void)
{
	mqd_t named = make_queue("/contents", 7), nameless = make_queue("/nameless", 3);
	struct stat state;

	sure(mq_unlink("/nameless"), "mq_unlink");
	sure(fchown(named, 1234, 567), "fchown");
	send(named, 0, 10, 1);
	send(named, 100, LONGEST, 5);
	send(named, 200, 0, 5);
	send(named, 300, 4096, 2);
	send(nameless, 400, 77, 31);
	sure(fcntl(nameless, F_SETFL, O_NONBLOCK), "F_SETFL");
	wait_for_death();
	expect_waiting(named, 4);
	sure(fstat(named, &state), "fstat");
	expect(state.st_uid, 1234, "owner");
	expect(state.st_mode & 0777, 0640, "mode");
	send(named, 500, 5, 5);
	receive(named, 100, LONGEST, 5);
	receive(named, 200, 0, 5);
	receive(named, 500, 5, 5);
	receive(named, 300, 4096, 2);
	receive(named, 0, 10, 1);
	receive(nameless, 400, 77, 31);
	expect(mq_receive(nameless, (char[LONGEST]){ 0 }, LONGEST, NULL), -1, "receive of nothing");
	expect(errno, EAGAIN, "its error");
	expect(mq_open("/nameless", O_RDWR), -1, "open of the lost name");
	sure(mq_unlink("/contents"), "mq_unlink");
}

// Nobody has it open.
static void mqueue_left(void)
{
	mqd_t queue = make_queue("/left", 3);

	send(queue, 0, 33, 3);
	mq_close(queue);
	wait_for_death();
	queue = sure(mq_open("/left", O_RDWR), "mq_open");
	receive(queue, 0, 33, 3);
	sure(mq_unlink("/left"), "mq_unlink");
}

static volatile sig_atomic_t told;

static void on_message(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	told = info->si_value.sival_int;
}

static void mqueue_notify(void)
{
	struct sigaction action = { .sa_sigaction = on_message, .sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 99 };
	mqd_t queue = make_queue("/notify", 3);

	sigaction(SIGUSR1, &action, NULL);
	sure(mq_notify(queue, &event), "mq_notify");
	wait_for_death();
	expect(told, 0, "told before the message");
	expect(mq_notify(queue, &event), -1, "a second mq_notify");
	expect(errno, EBUSY, "its error");
	send(queue, 0, 1, 0);
	expect(told, 99, "value");
	sure(mq_notify(queue, &event), "mq_notify");
	sure(mq_unlink("/notify"), "mq_unlink");
}

static void mqueue_sleepers(void)
{
	mqd_t empty = make_queue("/empty", 3), full = make_queue("/full", 1), silent = make_queue("/silent", 1);
	struct timespec until;
	pid_t children[3];

	send(full, 0, 9, 1);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 2;
	for (int i = 0; i < 3; i++) {
		children[i] = sure(fork(), "fork");
		if (children[i] != 0)
			continue;
		if (i == 0)
			receive(empty, 50, 60, 7);
		else if (i == 1)
			send(full, 9, 9, 1);
		else if (mq_timedreceive(silent, (char[LONGEST]){ 0 }, LONGEST, NULL, &until) != -1 || errno != ETIMEDOUT)
			wrong("the timed receive ends with %d", errno);
		_exit(died() ? 30 + i : 1);
	}
	sleep_ms(20);
	wait_for_death();
	send(empty, 50, 60, 7);
	receive(full, 0, 9, 1);
	receive(full, 9, 9, 1);
	for (int i = 0; i < 3; i++)
		expect_status(children[i], 30 + i);
	sure(mq_unlink("/empty") | mq_unlink("/full") | mq_unlink("/silent"), "mq_unlink");
}

struct message {
	long type;
	char text[1000];
};

static int make_full_queue(void)
{
	int queue = sure(msgget(IPC_PRIVATE, 0600), "msgget");
	struct msqid_ds limits;

	sure(msgctl(queue, IPC_STAT, &limits), "IPC_STAT");
	limits.msg_qbytes = 1500;
	sure(msgctl(queue, IPC_SET, &limits), "IPC_SET");
	sure(msgsnd(queue, &(struct message){ .type = 1 }, 1000, 0), "msgsnd");
	return queue;
}

// At a semaphore, at an empty queue, at a full one.
static void sysv_sleepers(void)
{
	struct sembuf down = { .sem_op = -1, .sem_flg = SEM_UNDO }, up = { .sem_op = 1 };
	int set = sure(semget(IPC_PRIVATE, 1, 0600), "semget"), empty = sure(msgget(IPC_PRIVATE, 0600), "msgget"), full = make_full_queue();
	struct message message = { .type = 4 };
	pid_t children[3];

	for (int i = 0; i < 3; i++) {
		children[i] = sure(fork(), "fork");
		if (children[i] != 0)
			continue;
		if (i == 0)
			sure(semop(set, &down, 1), "semop");
		else if (i == 1)
			expect(sure(msgrcv(empty, &message, sizeof(message.text), 4, 0), "msgrcv"), 5, "length");
		else
			sure(msgsnd(full, &message, 900, 0), "msgsnd");
		_exit(died() ? 30 + i : 1);
	}
	sleep_ms(20);
	wait_for_death();
	sure(semop(set, &up, 1), "semop");
	sure(msgsnd(empty, &message, 5, 0), "msgsnd");
	expect(sure(msgrcv(full, &message, sizeof(message.text), 1, 0), "msgrcv"), 1000, "length of the first");
	expect(sure(msgrcv(full, &message, sizeof(message.text), 4, 0), "msgrcv"), 900, "length of the second");
	for (int i = 0; i < 3; i++)
		expect_status(children[i], 30 + i);
	expect(semctl(set, 0, GETVAL), 1, "value behind the undo");
	sure(semctl(set, 0, IPC_RMID) | msgctl(empty, IPC_RMID, NULL) | msgctl(full, IPC_RMID, NULL), "IPC_RMID");
}

// --- native AIO ---

static void submit(aio_context_t context, int file, char *to, long at)
{
	struct iocb request = { .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = file, .aio_buf = (uintptr_t)to, .aio_nbytes = 100, .aio_offset = at, .aio_data = at }, *list = &request;

	expect(sure(syscall(SYS_io_submit, context, 1, &list), "io_submit"), 1, "requests");
}

static void expect_done(aio_context_t context, const char *bytes, long at)
{
	struct io_event event;

	expect(sure(syscall(SYS_io_getevents, context, 1, 1, &event, NULL), "io_getevents"), 1, "events");
	expect(event.res, 100, "result");
	expect(event.data, at, "data");
	expect_stream(bytes, at, 100);
}

// Events nobody has taken; the ring has been once round.
static void aio_context(void)
{
	static char bytes[2][100];
	aio_context_t context = 0, silent = 0;
	struct timespec while_dead = { .tv_sec = 1, .tv_nsec = 500000000 };
	pid_t child;
	int file;

	make_directory();
	file = sure(open(in_directory("f"), O_RDWR | O_CREAT, 0600), "open");
	put(file, 0, 4000);
	sure(syscall(SYS_io_setup, 4, &context), "io_setup");
	for (int i = 0; i < 150; i++) {
		submit(context, file, bytes[0], 7 * i);
		expect_done(context, bytes[0], 7 * i);
	}
	submit(context, file, bytes[0], 1000);
	submit(context, file, bytes[1], 2000);
	child = sure(fork(), "fork");
	if (child == 0) {
		munmap((void *)context, PAGE); // its parent's
		sure(syscall(SYS_io_setup, 200, &silent), "io_setup");
		expect(syscall(SYS_io_getevents, silent, 1, 1, NULL, &while_dead), 0, "events of an idle context");
		_exit(died() ? 5 : 6);
	}
	sleep_ms(20);
	wait_for_death();
	expect_done(context, bytes[0], 1000);
	expect_done(context, bytes[1], 2000);
	for (int i = 0; i < 150; i++) {
		submit(context, file, bytes[0], 7 * i);
		expect_done(context, bytes[0], 7 * i);
	}
	sure(syscall(SYS_io_destroy, context), "io_destroy");
	expect_status(child, 5);
}

const struct scenario queue_scenarios[] = {
	{ "mqueue-contents", mqueue_contents },
	{ "mqueue-left", mqueue_left },
	{ "mqueue-notify", mqueue_notify },
	{ "mqueue-sleepers", mqueue_sleepers },
	{ "sysv-sleepers", sysv_sleepers },
	{ "aio-context", aio_context },
	{ NULL, NULL },
};
