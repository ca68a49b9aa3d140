#include "capture/flows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/*
 * Connections as a list of packets, one per word: who sends ("C", "S"), flags
 * (S F R A), and then in any order "@" where its first byte is in what that
 * side says (its SYN is at -1; default: behind all it said), "=" its bytes
 * ("_" is a space, "/" a line end), "+" bytes more that were not captured, "^"
 * what it acknowledges (default: all that the other said), "~" seconds that
 * passed. "C2": another connection. Letters for "a" to "z" begin others.
 */

#define C_ISN 0xfffffff0u	/* wraps soon */
#define S_ISN 1000u
#define GREET "CS@-1 SSA@-1 CA S=220_a_ESMTP/ C=EHLO_x/ S=250_b/ "
#define GREETED "S<220 a ESMTP/> C<EHLO x/> S<250 b/> "

struct talk {
	struct ms_flows *flows;
	struct ms_stash *stash;
	uint64_t packets;
	int64_t time_us;
	int32_t end[2];		/* of what a side said so far */
	uint32_t shift;		/* of the sequence numbers */
	uint16_t ports[2];
};

static int
setup(void **state)
{
	static const struct ms_stash_config config = { 4 << 20, -1, 0 };
	struct talk *t = g_new0(struct talk, 1);

	t->stash = ms_stash_new(&config);
	t->flows = ms_flows_new(t->stash);
	t->time_us = 1000000;
	t->ports[0] = 40000;
	t->ports[1] = 2626;
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct talk *t = *state;

	ms_flows_free(t->flows);
	ms_stash_free(t->stash);
	g_free(t);
	return 0;
}

static void
give(struct talk *t, const char *word)
{
	int from = *word++ == 'S';
	struct ms_packet_segment s = { .packet = ++t->packets };
	int32_t at = t->end[from], ack = t->end[1 - from];
	GString *data = g_string_new(NULL);
	char *rest;

	s.from[10] = s.from[11] = s.to[10] = s.to[11] = 0xff;
	s.from[12] = s.to[12] = 10;
	s.from[15] = (unsigned char)(1 + from);
	s.to[15] = (unsigned char)(2 - from);
	s.from_port = t->ports[from];
	s.to_port = t->ports[1 - from];
	s.flags = from ? MS_PACKET_ACK : 0;
	t->time_us += 100;
	for (; *word; word++) {
		switch (*word) {
		case 'S': s.flags |= MS_PACKET_SYN; break;
		case 'F': s.flags |= MS_PACKET_FIN; break;
		case 'R': s.flags |= MS_PACKET_RST; break;
		case 'A': s.flags |= MS_PACKET_ACK; break;
		case 'B': s.bad_checksum = true; break;
		case '=':
			s.flags |= MS_PACKET_ACK;
			for (word++; *word; word++) {
				if (*word == '/')
					g_string_append(data, "\r\n");
				else
					g_string_append_c(data,
					    *word == '_' ? ' ' : *word);
			}
			word--;
			break;
		case '@': case '^': case '+': case '~': case '%': {
			char what = *word;
			long n = strtol(word + 1, &rest, 10);

			word = rest - 1;
			if (what == '@')
				at = (int32_t)n;
			else if (what == '^')
				ack = (int32_t)n;
			else if (what == '+')
				s.missing = (uint32_t)n;
			else if (what == '~')
				t->time_us += n * 1000000;
			else
				t->shift = (uint32_t)n;
			break;
		}
		default: fail_msg("what is %s?", word);
		}
	}
	s.seq = (from ? S_ISN : C_ISN) + t->shift + 1 + (uint32_t)at;
	s.ack = (from ? C_ISN : S_ISN) + t->shift + 1 + (uint32_t)ack;
	if (!(s.flags & MS_PACKET_ACK))
		s.ack = 0;
	s.data = (const unsigned char *)data->str;
	s.size = data->len;
	s.time_us = t->time_us;
	at += (int32_t)(s.size + s.missing);
	t->end[from] = MAX(t->end[from], at);
	assert_int_equal(MS_OK, ms_flows_feed(t->flows, &s, NULL));
	g_string_free(data, TRUE);
}

