// SPDX-License-Identifier: MIT
// A boot loader's second half, for emulators that start disks only: entered by multiboot 1 with a kernel (an ELF image with a PVH note) and a root file
// system as its modules, it puts the kernel where its segments belong and enters it as PVH says (Xen, public/arch-x86/hvm/start_info.h).
#include <stdint.h>

#define MULTIBOOT_MAGIC 0x1badb002u
#define MULTIBOOT_FLAGS 3u // modules on page boundaries; the map of memory is wanted
#define PVH_MAGIC 0x336ec578u
#define PHYS32_ENTRY 18u

// Above every segment of the kernel and whatever the boot loader has put next to it.
#define KERNEL_FILE ((char *)0x8000000)
#define ROOT_FILE ((char *)0xa000000)
#define MOST_REGIONS 16

struct multiboot_header {
	uint32_t magic, flags, checksum;
};

struct multiboot_module {
	uint32_t start, end;
	char *text;
	uint32_t reserved;
};

struct multiboot_info {
	uint32_t flags, lower, upper, device, command_line, count;
	struct multiboot_module *modules;
	uint32_t symbols[4], map_length, map;
};

struct multiboot_region {
	uint32_t size; // of what follows
	uint64_t address, length;
	uint32_t type;
} __attribute__((packed));

struct pvh_module {
	uint64_t address, size, text, reserved;
};

struct pvh_region {
	uint64_t address, size;
	uint32_t type, reserved;
};

struct pvh_start {
	uint32_t magic, version, flags, count;
	uint64_t modules, command_line, rsdp, map;
	uint32_t regions, reserved;
};

struct elf_header {
	uint8_t identification[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, segments, sections;
	uint32_t flags;
	uint16_t size, segment_size, segment_count;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, linear, physical, in_file, in_memory, alignment;
};

struct elf_note {
	uint32_t name_size, size, type;
};

__attribute__((section(".multiboot"), used)) static const struct multiboot_header header = {
	MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS),
};

static struct pvh_start hello;
static struct pvh_module root;
static struct pvh_region map[MOST_REGIONS];

static void move(char *to, const char *from, uint32_t size)
{
	if (to <= from) {
		for (uint32_t i = 0; i < size; i++)
			to[i] = from[i];
	} else {
		while (size-- > 0)
			to[size] = from[size];
	}
}

static uint32_t entry_of(const char *note, const char *end)
{
	while (note < end) {
		const struct elf_note *header = (const void *)note;
		const char *value = note + sizeof(*header) + ((header->name_size + 3) & ~3u);

		if (header->type == PHYS32_ENTRY)
			return *(const uint32_t *)value;
		note = value + ((header->size + 3) & ~3u);
	}
	return 0;
}

// Copies the segments; returns where the kernel is entered.
static uint32_t place(char *file)
{
	const struct elf_header *elf = (void *)file;
	uint32_t entry = 0;

	for (int i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = (void *)(file + elf->segments + i * elf->segment_size);
		char *from = file + segment->offset, *to = (char *)(uint32_t)segment->physical;

		if (segment->type == 4) // PT_NOTE
			entry = entry ? entry : entry_of(from, from + segment->in_file);
		if (segment->type != 1) // PT_LOAD
			continue;
		move(to, from, segment->in_file);
		for (uint32_t rest = segment->in_file; rest < segment->in_memory; rest++)
			to[rest] = 0;
	}
	return entry;
}

static void describe(const struct multiboot_info *info)
{
	for (uint32_t at = info->map; at < info->map + info->map_length && hello.regions < MOST_REGIONS;) {
		const struct multiboot_region *region = (void *)at;

		map[hello.regions++] = (struct pvh_region){ region->address, region->length, region->type, 0 };
		at += region->size + sizeof(region->size);
	}
	hello.magic = PVH_MAGIC;
	hello.version = 1;
	hello.map = (uint32_t)map;
}

__attribute__((used)) static void chain(const struct multiboot_info *info)
{
	struct multiboot_module kernel = info->modules[0], files = info->modules[1];

	// The root first: the boot loader has put it behind the kernel.
	root = (struct pvh_module){ (uint32_t)ROOT_FILE, files.end - files.start, 0, 0 };
	move(ROOT_FILE, (char *)files.start, files.end - files.start);
	move(KERNEL_FILE, (char *)kernel.start, kernel.end - kernel.start);
	describe(info);
	hello.count = 1;
	hello.modules = (uint32_t)&root;
	hello.command_line = (uint32_t)kernel.text;
	__asm__ volatile("jmp *%0" : : "r"(place(KERNEL_FILE)), "b"(&hello) : "memory");
	__builtin_unreachable();
}

__asm__(".globl start\nstart:\n\tmov $stack, %esp\n\tpush %ebx\n\tcall chain\n\t.bss\n\t.skip 4096\nstack:\n\t.text");
