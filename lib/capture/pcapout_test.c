#include "capture/pcapout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/pcap.h"

/* Turns as words: side, time in milliseconds from a base (or "?"), and what:
 * "=" bytes ("*" and a number: so many of them), "!" ends, "x" breaks off,
 * "-" and how many are missing. */
static const struct {
	const char *name, *client, *server, *turns, *want;
	bool silent[2];		/* not heard */
	bool cut;
} cases[] = {
	{ "plain", "192.0.2.7:1025", "192.0.2.8:2525",
	    "S0=220_a C20=EHLO C30=MAIL S40=250 C50! S60!",
	    "192.0.2.7:1025>192.0.2.8:2525 packet1 C S; bytes S 0 [220_a]; "
	    "bytes C 20 [EHLO]; bytes C 30 [MAIL]; bytes S 40 [250]; "
	    "end C 50; end S 60", { 0 }, false },
	{ "version 6", "[2001:db8::1]:1025", "[2001:db8::2]:25",
	    "S0=220 C20=EHLO",
	    "[2001:db8::1]:1025>[2001:db8::2]:25 packet1 C S; "
	    "bytes S 0 [220]; bytes C 20 [EHLO]", { 0 }, false },
	{ "both versions", "[2001:db8::1]:1025", "192.0.2.8:25", "S0=220",
	    "[2001:db8::1]:1025>192.0.2.8:25 packet1 C S; bytes S 0 [220]",
	    { 0 }, false },
	{ "nothing known", NULL, "unix:/x", "S?=220 C?=EHLO",
	    "192.0.2.1:1024>192.0.2.2:25 packet1 C S; bytes S 1 [220]; "
	    "bytes C 2 [EHLO]", { 0 }, false },
	{ "many bytes", "192.0.2.7:1025", "192.0.2.8:25",
	    "S0=220 C0=*5000 S20=*3000",
	    "192.0.2.7:1025>192.0.2.8:25 packet1 C S; bytes S 0 [220]; "
	    "bytes C 0 [5000]; bytes S 20 [3000]", { 0 }, false },
	{ "gaps", "192.0.2.7:1025", "192.0.2.8:25",
	    "S0=220 C10-500 C20=EHLO S30-0 S40=250",
	    "192.0.2.7:1025>192.0.2.8:25 packet1 C S; bytes S 0 [220]; "
	    "gap C 20 500; bytes C 20 [EHLO]; gap S 40 1; bytes S 40 [250]",
	    { 0 }, false },
	{ "reset", "192.0.2.7:1025", "192.0.2.8:25", "S0=220 C10x",
	    "192.0.2.7:1025>192.0.2.8:25 packet1 C S; bytes S 0 [220]; "
	    "reset C 10", { 0 }, false },
	{ "client only", "192.0.2.7:1025", "192.0.2.8:25",
	    "C0=EHLO C20=MAIL C30!",
	    "192.0.2.7:1025>192.0.2.8:25 packet1 C; bytes C 0 [EHLO]; "
	    "bytes C 20 [MAIL]; end C 30", { false, true }, false },
	{ "server only", "192.0.2.7:1025", "192.0.2.8:25",
	    "S0=220 S20=250 S30!",
	    "192.0.2.7:1025>192.0.2.8:25 packet1 S; bytes S 0 [220]; "
	    "bytes S 20 [250]; end S 30", { true, false }, false },
	{ "begin not seen", "192.0.2.7:1025", "192.0.2.8:25",
	    "C0=MAIL S20=250",
	    "192.0.2.7:1025>192.0.2.8:25 packet1 cut C S; "
	    "bytes C 0 [MAIL]; bytes S 20 [250]", { 0 }, true },
};

#define BASE_US ((int64_t)1700000000 * 1000000)

static void
say(struct ms_dialogue *d, const char *word)
{
	enum ms_side side = *word == 'C' ? MS_SIDE_CLIENT : MS_SIDE_SERVER;
	char *rest;
	int64_t time_us = -1;

	if (word[1] == '?')
		rest = (char *)word + 2;
	else
		time_us = BASE_US + 1000 * strtol(word + 1, &rest, 10);
	switch (*rest++) {
	case '=': {
		size_t size = *rest == '*' ? strtoul(rest + 1, NULL, 10) :
		    strlen(rest);
		char *data = *rest == '*' ? g_strnfill(size, 'x') :
		    g_strdup(rest);

		assert_int_equal(MS_OK, ms_dialogue_say(d, side, time_us,
		    data, size, NULL));
		g_free(data);
		break;
	}
	case '!': case 'x':
		assert_int_equal(MS_OK, ms_dialogue_end(d, side, time_us,
		    rest[-1] == 'x', NULL));
		break;
	case '-':
		assert_int_equal(MS_OK, ms_dialogue_gap(d, side, time_us,
		    strtoul(rest, NULL, 10), NULL));
		break;
	default:
		fail();
	}
}

