// witness: descriptors that count, tell of signals or time, and watch each other: eventfd, timerfd, signalfd, epoll; and the timers of timer_create().
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "witness.h"

#define MS 1000000L

static uint64_t take_count(int descriptor)
{
	uint64_t value = 0;

	expect(sure(read(descriptor, &value, sizeof(value)), "read"), sizeof(value), "count of read");
	return value;
}

static void add_count(int descriptor, uint64_t value)
{
	expect(sure(write(descriptor, &value, sizeof(value)), "write"), sizeof(value), "count of write");
}

static void expect_empty(int descriptor)
{
	char data[sizeof(struct signalfd_siginfo)]; // the largest of what is read

	expect(read(descriptor, data, sizeof(data)), -1, "read of nothing");
	expect(errno, EAGAIN, "its error");
}

static void expect_exit(pid_t child, int wanted)
{
	int status;

	expect(sure(waitpid(child, &status, 0), "waitpid"), child, "waitpid");
	expect(status, wanted << 8, "status of the child");
}

// --- eventfd ---

static void eventfd_count(void)
{
	const uint64_t most = 0xfffffffffffffffeull;
	int small = sure(eventfd(7, EFD_NONBLOCK), "eventfd"), large = sure(eventfd(0, EFD_NONBLOCK), "eventfd");
	int twin = sure(dup(small), "dup");

	add_count(large, most);
	wait_for_death();
	expect(fcntl(small, F_GETFL), O_RDWR | O_NONBLOCK, "flags");
	add_count(twin, 3);
	expect(take_count(small), 10, "count");
	expect_empty(twin);
	expect(take_count(large) == most, 1, "the largest count");
}

static void eventfd_semaphore(void)
{
	int semaphore = sure(eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE), "eventfd");

	wait_for_death();
	expect(take_count(semaphore), 1, "first");
	expect(take_count(semaphore), 1, "second");
	expect_empty(semaphore);
}

// A child that sleeps in read(), and one that sleeps in a write() that does not fit.
static void eventfd_sleepers(void)
{
	int empty = sure(eventfd(0, 0), "eventfd"), full = sure(eventfd(0, 0), "eventfd");
	pid_t reader, writer;

	add_count(full, 0xfffffffffffffffeull);
	reader = sure(fork(), "fork");
	if (reader == 0)
		_exit((int)take_count(empty));
	writer = sure(fork(), "fork");
	if (writer == 0) {
		add_count(full, 5);
		_exit(died() ? 6 : 7);
	}
	sleep_ms(20);
	wait_for_death();
	add_count(empty, 9);
	expect_exit(reader, 9);
	expect(take_count(full) == 0xfffffffffffffffeull, 1, "count before the second write");
	expect_exit(writer, 6);
	expect(take_count(full), 5, "count of the second write");
}

// --- timerfd ---

static void set_timer(int timer, int flags, int64_t first, int64_t period)
{
	struct itimerspec when = {
		.it_value = { first / 1000000000, first % 1000000000 },
		.it_interval = { period / 1000000000, period % 1000000000 },
	};

	sure(timerfd_settime(timer, flags, &when, NULL), "timerfd_settime");
}

// One shot far beyond the death comes at its time, by each clock and each way to name the time.
static void timerfd_once(void)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME };
	uint64_t start = now_ns();
	int timers[6];

	for (int i = 0; i < 6; i++) {
		struct timespec now;

		timers[i] = sure(timerfd_create(clocks[i % 3], 0), "timerfd_create");
		clock_gettime(clocks[i % 3], &now);
		if (i < 3)
			set_timer(timers[i], 0, 1500 * MS, 0);
		else
			set_timer(timers[i], TFD_TIMER_ABSTIME, now.tv_sec * 1000000000L + now.tv_nsec + 1500 * MS, 0);
	}
	wait_for_death();
	for (int i = 0; i < 6; i++) {
		struct itimerspec left;
		long late;

		sure(timerfd_gettime(timers[i], &left), "timerfd_gettime");
		if (i == 0 && (left.it_value.tv_sec > 1 || (left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0)))
			wrong("%ld.%09ld s are left", left.it_value.tv_sec, left.it_value.tv_nsec);
		expect(take_count(timers[i]), 1, "ticks");
		late = (int64_t)(now_ns() - start) / MS - 1500;
		if (late < 0 || late > 60)
			wrong("timer %d came %ld ms late", i, late);
	}
}