static void
show(GString *out, const struct ms_dialogue *d)
{
	static const char *const kinds[] = { "", "gap", "end", "reset",
		"note", "secure" };
	int open = -1;

	if (!d->begun)
		g_string_append(out, "cut ");
	for (size_t i = 0; i < d->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(d, i);
		char side = turn->side == MS_SIDE_CLIENT ? 'C' : 'S';
		char block[200];
		size_t got = sizeof block;

		assert_int_equal(MS_OK,
		    ms_dialogue_read(d, i, 0, block, &got, NULL));
		if (turn->kind != MS_TURN_BYTES || open != side)
			g_string_append(out, open >= 0 ? "> " : "");
		if (turn->kind == MS_TURN_BYTES) {
			if (open != side)
				g_string_append_printf(out, "%c<", side);
			open = side;
			for (size_t k = 0; k < got; k++)
				if (block[k] != '\r')
					g_string_append_c(out,
					    block[k] == '\n' ? '/' :
					    block[k]);
			continue;
		}
		open = -1;
		g_string_append_printf(out, "%s %c", kinds[turn->kind],
		    side);
		if (turn->kind == MS_TURN_GAP)
			g_string_append_printf(out, " %llu",
			    (unsigned long long)turn->size);
		if (turn->kind == MS_TURN_NOTE)
			g_string_append_printf(out, " %.12s", block);
		g_string_append(out, "; ");
	}
	g_string_append(out, open >= 0 ? "> " : "");
}

static GString *
finish(struct talk *t)
{
	GString *out = g_string_new(NULL);
	struct ms_dialogue *d;

	ms_flows_end(t->flows);
	while (ms_flows_take(t->flows, &d, NULL) == MS_OK) {
		g_string_append(out, out->len ? "| " : "");
		show(out, d);
		ms_dialogue_free(d);
	}
	if (out->len > 0)
		g_string_truncate(out, out->len - 1);
	return out;
}

static void
play(struct talk *t, const char *packets)
{
	gchar **words = g_strsplit(packets, " ", -1);

	for (size_t i = 0; words[i]; i++)
		if (*words[i])
			give(t, words[i]);
	g_strfreev(words);
}

