#include "capture/tcp.h"

#include <glib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SYN MS_PACKET_SYN
#define ACK MS_PACKET_ACK
#define FIN MS_PACKET_FIN
#define RST MS_PACKET_RST

/* A segment, of the client (0) or the server (1), whose bytes begin at 1000
 * and at 5000. */
struct packet {
	int from;
	uint32_t seq, ack;
	unsigned flags;
	const char *text;
};

/* What was said by whom, "g5" for what is missing, "." and "!" for ends. */
static void
append_turn(GString *out, const struct ms_dialogue *dialogue, guint i)
{
	const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);
	char bytes[100] = "";
	size_t size = sizeof bytes - 1;

	if (turn->kind == MS_TURN_NOTE)
		return;
	g_string_append(out, turn->side == MS_SIDE_CLIENT ? "c" : "s");
	if (turn->kind == MS_TURN_GAP)
		g_string_append_printf(out, "g%d", (int)turn->size);
	else if (turn->kind != MS_TURN_BYTES)
		g_string_append(out, turn->kind == MS_TURN_END ? "." : "!");
	if (turn->kind != MS_TURN_BYTES)
		return;
	assert_int_equal(ms_dialogue_read(dialogue, i, 0, bytes, &size,
	    NULL), MS_OK);
	g_string_append(out, g_strdelimit(bytes, "\r\n", '/'));
}

/* What comes of COUNT packets, of a connection that was seen from the BEGIN;
 * all sequence numbers are SHIFT later. */
static void
run(const struct packet *packets, size_t count, bool begin, uint32_t shift,
    const char *want)
{
	const struct ms_stash_config room = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_order_pool pool = { 0, SIZE_MAX };
	struct ms_spoken_shared shared = { .stash = ms_stash_new(&room) };
	struct ms_spoken *spoken = ms_spoken_new(&shared, 1);
	struct ms_tcp *tcp;
	struct ms_dialogue *dialogue;
	GString *out = g_string_new(NULL);

	spoken->end[0].port = 1025;
	spoken->end[1].port = 25;
	tcp = ms_tcp_new(spoken, &pool);
	if (begin) {
		ms_spoken_begin(spoken, 0);
		ms_tcp_begin(tcp, 0, 999 + shift);
		ms_tcp_begin(tcp, 1, 4999 + shift);
	}
	for (size_t i = 0; i < count; i++) {
		const struct packet *p = &packets[i];
		const struct ms_packet_segment segment = { .packet = i + 1,
			.time_us = (int64_t)i * 100000,
			.seq = p->seq + shift, .ack = p->ack + shift,
			.flags = p->flags,
			.data = (const unsigned char *)p->text,
			.size = strlen(p->text) };

		assert_int_equal(ms_tcp_feed(tcp, p->from, &segment, NULL),
		    MS_OK);
	}
	g_string_append(out, ms_tcp_is_done(tcp) ? "done " : "");
	assert_int_equal(ms_tcp_finish(tcp, NULL), MS_OK);
	dialogue = ms_spoken_take(spoken);
	for (guint i = 0; dialogue && i < dialogue->turns->len; i++)
		append_turn(out, dialogue, i);
	assert_string_equal(out->str, want);
	ms_dialogue_free(dialogue);
	ms_tcp_free(tcp);
	ms_stash_free(shared.stash);
	(void)g_string_free(out, TRUE);
}

static const struct packet whole[] = {
	{ 1, 5000, 1000, ACK, "220 a\r\n" },
	{ 0, 1000, 5007, ACK, "EHLO b\r\n" },
	{ 1, 5007, 1008, ACK, "250 a\r\n" },
	{ 0, 1008, 5014, ACK | FIN, "QUIT\r\n" },
	{ 1, 5014, 1015, ACK | FIN, "" },
	{ 0, 1015, 5015, ACK, "" },
};
static const char said[] = "done s220 a//cEHLO b//s250 a//cQUIT//c.s.";

static void
test_whole(void **state)
{
	(void)state;
	run(whole, G_N_ELEMENTS(whole), true, 0, said);
	/* Numbers begin again at 0 behind the last one. */
	run(whole, G_N_ELEMENTS(whole), true, UINT32_MAX - 1004, said);
	run(whole, G_N_ELEMENTS(whole), true, UINT32_MAX - 5003, said);
}

/* Packets that come twice, late, or with what was said already change
 * nothing. */
static void
test_order(void **state)
{
	static const struct packet packets[] = {
		{ 1, 5000, 1000, ACK, "220 a\r\n" },
		{ 0, 1004, 5007, ACK, " b\r\n" },
		{ 0, 1000, 5007, ACK, "EHLO" },
		{ 0, 1002, 5007, ACK, "LO b\r\n" },
		{ 0, 1000, 5007, ACK, "EHLO b\r\n" },
		{ 1, 5000, 1000, ACK, "220 a\r\n" },
		{ 1, 5007, 1008, ACK, "250 a\r\n" },
	};

	(void)state;
	run(packets, G_N_ELEMENTS(packets), true, 0,
	    "s220 a//cEHLO b//s250 a//");
	run(packets, G_N_ELEMENTS(packets), true, UINT32_MAX - 1003,
	    "s220 a//cEHLO b//s250 a//");
}

/* What the server has acknowledged was said, and was not captured. */
static void
test_lost(void **state)
{
	static const struct packet packets[] = {
		{ 1, 5000, 1000, ACK, "220 a\r\n" },
		{ 0, 1000, 5007, ACK, "EHLO b\r\n" },
		{ 1, 5007, 1008, ACK, "250 a\r\n" },
		{ 1, 5014, 1028, ACK, "250 b\r\n" },
		{ 0, 1028, 5021, ACK, "DATA\r\n" },
	};

	(void)state;
	run(packets, G_N_ELEMENTS(packets), true, 0,
	    "s220 a//cEHLO b//s250 a//cg20s250 b//cDATA//");
}

/* Nobody who is not in the connection can end it. */
static void
test_forged(void **state)
{
	static const struct packet packets[] = {
		{ 1, 5000, 1000, ACK, "220 a\r\n" },
		{ 0, 900000000, 5007, RST, "" },
		{ 0, 900000000, 5007, ACK, "QUIT\r\n" },
		{ 0, 1000, 5007, ACK, "EHLO b\r\n" },
		{ 1, 5007, 1008, ACK, "250 a\r\n" },
		{ 1, 5014, 1008, RST | ACK, "" },
	};

	(void)state;
	run(packets, 5, true, 0, "s220 a//cEHLO b//s250 a//");
	run(packets, 6, true, 0, "s220 a//cEHLO b//s250 a//s!");
}

/* Heard from the middle on. */
static void
test_middle(void **state)
{
	(void)state;
	run(whole + 1, G_N_ELEMENTS(whole) - 1, false, 0,
	    "done cEHLO b//s250 a//cQUIT//c.s.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