// No tick is lost: neither those before the death, nor those of the time between the kernels.
static void timerfd_interval(void)
{
	int timer = sure(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), "timerfd_create");
	uint64_t start = now_ns(), ticks = 0;
	struct itimerspec left;

	set_timer(timer, 0, 10 * MS, 10 * MS);
	sleep_ms(45);
	ticks = take_count(timer);
	sleep_ms(25); // two more, not read
	wait_for_death();
	sure(timerfd_gettime(timer, &left), "timerfd_gettime");
	expect(left.it_interval.tv_nsec, 10 * MS, "interval");
	ticks += take_count(timer);
	expect(ticks, (now_ns() - start) / (10 * MS), "ticks");
	sleep_ms(31);
	ticks += take_count(timer);
	expect(ticks, (now_ns() - start) / (10 * MS), "ticks later");
}

static void timerfd_idle(void)
{
	int timer = sure(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), "timerfd_create");
	struct itimerspec left;

	wait_for_death();
	sure(timerfd_gettime(timer, &left), "timerfd_gettime");
	expect(left.it_value.tv_sec + left.it_value.tv_nsec, 0, "time left of a timer that was never set");
	expect_empty(timer);
	set_timer(timer, 0, 5 * MS, 0);
	sleep_ms(20);
	expect(take_count(timer), 1, "ticks");
}

// --- signalfd ---

static sigset_t block(int first, int second)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, first);
	sigaddset(&mask, second);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return mask;
}

static void expect_signal(int signals, int wanted, int value)
{
	struct signalfd_siginfo info;

	expect(sure(read(signals, &info, sizeof(info)), "read"), sizeof(info), "count of read");
	expect(info.ssi_signo, wanted, "signal");
	expect(info.ssi_int, value, "its value");
}

static void signalfd_pending(void)
{
	sigset_t mask = block(SIGUSR1, SIGRTMIN + 1);
	int signals = sure(signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");

	sure(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 11 }), "sigqueue");
	sure(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 12 }), "sigqueue");
	wait_for_death();
	expect(fcntl(signals, F_GETFD), FD_CLOEXEC, "close on exec");
	expect_signal(signals, SIGRTMIN + 1, 11);
	expect_signal(signals, SIGRTMIN + 1, 12);
	kill(getpid(), SIGUSR1);
	expect_signal(signals, SIGUSR1, 0);
	expect_empty(signals);
}

static void signalfd_reader(void)
{
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		sigset_t mask = block(SIGUSR1, SIGUSR2);

		expect_signal(sure(signalfd(-1, &mask, 0), "signalfd"), SIGUSR2, 0);
		_exit(8);
	}
	sleep_ms(20);
	wait_for_death();
	kill(child, SIGUSR2);
	expect_exit(child, 8);
}

// --- epoll ---

