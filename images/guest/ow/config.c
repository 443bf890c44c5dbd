// ow: /etc/otherworld.conf.
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "kernel.h"

static void add_rule(struct config *config, const char *name, bool resurrect)
{
	struct rule *rule = &config->rules[config->rule_count];

	if (config->rule_count == sizeof(config->rules) / sizeof(config->rules[0])) {
		mark("ow: config rules=too-many\n");
		return;
	}
	snprintf(rule->name, sizeof(rule->name), "%s", name);
	rule->resurrect = resurrect;
	config->rule_count++;
}

static void read_line(struct config *config, const char *line)
{
	char word[16] = "", rest[128] = "";

	if (sscanf(line, "%15s %127[^\n]", word, rest) < 2 || word[0] == '#')
		return;
	if (!strcmp(word, "resurrect"))
		add_rule(config, rest, true);
	else if (!strcmp(word, "leave"))
		add_rule(config, rest, false);
	else if (!strcmp(word, "mount"))
		sscanf(rest, "%63s %63s %15s %127s", config->device, config->directory, config->type, config->options);
	else if (!strcmp(word, "arm"))
		sscanf(rest, "%127s %127s", config->kernel, config->initramfs);
	else
		mark("ow: config unknown=%s\n", word);
}

void read_config(struct config *config)
{
	char line[256];
	FILE *file = fopen("/etc/otherworld.conf", "re");

	strcpy(config->device, "/dev/vda");
	strcpy(config->directory, "/data");
	strcpy(config->type, "ext4");
	strcpy(config->options, "noinit_itable");
	strcpy(config->kernel, "/data/boot/vmlinux");
	strcpy(config->initramfs, "/data/boot/initramfs.cpio");
	while (file && fgets(line, sizeof(line), file))
		read_line(config, line);
	if (file)
		fclose(file);
	else
		add_rule(config, "*", true);
}

bool selected(const struct config *config, const char *comm)
{
	for (size_t i = 0; i < config->rule_count; i++)
		if (fnmatch(config->rules[i].name, comm, 0) == 0)
			return config->rules[i].resurrect;
	return false;
}
