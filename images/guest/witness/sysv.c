// witness: System V objects, which live without any process.
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

#define PAGES 64
#define KEY 0x4f57

static char *attach(int id, int flags)
{
	char *at = shmat(id, NULL, flags);

	if (at == (void *)-1)
		wrong("shmat: %s", strerror(errno));
	return at;
}

static struct shmid_ds status_of(int id)
{
	struct shmid_ds status;

	sure(shmctl(id, IPC_STAT, &status), "IPC_STAT");
	return status;
}

static void check(const char *at, const char *what)
{
	for (int i = 0; i < PAGES; i++)
		if (!filled(at + i * PAGE, PAGE, i))
			wrong("%s: page %d", what, i);
}

// Attached twice by the parent, once by its child; one that nobody has attached; the same numbers and keys.
static void segment(void)
{
	int id = sure(shmget(KEY, PAGES * PAGE - 100, IPC_CREAT | 0640), "shmget"), alone, status;
	char *at = attach(id, 0), *reader = attach(id, SHM_RDONLY);
	struct shmid_ds before;
	pid_t child;

	alone = sure(shmget(IPC_PRIVATE, PAGES * PAGE, 0600), "shmget");
	at = attach(alone, 0);
	for (int i = 0; i < PAGES; i++)
		fill(at + i * PAGE, PAGE, i);
	sure(shmdt(at), "shmdt");
	at = reader;
	reader = attach(id, SHM_RDONLY);
	sure(shmdt(at), "shmdt");
	at = attach(id, 0);
	child = sure(fork(), "fork");
	if (child == 0) {
		while (!died())
			sleep_ms(20);
		for (int i = 0; i < PAGES; i++)
			fill(at + i * PAGE, PAGE, i);
		_exit(0);
	}
	before = status_of(id);
	wait_for_death();
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 0, "status of the child");
	check(reader, "what the child has written");
	expect(shmget(KEY, 0, 0), id, "identifier of the key");
	expect(status_of(id).shm_perm.mode, before.shm_perm.mode, "mode");
	expect(status_of(id).shm_segsz, PAGES * PAGE - 100, "size");
	expect(status_of(id).shm_ctime, before.shm_ctime, "time");
	expect(status_of(id).shm_nattch, before.shm_nattch - 3, "attachments without the child");
	expect(status_of(alone).shm_nattch, 0, "attachments of the other one");
	check(attach(alone, SHM_RDONLY), "segment nobody had attached");
	sure(shmdt(at), "shmdt");
	sure(shmctl(id, IPC_RMID, NULL), "IPC_RMID");
	sure(shmctl(alone, IPC_RMID, NULL), "IPC_RMID");
	if (shmget(KEY, 0, 0) != -1 || errno != ENOENT)
		wrong("the key is still there");
}

// Removed while attached: there until the last detaches, and found by nobody.
static void segment_removed(void)
{
	int id = sure(shmget(KEY + 1, PAGES * PAGE, IPC_CREAT | 0600), "shmget"), next;
	char *at = attach(id, 0);

	sure(shmctl(id, IPC_RMID, NULL), "IPC_RMID");
	for (int i = 0; i < PAGES; i++)
		fill(at + i * PAGE, PAGE, i);
	sure(munmap(at + PAGE, PAGE), "munmap");
	sure(mprotect(at, PAGE, PROT_READ), "mprotect");
	wait_for_death();
	for (int i = 0; i < PAGES; i++)
		if (i != 1 && !filled(at + i * PAGE, PAGE, i))
			wrong("page %d", i);
	expect(status_of(id).shm_perm.mode & SHM_DEST, SHM_DEST, "mark of a removed segment");
	if (shmget(KEY + 1, 0, 0) != -1 || errno != ENOENT)
		wrong("the key is still there");
	next = sure(shmget(IPC_PRIVATE, PAGE, 0600), "shmget");
	if (next == id)
		wrong("its number is given out again");
	sure(shmctl(next, IPC_RMID, NULL), "IPC_RMID");
	sure(shmdt(at), "shmdt");
	if (shmctl(id, IPC_STAT, &(struct shmid_ds){ 0 }) != -1)
		wrong("it is there without anybody");
}

