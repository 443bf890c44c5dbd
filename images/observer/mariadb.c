// MariaDB (client/server protocol 10, text protocol): rows of an InnoDB table and of a MEMORY table, inserted and updated.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observe.h"

#define USER "observer"
#define DATABASE "work"

enum {
	PACKET_OK = 0x00,
	PACKET_END = 0xFE,
	PACKET_ERROR = 0xFF,
	COM_QUERY = 3,
	// Capabilities of the client.
	CONNECT_WITH_DB = 0x8,
	PROTOCOL_41 = 0x200,
	SECURE_CONNECTION = 0x8000,
	PLUGIN_AUTH = 0x80000,
};

struct packet {
	uint8_t sequence;
	size_t length;
	unsigned char bytes[4096];
};

static bool receive_packet(struct stream *stream, struct packet *packet)
{
	unsigned char header[4];

	if (!receive_exactly(stream, header, sizeof(header)))
		return false;
	packet->sequence = header[3];
	packet->length = header[0] | header[1] << 8 | header[2] << 16;
	if (packet->length >= sizeof(packet->bytes)) {
		say("broken a packet of %zu bytes", packet->length);
		exit(3);
	}
	packet->bytes[packet->length] = '\0';
	return receive_exactly(stream, packet->bytes, packet->length);
}

static bool send_packet(struct stream *stream, uint8_t sequence, const void *bytes, size_t length)
{
	unsigned char whole[1024] = { length & 0xFF, length >> 8 & 0xFF, length >> 16, sequence };

	memcpy(whole + 4, bytes, length);
	return send_all(stream, whole, 4 + length);
}

// An integer with its length before it; moves on.
static uint64_t take_integer(const unsigned char **at)
{
	int bytes = **at < 0xFB ? 0 : **at == 0xFC ? 2 : **at == 0xFD ? 3 : 8;
	uint64_t value = 0;

	if (bytes == 0)
		return *(*at)++;
	for (int i = 0; i < bytes; i++)
		value |= (uint64_t)(*at)[1 + i] << (8 * i);
	*at += 1 + bytes;
	return value;
}

// The text of an error packet: behind its code and SQL state.
static const char *error_text(const struct packet *packet)
{
	return packet->length > 9 ? (const char *)packet->bytes + 9 : "an error without a text";
}

// The account has no password, and so the answer to the server's challenge is empty.
static bool greet(struct stream *stream)
{
	static struct packet packet;
	unsigned char answer[128] = { 0 };
	uint32_t capabilities = CONNECT_WITH_DB | PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH;
	size_t length = 32; // capabilities, longest packet, character set, filler

	if (!receive_packet(stream, &packet))
		return false;
	memcpy(answer, &capabilities, sizeof(capabilities));
	answer[8] = 33; // utf8
	length += sprintf((char *)answer + length, "%s", USER) + 1;
	answer[length++] = 0;
	length += sprintf((char *)answer + length, "%s", DATABASE) + 1;
	length += sprintf((char *)answer + length, "mysql_native_password") + 1;
	if (!send_packet(stream, 1, answer, length) || !receive_packet(stream, &packet))
		return false;
	if (packet.bytes[0] == PACKET_END && (!send_packet(stream, packet.sequence + 1, "", 0) || !receive_packet(stream, &packet)))
		return false;
	if (packet.bytes[0] == PACKET_OK)
		return true;
	say("broken %s", error_text(&packet));
	exit(3);
}

static bool query(struct stream *stream, const char *text, struct packet *packet)
{
	char whole[512] = { COM_QUERY };
	int length = 1 + snprintf(whole + 1, sizeof(whole) - 1, "%s", text);

	return send_packet(stream, 0, whole, length) && receive_packet(stream, packet);
}

// Operations go round: a row for the table on the disk, a change of it, a row for the one in memory, a change of that.
static bool operate(struct stream *stream, unsigned number)
{
	static struct packet packet;
	static uint64_t last_id;
	bool inserts = number % 2, on_disk = number % 4 == 1 || number % 4 == 2;
	uint64_t id = on_disk ? last_id : number - !inserts;
	const char *table = on_disk ? "ledger" : "scratch";
	char text[256];

	if (inserts && on_disk) {
		begin("write ledger/? note-%u", number);
		snprintf(text, sizeof(text), "insert into ledger (note) values ('note-%u')", number);
	} else if (inserts) {
		begin("write scratch/%u note-%u", number, number);
		snprintf(text, sizeof(text), "insert into scratch values (%u, 'note-%u')", number, number);
	} else {
		begin("write %s/%lu note-%u", table, id, number);
		snprintf(text, sizeof(text), "update %s set note = 'note-%u' where id = %lu", table, number, id);
	}
	if (!query(stream, text, &packet))
		return false;
	if (packet.bytes[0] == PACKET_OK) {
		const unsigned char *at = packet.bytes + 1;
		uint64_t affected = take_integer(&at), inserted = take_integer(&at);

		if (inserts && on_disk)
			id = last_id = inserted;
		if (affected == 1)
			acknowledge("write %s/%lu note-%u", table, id, number);
		else
			refuse("%lu rows changed", affected);
	} else {
		refuse("%s", error_text(&packet));
	}
	return true;
}

// The rows of a table: text results are a count of columns, their descriptions, an end, the rows, an end.
static bool read_table(struct stream *stream, const char *table)
{
	static struct packet packet;
	char text[128];
	int ends = 0;

	snprintf(text, sizeof(text), "select id, note from %s order by id", table);
	if (!query(stream, text, &packet))
		return false;
	while (packet.bytes[0] != PACKET_ERROR) {
		if (packet.bytes[0] == PACKET_END && packet.length < 9) {
			if (++ends == 2)
				return true;
		} else if (ends == 1) {
			const unsigned char *id = packet.bytes, *note;
			int id_length = take_integer(&id), note_length;

			note = id + id_length;
			note_length = take_integer(&note);
			say("held %s/%.*s %.*s", table, id_length, id, note_length, note);
		}
		if (!receive_packet(stream, &packet))
			return false;
	}
	say("held %s %s", table, error_text(&packet));
	return true;
}

static bool read_back(struct stream *stream, unsigned last)
{
	(void)last;
	return read_table(stream, "ledger") && read_table(stream, "scratch");
}

const struct service mariadb = { "mariadb", 3306, greet, operate, read_back };
