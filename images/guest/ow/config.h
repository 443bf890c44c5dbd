// ow: /etc/otherworld.conf, and the defaults where it is silent.
#ifndef OW_CONFIG_H
#define OW_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

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

#endif