/* As the table has it: without number, times from the base on. */
static GString *
describe(const struct ms_dialogue *d)
{
	static const char *const kinds[] = { "bytes", "gap", "end", "reset",
		"note", "secure" };
	GString *out = g_string_new(NULL);

	g_string_printf(out, "%s>%s %s%llu%s%s%s", d->client, d->server,
	    d->unit, (unsigned long long)d->position,
	    d->begun ? "" : " cut", d->heard[0] ? " C" : "",
	    d->heard[1] ? " S" : "");
	for (size_t i = 0; i < d->turns->len; i++) {
		const struct ms_turn *t = ms_dialogue_turn(d, i);
		int64_t ms = t->time_us / 1000;
		char block[100];
		size_t got = sizeof block;

		g_string_append_printf(out, "; %s %c %lld", kinds[t->kind],
		    t->side == MS_SIDE_CLIENT ? 'C' : 'S',
		    (long long)(ms >= BASE_US / 1000 ? ms - BASE_US / 1000 :
		    ms));
		if (t->kind == MS_TURN_GAP)
			g_string_append_printf(out, " %llu",
			    (unsigned long long)t->size);
		if (t->kind != MS_TURN_BYTES)
			continue;
		assert_int_equal(MS_OK, ms_dialogue_read(d, i, 0, block,
		    &got, NULL));
		if (t->size > sizeof block)
			g_string_append_printf(out, " [%llu]",
			    (unsigned long long)t->size);
		else
			g_string_append_printf(out, " [%.*s]", (int)got,
			    block);
	}
	return out;
}

static enum ms_status
read_fd(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	ssize_t n = read(*(int *)arg, data, size);

	if (n < 0)
		return ms_error_errno(err, "read");
	*got = (size_t)n;
	return MS_OK;
}

static struct ms_stash *
new_stash(void)
{
	static const struct ms_stash_config config = { 1 << 20, -1, 0 };

	return ms_stash_new(&config);
}

/* DIALOGUES of the first case again and again are as many connections; else
 * one of case I. */
static void
write_one(struct ms_pcapout *out, struct ms_stash *stash, size_t i)
{
	struct ms_dialogue *d = ms_dialogue_new(stash);
	gchar **words = g_strsplit(cases[i].turns, " ", -1);

	d->client = g_strdup(cases[i].client);
	d->server = g_strdup(cases[i].server);
	d->begun = !cases[i].cut;
	for (size_t k = 0; words[k]; k++)
		say(d, words[k]);
	for (int k = 0; k < 2; k++)
		d->heard[k] = !cases[i].silent[k];
	assert_int_equal(MS_OK, ms_pcapout_dialogue(out, d, NULL));
	g_strfreev(words);
	ms_dialogue_free(d);
}

static void
test_cases(void **state)
{
	struct ms_stash *stash = new_stash();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		int fd = memfd_create("capture", MFD_CLOEXEC);
		const struct ms_pcap_config config = { stash, read_fd, &fd };
		struct ms_error err = { "" };
		struct ms_dialogue *d = NULL;
		struct ms_pcapout *out;
		struct ms_pcap *pcap;
		GString *got;

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, ms_pcapout_begin(fd, &out, NULL));
		write_one(out, stash, i);
		assert_int_equal(MS_OK, ms_pcapout_end(out, NULL));
		assert_int_equal(0, lseek(fd, 0, SEEK_SET));
		assert_int_equal(MS_OK, ms_pcap_open(&config, &pcap, &err));
		assert_int_equal(MS_OK, ms_pcap_next(pcap, &d, &err));
		got = describe(d);
		assert_string_equal(cases[i].want, got->str);
		g_string_free(got, TRUE);
		ms_dialogue_free(d);
		assert_int_equal(MS_END, ms_pcap_next(pcap, &d, &err));
		assert_int_equal(0, ms_pcap_counts(pcap)->bad);
		ms_pcap_free(pcap);
		(void)close(fd);
	}
	ms_stash_free(stash);
}

/* One after the other between the same ends. */
static void
test_many(void **state)
{
	struct ms_stash *stash = new_stash();
	int fd = memfd_create("capture", MFD_CLOEXEC);
	const struct ms_pcap_config config = { stash, read_fd, &fd };
	struct ms_dialogue *d = NULL;
	struct ms_pcapout *out;
	struct ms_pcap *pcap;

	(void)state;
	assert_int_equal(MS_OK, ms_pcapout_begin(fd, &out, NULL));
	for (size_t i = 0; i < 500; i++)
		write_one(out, stash, i % 2 ? 0 : 3);
	assert_int_equal(MS_OK, ms_pcapout_end(out, NULL));
	assert_int_equal(0, lseek(fd, 0, SEEK_SET));
	assert_int_equal(MS_OK, ms_pcap_open(&config, &pcap, NULL));
	for (size_t i = 0; i < 500; i++) {
		assert_int_equal(MS_OK, ms_pcap_next(pcap, &d, NULL));
		assert_true(d->begun);
		ms_dialogue_free(d);
	}
	assert_int_equal(MS_END, ms_pcap_next(pcap, &d, NULL));
	ms_pcap_free(pcap);
	(void)close(fd);
	ms_stash_free(stash);
}

static void
test_unwritable(void **state)
{
	struct ms_error err = { "" };
	struct ms_pcapout *out = NULL;

	(void)state;
	assert_int_equal(MS_E_IO, ms_pcapout_begin(-1, &out, &err));
	assert_null(out);
	assert_non_null(strstr(err.text, "Bad file descriptor"));
	assert_int_equal(MS_OK, ms_pcapout_end(NULL, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_unwritable),
	};

	if (!ms_pcap_version()) {
		print_message("built without libpcap\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