static void watch(int epoll, int descriptor, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	sure(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

static void expect_event(int epoll, uint32_t events, uint64_t data)
{
	struct epoll_event event = { 0 };

	expect(sure(epoll_wait(epoll, &event, 1, 1000), "epoll_wait"), 1, "count of events");
	expect(event.events, events, "events");
	expect(event.data.u64 == data, 1, "data");
}

static void expect_no_event(int epoll)
{
	struct epoll_event event;

	expect(sure(epoll_wait(epoll, &event, 1, 0), "epoll_wait"), 0, "count of events");
}

static void epoll_level(void)
{
	int epoll = sure(epoll_create1(EPOLL_CLOEXEC), "epoll_create1"), ready = sure(eventfd(1, 0), "eventfd");
	int later = sure(eventfd(0, 0), "eventfd"), ends[2];

	sure(pipe(ends), "pipe");
	watch(epoll, ready, EPOLLIN, 0x1122334455667788);
	watch(epoll, later, EPOLLIN, 2);
	watch(epoll, ends[0], EPOLLIN | EPOLLRDHUP, 3);
	wait_for_death();
	expect(fcntl(epoll, F_GETFD), FD_CLOEXEC, "close on exec");
	expect_event(epoll, EPOLLIN, 0x1122334455667788);
	take_count(ready);
	expect_no_event(epoll);
	add_count(later, 1);
	expect_event(epoll, EPOLLIN, 2);
	take_count(later);
	close(ends[1]);
	expect_event(epoll, EPOLLHUP, 3);
	sure(epoll_ctl(epoll, EPOLL_CTL_DEL, ends[0], NULL), "EPOLL_CTL_DEL");
	expect(epoll_ctl(epoll, EPOLL_CTL_ADD, later, &(struct epoll_event){ 0 }), -1, "a second EPOLL_CTL_ADD");
	expect(errno, EEXIST, "its error");
}

static void epoll_edge(void)
{
	int epoll = sure(epoll_create1(0), "epoll_create1"), counter = sure(eventfd(0, EFD_NONBLOCK), "eventfd");

	watch(epoll, counter, EPOLLIN | EPOLLET, 5);
	wait_for_death();
	expect_no_event(epoll);
	add_count(counter, 1);
	expect_event(epoll, EPOLLIN, 5);
	expect_no_event(epoll);
	add_count(counter, 1);
	expect_event(epoll, EPOLLIN, 5);
}

static void epoll_oneshot(void)
{
	int epoll = sure(epoll_create1(0), "epoll_create1"), ends[2], counter = sure(eventfd(1, 0), "eventfd");
	struct epoll_event again = { .events = EPOLLIN | EPOLLONESHOT, .data.u64 = 6 };

	sure(pipe(ends), "pipe");
	watch(epoll, counter, EPOLLIN | EPOLLONESHOT, 4);
	expect_event(epoll, EPOLLIN, 4); // and no more
	watch(epoll, ends[0], EPOLLIN | EPOLLONESHOT, 5);
	wait_for_death();
	expect_no_event(epoll);
	close(ends[1]);
	expect_event(epoll, EPOLLHUP, 5);
	expect_no_event(epoll);
	sure(epoll_ctl(epoll, EPOLL_CTL_MOD, counter, &again), "EPOLL_CTL_MOD");
	expect_event(epoll, EPOLLIN, 6);
	expect_no_event(epoll);
}

static void epoll_nested(void)
{
	int outer = sure(epoll_create1(0), "epoll_create1"), inner = sure(epoll_create1(0), "epoll_create1");
	int counter = sure(eventfd(0, 0), "eventfd");

	watch(outer, inner, EPOLLIN, 1);
	watch(inner, counter, EPOLLIN, 2);
	wait_for_death();
	expect_no_event(outer);
	add_count(counter, 1);
	expect_event(outer, EPOLLIN, 1);
	expect_event(inner, EPOLLIN, 2);
}

// What is watched by a descriptor that is another file's now, or nobody's.
static void epoll_moved(void)
{
	int epoll = sure(epoll_create1(0), "epoll_create1"), counter = sure(eventfd(0, 0), "eventfd");
	int twin = sure(dup(counter), "dup"), other = sure(eventfd(0, 0), "eventfd"), third = sure(dup(other), "dup");

	watch(epoll, counter, EPOLLIN, 1);
	watch(epoll, third, EPOLLIN, 3);
	sure(dup2(other, counter), "dup2"); // same number, other file
	watch(epoll, counter, EPOLLIN, 2);
	close(third);
	wait_for_death();
	add_count(twin, 1);
	expect_event(epoll, EPOLLIN, 1);
	take_count(twin);
	add_count(other, 1);
	for (int i = 0; i < 2; i++) {
		struct epoll_event events[4];

		expect(sure(epoll_wait(epoll, events, 4, 1000), "epoll_wait"), 2, "count of events");
		expect(events[0].data.u64 + events[1].data.u64, 5, "data");
	}
}

// A child and its parent with one epoll file, and one of the files with the child only.
static void epoll_shared(void)
{
	int epoll = sure(epoll_create1(0), "epoll_create1"), tell = sure(eventfd(0, 0), "eventfd");
	pid_t child = sure(fork(), "fork");

	if (child == 0) {
		int own = sure(eventfd(0, 0), "eventfd");

		watch(epoll, own, EPOLLIN, 9);
		take_count(tell);
		add_count(own, 1);
		take_count(tell);
		_exit(4);
	}
	sleep_ms(20);
	wait_for_death();
	expect_no_event(epoll);
	add_count(tell, 1);
	expect_event(epoll, EPOLLIN, 9);
	add_count(tell, 1);
	expect_exit(child, 4);
	expect_no_event(epoll);
}

// Asleep in the wait: for what is left of the time, or until something comes.
static void epoll_sleepers(void)
{
	int epoll = sure(epoll_create1(0), "epoll_create1"), counter = sure(eventfd(0, 0), "eventfd");
	uint64_t start = now_ns();
	pid_t children[3];

	watch(epoll, counter, EPOLLIN, 1);
	for (int i = 0; i < 3; i++) {
		children[i] = sure(fork(), "fork");
		if (children[i] == 0) {
			struct timespec limit = { 1, 500 * MS };
			struct epoll_event event = { 0 };
			sigset_t mask;
			int none = sure(epoll_create1(0), "epoll_create1"), got;
			long late;

			sigfillset(&mask);
			got = i == 0 ? epoll_wait(none, &event, 1, 1500) :
			      i == 1 ? epoll_pwait2(none, &event, 1, &limit, &mask) :
				       epoll_pwait(epoll, &event, 1, -1, &mask);
			late = (int64_t)(now_ns() - start) / MS - 1500;
			expect(got, i == 2, "count of events");
			if (i < 2 && (late < 0 || late > 80))
				wrong("sleeper %d woke %ld ms late", i, late);
			sigprocmask(SIG_BLOCK, NULL, &mask);
			expect(sigismember(&mask, SIGUSR1), 0, "mask behind the wait");
			_exit(died() ? 1 : 2);
		}
	}
	sleep_ms(20);
	wait_for_death();
	add_count(counter, 1);
	for (int i = 0; i < 3; i++)
		expect_exit(children[i], 1);
}

// Signals and time through the same epoll file, as event loops have it.
static void epoll_loop(void)
{
	sigset_t mask = block(SIGUSR1, SIGCHLD);
	int epoll = sure(epoll_create1(0), "epoll_create1"), timer = sure(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), "timerfd_create");
	int signals = sure(signalfd(-1, &mask, SFD_NONBLOCK), "signalfd"), rounds = 0;

	watch(epoll, timer, EPOLLIN, 1);
	watch(epoll, signals, EPOLLIN, 2);
	set_timer(timer, 0, 3 * MS, 3 * MS);
	ready();
	for (int after = 0; after < 20; rounds++) {
		struct epoll_event event = { 0 };

		expect(sure(epoll_wait(epoll, &event, 1, 1000), "epoll_wait"), 1, "count of events");
		if (event.data.u64 == 1) {
			take_count(timer);
			kill(getpid(), SIGUSR1);
		} else {
			expect_signal(signals, SIGUSR1, 0);
		}
		after += died();
	}
}

// --- timer_create ---

static volatile sig_atomic_t rings, last_value, overruns;
static volatile pid_t rung_in;

static void on_ring(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	rings++;
	last_value = info->si_value.sival_int;
	overruns += info->si_overrun;
	rung_in = gettid();
}

static timer_t make_timer(clockid_t clock, int notify, int value)
{
	struct sigaction action = { .sa_sigaction = on_ring, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent event = { .sigev_notify = notify, .sigev_signo = SIGRTMIN + 2, .sigev_value.sival_int = value };
	timer_t timer;

	event._sigev_un._tid = notify == SIGEV_THREAD_ID ? gettid() : 0;
	sigaction(SIGRTMIN + 2, &action, NULL);
	sure(timer_create(clock, &event, &timer), "timer_create");
	return timer;
}

static void start(timer_t timer, int flags, int64_t first, int64_t period)
{
	struct itimerspec when = {
		.it_value = { first / 1000000000, first % 1000000000 },
		.it_interval = { period / 1000000000, period % 1000000000 },
	};

	sure(timer_settime(timer, flags, &when, NULL), "timer_settime");
}

static struct itimerspec left_of(timer_t timer)
{
	struct itimerspec left;

	sure(timer_gettime(timer, &left), "timer_gettime");
	return left;
}

static void timer_once(void)
{
	uint64_t begin = now_ns();
	timer_t deleted = make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, 1), first = make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, 41);
	timer_t silent = make_timer(CLOCK_BOOTTIME, SIGEV_NONE, 2), real = make_timer(CLOCK_REALTIME, SIGEV_THREAD_ID, 42);
	long late;

	sure(timer_delete(deleted), "timer_delete");
	start(first, 0, 1500 * MS, 0);
	start(real, 0, 1700 * MS, 0);
	start(silent, 0, 100000 * MS, 5 * MS);
	wait_for_death();
	expect(left_of(silent).it_value.tv_sec >= 98, 1, "seconds left of the silent timer");
	expect(left_of(silent).it_interval.tv_nsec, 5 * MS, "its interval");
	for (int i = 1; i <= 2; i++) {
		while (rings < i)
			sleep_ms(5);
		late = (int64_t)(now_ns() - begin) / MS - 1300 - 200 * i;
		if (late < 0 || late > 60)
			wrong("timer %d came %ld ms late", i, late);
		expect(last_value, 40 + i, "value");
	}
	expect(timer_delete(first) | timer_delete(real) | timer_delete(silent), 0, "timer_delete");
	expect(timer_delete(deleted), -1, "a second timer_delete");
}

