// witness: what its scenarios share. See main.c.
#ifndef WITNESS_H
#define WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct scenario {
	const char *name;
	void (*run)(void);
};

// One table per file, ended by an entry without a name.
extern const struct scenario memory_scenarios[], register_scenarios[], file_scenarios[], identity_scenarios[],
	signal_scenarios[], family_scenarios[], pipe_scenarios[], watch_scenarios[], unix_scenarios[], tcp_scenarios[], udp_scenarios[], thread_scenarios[], shared_scenarios[], memory_tree_scenarios[], sysv_scenarios[], refused_scenarios[], sleep_scenarios[], call_scenarios[], call_net_scenarios[], disk_scenarios[];
extern const struct scenario pty_scenarios[];
extern const struct scenario notify_scenarios[], confined_scenarios[];
extern const struct scenario queue_scenarios[], six_scenarios[], procedure_scenarios[], leader_scenarios[], swap_scenarios[], aio_scenarios[], race_scenarios[];

// One line on the terminal, in one write.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Says that everything is in place, then returns in the next kernel.
void wait_for_death(void);
// Only the first half, and the question itself, for those who have other things to do meanwhile.
void ready(void);
bool died(void);
int deaths(void);
void sleep_ms(long ms);

// Ends the scenario with what is not as it was.
_Noreturn void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
void expect(long got, long wanted, const char *what);
// A call that cannot fail in a healthy system; returns its value.
long sure(long result, const char *what);

// Files of a scenario: /data/NAME/..., the directory is made anew.
const char *in_directory(const char *name);
void make_directory(void);
void put_file(const char *path, const char *text);
void expect_file(const char *path, const char *text);

// Bytes of a stream that knows itself at every place.
#define PIPE_CAPACITY 65536
char stream_at(size_t place);
void make_stream(char *to, size_t from, size_t length);
void expect_stream(const char *bytes, size_t from, size_t length);
// Writes them at once.
void put(int end, size_t from, size_t length);
// Reads so many and no more, in whatever pieces they come.
void take(int end, size_t from, size_t length);
void expect_end(int end);

// Makes the process one that cannot be brought back.
void hold_disk(void);

uint64_t now_ns(void);
void fill(void *data, size_t length, uint64_t seed);
bool filled(const void *data, size_t length, uint64_t seed);
#define PAGE 4096
// Each page with a seed of its own.
void fill_pages(char *at, size_t first, size_t count, uint64_t seed);
void check_pages(const char *at, size_t first, size_t count, uint64_t seed, const char *what);

// The system call that comes next is the one under test: outside, a breakpoint waits for this.
void mark_call(void);
// How the call under test came out: its value or -errno.
void note_result(long result);

#endif
