#include "capture/spoken.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A connection that is listened to: turns as letters, c and s for what client
 * and server say, with the size of what is missing in front of g. */
struct ear {
	struct ms_stash *stash;
	struct ms_spoken_shared shared;
	struct ms_spoken *spoken;
};

static void
listen_to(struct ear *ear, uint16_t port, size_t memory)
{
	const struct ms_stash_config room = { .memory_max = memory,
		.fd = -1 };

	*ear = (struct ear){ .stash = ms_stash_new(&room) };
	ear->shared.stash = ear->stash;
	ear->spoken = ms_spoken_new(&ear->shared, 7);
	ear->spoken->end[0] = (struct ms_spoken_end){
		{ [10] = 0xff, 0xff, 192, 0, 2, 1 }, 1025 };
	ear->spoken->end[1] = (struct ms_spoken_end){
		{ 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, port };
	ear->spoken->seen[0] = ear->spoken->seen[1] = true;
}

static void
say(struct ear *ear, int from, uint32_t seq, const char *text)
{
	const struct ms_spoken_words words = { from, 1000, seq,
		(const unsigned char *)text, strlen(text) };

	assert_int_equal(ms_spoken_say(ear->spoken, &words, NULL), MS_OK);
}

/* What came of it, "" if it is no dialogue, for g_free(). */
static char *
take(struct ear *ear)
{
	struct ms_dialogue *dialogue = ms_spoken_take(ear->spoken);
	GString *out = g_string_new(NULL);

	for (guint i = 0; dialogue && i < dialogue->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);
		static const char kinds[] = { [MS_TURN_BYTES] = ':',
			[MS_TURN_GAP] = 'g', [MS_TURN_END] = '.',
			[MS_TURN_RESET] = '!', [MS_TURN_NOTE] = 'n',
			[MS_TURN_SECURE] = 't' };
		char bytes[100] = "";
		size_t size = sizeof bytes - 1;

		g_string_append_c(out, turn->side == MS_SIDE_CLIENT ? 'c' :
		    's');
		g_string_append_c(out, kinds[turn->kind]);
		if (turn->kind == MS_TURN_GAP)
			g_string_append_printf(out, "%d", (int)turn->size);
		if (turn->kind != MS_TURN_BYTES)
			continue;
		assert_int_equal(ms_dialogue_read(dialogue, i, 0, bytes,
		    &size, NULL), MS_OK);
		g_string_append(out, g_strdelimit(bytes, "\r\n", '/'));
	}
	if (dialogue) {
		assert_string_equal(dialogue->unit, "packet");
		assert_int_equal(dialogue->position, 7);
		assert_int_equal(dialogue->number, 1);
	}
	ms_dialogue_free(dialogue);
	ms_spoken_free(ear->spoken);
	ms_stash_free(ear->stash);
	return g_string_free(out, FALSE);
}

static void
same(struct ear *ear, const char *want)
{
	char *got = take(ear);

	assert_string_equal(got, want);
	g_free(got);
}

static void
test_smtp(void **state)
{
	struct ear ear;

	(void)state;
	listen_to(&ear, 25, 1 << 20);
	ms_spoken_begin(ear.spoken, 0);
	say(&ear, 1, 1, "220 a\r\n");
	say(&ear, 0, 1, "QUIT\r\n");
	assert_int_equal(ms_spoken_end(ear.spoken, 0, 1000, false, NULL),
	    MS_OK);
	assert_int_equal(ms_spoken_end(ear.spoken, 1, 1000, true, NULL),
	    MS_OK);
	assert_string_equal(ear.spoken->dialogue->client, "192.0.2.1:1025");
	assert_string_equal(ear.spoken->dialogue->server,
	    "[2001:db8::1]:25");
	same(&ear, "s:220 a//c:QUIT//c.s!");
}

/* Who is the client is known when words show it; what was noted is turned
 * round then. */
static void
test_turned(void **state)
{
	struct ear ear;

	(void)state;
	listen_to(&ear, 9999, 1 << 20);
	say(&ear, 0, 1, "220 a\r\n");
	say(&ear, 1, 1, "HELO b\r\n");
	same(&ear, "s:220 a//c:HELO b//");
}

/* What is something else is forgotten, unless the same ends spoke SMTP. */
static void
test_other(void **state)
{
	struct ear ear;

	(void)state;
	listen_to(&ear, 80, 1 << 20);
	ms_spoken_begin(ear.spoken, 0);
	say(&ear, 1, 1, "+OK\r\n");
	assert_int_equal(ear.spoken->smell, MS_SMELL_OTHER);
	assert_null(ear.spoken->dialogue);
	say(&ear, 0, 1, "more");
	assert_int_equal(ms_spoken_gap(ear.spoken, 0, 1000, 5, NULL), MS_OK);
	assert_int_equal(ms_spoken_cut(ear.spoken, "why", NULL), MS_OK);
	same(&ear, "");
	listen_to(&ear, 80, 1 << 20);
	ear.spoken->again = true;
	ms_spoken_begin(ear.spoken, 0);
	say(&ear, 1, 1, "+OK\r\n");
	same(&ear, "s:+OK//");
}

static void
test_gaps(void **state)
{
	struct ear ear;

	(void)state;
	listen_to(&ear, 25, 1 << 20);
	say(&ear, 0, 1, "HELO b\r\n");
	assert_int_equal(ms_spoken_gap(ear.spoken, 0, 1000, 5, NULL), MS_OK);
	say(&ear, 0, 14, "DATA\r\n");
	assert_int_equal(ms_spoken_cut(ear.spoken, "enough", NULL), MS_OK);
	same(&ear, "c:HELO b//cg5c:DATA//cncg0sg0");
}

/* Without room nothing is said but how much is missing, or not even that. */
static void
test_full(void **state)
{
	char *line = g_strnfill(5000, 'x');
	struct ear ear;

	(void)state;
	listen_to(&ear, 25, 4096);
	say(&ear, 0, 1, "HELO b\r\n");
	say(&ear, 0, 9, line);
	same(&ear, "c:HELO b//cg5000");
	listen_to(&ear, 25, 0);
	say(&ear, 0, 1, "HELO b\r\n");
	assert_int_equal(ms_spoken_cut(ear.spoken, "enough", NULL), MS_OK);
	assert_true(ear.shared.unsaid);
	same(&ear, "");
	g_free(line);
}

/* Words that are sent again are looked up where they were said. */
static void
test_again(void **state)
{
	static const struct {
		uint32_t seq;
		const char *text;
		bool same;
	} rows[] = {
		{ 100, "HELO b\r\n", true }, { 100, "HELO c\r\n", false },
		{ 104, " b\r\n", true }, { 108, "MAIL", true },
		{ 106, "\r\nMAIL", true }, { 106, "\r\nmail", false },
		{ 112, "new", true }, { 110, "ILxyz", true },
		{ 90, "before the HELO", false },
	};
	struct ear ear;

	(void)state;
	listen_to(&ear, 25, 1 << 20);
	say(&ear, 0, 100, "HELO b\r\n");
	say(&ear, 1, 1, "250 a\r\n");
	say(&ear, 0, 108, "MAIL");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_spoken_words words = { 0, 1000, rows[i].seq,
			(const unsigned char *)rows[i].text,
			strlen(rows[i].text) };
		bool is;

		assert_int_equal(ms_spoken_compare(ear.spoken, &words, &is,
		    NULL), MS_OK);
		if (is != rows[i].same)
			fail_msg("%zu: %s", i, rows[i].text);
	}
	same(&ear, "c:HELO b//s:250 a//c:MAIL");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smtp),
		cmocka_unit_test(test_turned),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