// Every period is told of or counted as overrun: those before the death, and those of the time between the kernels.
static void timer_interval(void)
{
	timer_t timer = make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, 7);
	uint64_t begin = now_ns();
	long told, periods;

	start(timer, 0, 10 * MS, 10 * MS);
	wait_for_death();
	sleep_ms(25);
	told = rings + overruns;
	periods = (long)((now_ns() - begin) / (10 * MS));
	if (told < periods - 1 || told > periods)
		wrong("%ld periods told of %ld", told, periods);
	sleep_ms(50);
	expect(rings + overruns - told >= 4, 1, "periods told afterwards");
}

// Its signal waits to be taken: it does, once, and the timer goes on when it is.
static void timer_pending(void)
{
	sigset_t mask;
	timer_t timer;

	sigemptyset(&mask);
	sigaddset(&mask, SIGRTMIN + 2);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	timer = make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, 3);
	start(timer, 0, 10 * MS, 10 * MS);
	sleep_ms(25);
	wait_for_death();
	expect(rings, 0, "signals caught though blocked");
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
	expect(rings, 1, "signals caught");
	expect(overruns > 2, 1, "overruns");
	expect(last_value, 3, "value");
	sleep_ms(35);
	expect(rings >= 3, 1, "the timer goes on");
}

static void timer_processor(void)
{
	timer_t timer = make_timer(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, 5);
	uint64_t begin;

	start(timer, 0, 100000 * MS, 3 * MS);
	wait_for_death();
	expect(left_of(timer).it_value.tv_sec >= 98, 1, "seconds left");
	expect(left_of(timer).it_interval.tv_nsec, 3 * MS, "interval");
	start(timer, 0, 10 * MS, 0);
	for (begin = now_ns(); !rings && now_ns() - begin < 2000 * MS;)
		continue;
	expect(rings, 1, "signals caught");
}

const struct scenario watch_scenarios[] = {
	{ "eventfd-count", eventfd_count },
	{ "eventfd-semaphore", eventfd_semaphore },
	{ "eventfd-sleepers", eventfd_sleepers },
	{ "timerfd-once", timerfd_once },
	{ "timerfd-interval", timerfd_interval },
	{ "timerfd-idle", timerfd_idle },
	{ "signalfd-pending", signalfd_pending },
	{ "signalfd-reader", signalfd_reader },
	{ "epoll-level", epoll_level },
	{ "epoll-edge", epoll_edge },
	{ "epoll-oneshot", epoll_oneshot },
	{ "epoll-nested", epoll_nested },
	{ "epoll-moved", epoll_moved },
	{ "epoll-shared", epoll_shared },
	{ "epoll-sleepers", epoll_sleepers },
	{ "epoll-loop", epoll_loop },
	{ "timer-once", timer_once },
	{ "timer-interval", timer_interval },
	{ "timer-pending", timer_pending },
	{ "timer-processor", timer_processor },
	{ NULL, NULL },
};