static const struct {
	const char *name, *packets, *want;
} cases[] = {
	{ "nothing", "", "" },
	{ "plain", GREET "C=QUIT/ S=221_bye/ SF CFA SA",
	    GREETED "C<QUIT/> S<221 bye/> end S; end C;" },
	{ "no bytes", "CS@-1 SSA@-1 CA CFA SFA", "" },
	{ "sent twice", GREET "C@0=EHLO_x/ S@0=220_a_ESMTP/ C=QUIT/",
	    GREETED "C<QUIT/>" },
	{ "sent twice, with other bounds", GREET "C=QU C@10=IT/NO C@0=EHLO_x/"
	    "QUIT/NOOP/", GREETED "C<QUIT/NOOP/>" },
	{ "overlap that differs", GREET "C=QUIT/ C@8=quit/ C@8=QUIT/",
	    GREETED "C<QUIT/> note C packet 8 say; gap C 0;" },
	{ "overlap that differs, long after", GREET "C@8=QUIT/ C=a/ S=1/ C=b/ "
	    "S=2/ C=c/ S=3/ C=d/ S=4/ C=e/ S=5/ C=f/ S=6/ C=g/ S=7/ C=h/ S=8/ "
	    "C=i/ S=9/ C@8=quit/ C@8=QUIT/", GREETED "C<QUIT/a/> S<1/> "
	    "C<b/> S<2/> C<c/> S<3/> C<d/> S<4/> C<e/> S<5/> C<f/> S<6/> "
	    "C<g/> S<7/> C<h/> S<8/> C<i/> S<9/> note C packet 26 sa; "
	    "gap C 0;" },
	{ "overlap that differs, both too early", GREET
	    "C@10=IT/ C@8=QUxT/ S=221/", GREETED
	    "note C packet 8 say; C<QUIT/> S<221/> gap C 0;" },
	{ "reordered", GREET "C@14=NOOP/ C@8=QUIT/ C@22=ET/ C@20=RS",
	    GREETED "C<QUIT/NOOP/RSET/>" },
	{ "reordered by ones", GREET "C@9=b C@11=d C@10=c C@8=a",
	    GREETED "C<abcd>" },
	{ "reply before the command", GREET "S^14=221/ C@8^20=QUIT/",
	    GREETED "C<QUIT/> S<221/>" },
	{ "lost, and acknowledged", GREET "C@14=QUIT/ S=221/ SF CFA",
	    GREETED "gap C 6; C<QUIT/> S<221/> end S; end C;" },
	{ "lost, at the end", GREET "C@14=QUIT/",
	    GREETED "gap C 6; C<QUIT/>" },
	{ "never seen, but acknowledged", GREET "S^16=221/",
	    "S<220 a ESMTP/> C<EHLO x/> S<250 b/221/> gap C 8;" },
	{ "cut packets", GREET "C+1000=MAIL C=RCPT S=250",
	    GREETED "C<MAIL> gap C 1000; C<RCPT> S<250>" },
	{ "keep-alives", GREET "C@7=x C@7=y S@19=z S@19 C@7 C=QUIT/",
	    GREETED "C<QUIT/>" },
	{ "probes of a closed window", GREET "C@8=Q C@8=Q C@8=QUIT/",
	    GREETED "C<QUIT/>" },
	{ "reset", GREET "CR", GREETED "reset C;" },
	{ "reset out of place", GREET "CR@-70000 SR@9000000 C^20=QUIT/",
	    GREETED "C<QUIT/>" },
	{ "reset that was none", GREET "CR C=QUIT/ S=221/",
	    GREETED "reset C; C<QUIT/> S<221/>" },
	{ "reset that was none, after long", GREET "CR C~3=QUIT/ S=221/",
	    GREETED "reset C; | cut C<QUIT/> S<221/>" },
	{ "ends that were none", GREET "CF SF C@9=QUIT/ S@20=221/",
	    GREETED "end C; end S; | cut C<QUIT/> S<221/>" },
	{ "refused", "CS@-1 SRA@0", "" },
	{ "end that was none", GREET "CF C=QUIT/",
	    GREETED "end C; note C it goes on a; C<QUIT/>" },
	{ "end before the bytes", GREET "CF@14 C@8=QUIT/ SF",
	    GREETED "C<QUIT/> end C; end S;" },
	{ "end again and again", GREET "CF CF CF SF SF CF",
	    GREETED "end C; end S;" },
	{ "no SYN", "S=220_a_ESMTP/ C=EHLO_x/ S=250_b/ C=QUIT/",
	    "cut S<220 a ESMTP/> C<EHLO x/> S<250 b/> C<QUIT/>" },
	{ "no SYN, client first", "C=EHLO_x/ S=250_b/ C=QUIT/",
	    "cut C<EHLO x/> S<250 b/> C<QUIT/>" },
	{ "SYN after the first bytes", "C@8=QUIT/ CS@-1 C@0=EHLO_x/",
	    "C<EHLO x/QUIT/>" },
	{ "one side only", "SSA@-1 S=220_a_ESMTP/ S=250_b/ SF",
	    "S<220 a ESMTP/250 b/> end S;" },
	{ "one side only, the other", "CS@-1 C=EHLO_x/ C=MAIL_FROM:<a>/ CF",
	    "C<EHLO x/MAIL FROM:<a>/> end C;" },
	{ "another one between the same ends", GREET "SF CFA CS@-1%5000000 "
	    "SSA@-1 C@0^0=EHLO_y/ S@0=250_c/", GREETED
	    "end S; end C; | C<EHLO y/> S<250 c/>" },
	{ "another one that nobody answers", GREET "CS@5000 C@8=QUIT/",
	    GREETED "C<QUIT/>" },
	{ "another one while the old is open", GREET "CS@-1%5000000 SSA@-1^0 "
	    "C@0^0=EHLO_y/", GREETED "| C<EHLO y/>" },
	{ "another one made up, and the old goes on", GREET "CS@7 C=DATA/ "
	    "S=354/", GREETED "| C<DATA/> S<354/>" },
	{ "another one made up, within content", GREET "C=DATA/ S=354/ CS@13 "
	    "C=From:_a/ C=./ S=250/", GREETED
	    "C<DATA/> S<354/> | C<From: a/./> S<250/>" },
	{ "another one long after", GREET "CS@-1%5000000~31 "
	    "C@0^0=EHLO_y/", GREETED "| C<EHLO y/>" },
	{ "late packets", GREET "SF CFA C@0=EHLO_x/ S@0=220 CFA",
	    GREETED "end S; end C;" },
	{ "not SMTP", "CS@-1 SSA@-1 S=220_FTP/ C=USER_x/ S=331/", "" },
	{ "not SMTP at all", "CS@-1 SSA@-1 C=GET_//", "" },
	{ "greeting without a name", "CS@-1 SSA@-1 S=220_hi/ C=HELO_x/",
	    "S<220 hi/> C<HELO x/>" },
	{ "commands by letters", "CS@-1 SSA@-1 S=2 S=2 S=0_a/ C=h C=e C=l "
	    "C=o C=_x/", "S<220 a/> C<helo x/>" },
	{ "wrong checksums here and there", GREET "CB=QUIT/",
	    GREETED "C<QUIT/> note C 1 of 2 packe;" },
	{ "right checksums nowhere", "CSB@-1 SSA@-1 CB=EHLO_x/ CB=QUIT/",
	    "C<EHLO x/QUIT/>" },
};

