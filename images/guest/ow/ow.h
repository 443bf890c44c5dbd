// ow: what its parts share.
#ifndef OW_H
#define OW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// /etc/otherworld.conf, and the defaults where it is silent.
struct rule {
	char name[32];
	bool resurrect;
};

struct config {
	struct rule rules[64];
	size_t rule_count;
	char device[64], directory[64], type[16], options[128]; // file system to mount
	char kernel[128], initramfs[128];                       // what to arm for the next death
};

void read_config(struct config *config);
bool selected(const struct config *config, const char *comm);

// One line of /proc/otherworld/tasks.
struct process {
	pid_t pid, ppid;
	unsigned int exit_state;
	int exit_code;
	char comm[32];
	bool revive;  // selected and alive
	bool stand_in; // dead, but its parent comes back and may want to reap it
};

// Clones the whole tree, lets every clone become its process and waits until they stand at the gate.
void resurrect(const struct config *config);

// Writes one command to /proc/otherworld/control; 0 or -errno.
int control(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Writes one line to the debug port.
void mark(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