static int value_of(int id, int which) { return sure(semctl(id, which, GETVAL), "GETVAL"); }

static void change(int id, int which, int by)
{
	sure(semop(id, &(struct sembuf){ (unsigned short)which, (short)by, SEM_UNDO }, 1), "semop");
}

// Values stay; what a process owes is paid when it ends after the death, not before.
static void semaphores(void)
{
	int id = sure(semget(KEY, 5, IPC_CREAT | 0640), "semget"), status;
	struct semid_ds set;
	pid_t child;

	for (int i = 0; i < 5; i++)
		sure(semctl(id, i, SETVAL, 10 * i + 3), "SETVAL");
	child = sure(fork(), "fork");
	if (child == 0) {
		change(id, 1, -4);
		change(id, 1, -5);
		change(id, 3, 7);
		while (!died())
			sleep_ms(20);
		change(id, 4, -1);
		_exit(0);
	}
	while (value_of(id, 3) != 40)
		sleep_ms(1);
	change(id, 0, 2);
	wait_for_death();
	expect(semget(KEY, 0, 0), id, "identifier of the key");
	sure(waitpid(child, &status, 0), "waitpid");
	expect(status, 0, "status of the child");
	for (int i = 1; i < 5; i++)
		expect(value_of(id, i), 10 * i + 3, "value behind the end of the child");
	expect(value_of(id, 0), 5, "value the parent owes for");
	sure(semctl(id, 0, IPC_STAT, &set), "IPC_STAT");
	expect(set.sem_perm.mode & 0777, 0640, "mode");
	expect(set.sem_nsems, 5, "number of semaphores");
	sure(semctl(id, 0, IPC_RMID), "IPC_RMID");
}

struct letter {
	long type;
	char text[9000];
};

// Short and long messages, in their order, by type.
static void messages(void)
{
	static struct letter letter;
	int id = sure(msgget(KEY, IPC_CREAT | 0600), "msgget");
	struct msqid_ds queue;

	for (int i = 0; i < 3; i++) {
		letter.type = 1 + i % 2;
		fill(letter.text, 8, i);
		sure(msgsnd(id, &letter, 8, 0), "msgsnd");
	}
	letter.type = 7;
	fill(letter.text, 8000, 9);
	sure(msgsnd(id, &letter, 8000, 0), "msgsnd");
	letter.type = 8;
	sure(msgsnd(id, &letter, 0, 0), "msgsnd");
	wait_for_death();
	expect(msgget(KEY, 0), id, "identifier of the key");
	sure(msgctl(id, IPC_STAT, &queue), "IPC_STAT");
	expect(queue.msg_qnum, 5, "number of messages");
	expect(queue.__msg_cbytes, 8024, "bytes in the queue");
	letter = (struct letter){ 0 };
	expect(msgrcv(id, &letter, sizeof(letter.text), 7, IPC_NOWAIT), 8000, "length of the long one");
	if (!filled(letter.text, 8000, 9))
		wrong("text of the long message");
	for (int i = 0; i < 3; i++) {
		expect(msgrcv(id, &letter, sizeof(letter.text), 0, IPC_NOWAIT), 8, "length");
		expect(letter.type, 1 + i % 2, "type");
		if (!filled(letter.text, 8, i))
			wrong("text of message %d", i);
	}
	expect(msgrcv(id, &letter, sizeof(letter.text), 0, IPC_NOWAIT), 0, "length of the empty one");
	if (msgrcv(id, &letter, sizeof(letter.text), 0, IPC_NOWAIT) != -1 || errno != ENOMSG)
		wrong("one more message");
	sure(msgctl(id, IPC_RMID, NULL), "IPC_RMID");
}

const struct scenario sysv_scenarios[] = {
	{ "segment", segment },
	{ "segment-removed", segment_removed },
	{ "semaphores", semaphores },
	{ "messages", messages },
	{ NULL, NULL },
};