static void
test_cases(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct talk *t;
		GString *out;

		print_message("  %s\n", cases[i].name);
		(void)setup(state);
		t = *state;
		play(t, cases[i].packets);
		out = finish(t);
		assert_string_equal(cases[i].want, out->str);
		g_string_free(out, TRUE);
		(void)teardown(state);
	}
}

/* What was lost by the capture is known before the capture ends. */
static void
test_patience(void **state)
{
	struct talk *t = *state;
	GString *out;

	play(t, GREET "C@14=x");
	for (int i = 0; i < 100; i++)
		play(t, "C=x S");
	play(t, "C@8=QUIT/");
	out = finish(t);
	assert_non_null(strstr(out->str, GREETED "gap C 6; C<xxx"));
	assert_null(strstr(out->str, "QUIT"));
	g_string_free(out, TRUE);
}

/* And what will be sent again is waited for. */
static void
test_waits(void **state)
{
	struct talk *t = *state;
	GString *out;

	play(t, GREET "C@14=x");
	for (int i = 0; i < 100; i++)
		play(t, "C=x S^8");
	play(t, "C@8=QUIT/");
	out = finish(t);
	assert_null(strstr(out->str, "gap"));
	assert_non_null(strstr(out->str, "C<QUIT/xxx"));
	g_string_free(out, TRUE);
}

/* A reset one ends although the capture goes on. */
static void
test_lingers(void **state)
{
	struct talk *t = *state;
	struct ms_dialogue *d;

	play(t, GREET "CR");
	assert_int_equal(MS_END, ms_flows_take(t->flows, &d, NULL));
	t->ports[0]++;
	play(t, "CS@-1~3");
	assert_int_equal(MS_OK, ms_flows_take(t->flows, &d, NULL));
	assert_string_equal("10.0.0.1:40000", d->client);
	assert_string_equal("10.0.0.2:2626", d->server);
	assert_int_equal(1, d->number);
	assert_int_equal(1, d->position);
	assert_string_equal("packet", d->unit);
	assert_true(d->heard[0] && d->heard[1]);
	ms_dialogue_free(d);
}

/* More connections than are kept at a time: all are given, the first ones as
 * cut. */
static void
test_many(void **state)
{
	struct talk *t = *state;
	unsigned dialogues = 0, cut = 0;
	struct ms_dialogue *d;

	for (unsigned i = 0; i < 21000; i++) {
		t->ports[0] = (uint16_t)(2000 + i);
		t->end[0] = t->end[1] = 0;
		play(t, "CS@-1 C=HELO_x/");
	}
	ms_flows_end(t->flows);
	while (ms_flows_take(t->flows, &d, NULL) == MS_OK) {
		const struct ms_turn *last = ms_dialogue_turn(d,
		    d->turns->len - 1);

		dialogues++;
		cut += last->kind == MS_TURN_GAP && last->size == 0;
		ms_dialogue_free(d);
	}
	assert_int_equal(21000, dialogues);
	assert_int_equal(21000 - 20001, cut);
}

/* A full stash makes gaps, and these are said. */
static void
test_full(void **state)
{
	static const struct ms_stash_config config = { 16 << 10, -1, 0 };
	struct talk *t = *state;
	GString *out;
	char *word = g_strdup_printf("C=%01000d", 7);

	ms_flows_free(t->flows);
	ms_stash_free(t->stash);
	t->stash = ms_stash_new(&config);
	t->flows = ms_flows_new(t->stash);
	play(t, GREET);
	for (int i = 0; i < 30; i++)
		play(t, word);
	out = finish(t);
	assert_non_null(strstr(out->str, "gap C "));
	g_string_free(out, TRUE);
	g_free(word);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test_setup_teardown(test_patience, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lingers, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
