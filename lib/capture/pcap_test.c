#include "capture/pcap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "capture/session_test.h"

static struct ms_stash *
new_stash(void)
{
	static const struct ms_stash_config config = { 16 << 20, -1, 0 };

	return ms_stash_new(&config);
}

/* What was said, by both in turn. */
static GString *
transcript(const struct ms_dialogue *d)
{
	GString *out = g_string_new(NULL);
	char block[4096];
	int side = -1;

	for (size_t i = 0; i < d->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(d, i);

		if (turn->kind == MS_TURN_END)
			continue;
		if (turn->kind != MS_TURN_BYTES)
			fail_msg("turn %zu is of kind %d", i,
			    (int)turn->kind);
		if (side != (int)turn->side)
			g_string_append(out, "\n--\n");
		side = (int)turn->side;
		for (uint64_t at = 0; at < turn->size;) {
			size_t n = sizeof block;

			assert_int_equal(MS_OK, ms_dialogue_read(d, i, at,
			    block, &n, NULL));
			g_string_append_len(out, block, (gssize)n);
			at += n;
		}
	}
	return out;
}

static GString *
script(const struct spoken_session *s)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < s->speeches->len; i++) {
		const struct speech *p = &g_array_index(s->speeches,
		    struct speech, i);

		g_string_append(out, "\n--\n");
		g_string_append_len(out, (const char *)p->bytes->data,
		    (gssize)p->bytes->len);
	}
	return out;
}

/* Which session D is, by its client. */
static unsigned
client_of(const struct ms_dialogue *d)
{
	return (unsigned)strtoul(strrchr(d->client, ':') + 1, NULL, 10) -
	    1024;
}

/* Read FILE; every dialogue has to be one of the sessions. */
static void
compare(const struct pack_file *file, const struct spoken_session *sessions,
    unsigned count)
{
	struct pack_source source = { file->bytes->data, file->bytes->len, 0,
		session_chance(20) ? 1 + session_random(5000) : 0 };
	struct ms_stash *stash = new_stash();
	const struct ms_pcap_config config = { stash, pack_read, &source };
	struct ms_error err = { "" };
	struct ms_dialogue *d;
	struct ms_pcap *pcap;
	enum ms_status status;
	unsigned found = 0;

	assert_int_equal(MS_OK, ms_pcap_open(&config, &pcap, &err));
	while ((status = ms_pcap_next(pcap, &d, &err)) == MS_OK) {
		unsigned i = client_of(d);
		GString *want, *got;

		assert_in_range(i, 0, count - 1);
		want = script(&sessions[i]);
		got = transcript(d);
		if (!g_string_equal(want, got))
			fail_msg("session %u differs", i);
		assert_true(d->begun && d->heard[0] && d->heard[1]);
		found |= 1u << i;
		g_string_free(want, TRUE);
		g_string_free(got, TRUE);
		ms_dialogue_free(d);
	}
	assert_int_equal(MS_END, status);
	assert_int_equal((1u << count) - 1, found);
	assert_int_equal(0, ms_pcap_counts(pcap)->bad);
	ms_pcap_free(pcap);
	ms_stash_free(stash);
}

/* Sessions at random, packets at random: what comes back is what was said. */
static void
one_run(uint64_t seed)
{
	static const int links[] = { 1, 1, 1, 0, 101, 108, 113, 276 };
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct placed));
	struct spoken_session sessions[4];
	unsigned count;
	struct pack_file file;
	int link;

	session_seed = seed;
	count = 1 + session_random(4);
	link = links[session_random(G_N_ELEMENTS(links))];
	file = pack_begin(link, session_chance(30), session_chance(30),
	    session_chance(10) ? 0 : 262144);
	for (unsigned i = 0; i < count; i++) {
		sessions[i] = session_make(i);
		session_cut(&sessions[i], session_random(50), all);
	}
	qsort(all->data, all->len, sizeof(struct placed), compare_placed);
	for (guint i = 0; i < all->len; i++) {
		const struct placed *p = &g_array_index(all, struct placed,
		    i);
		unsigned tags = link == 101 || link == 0 || link == 108 ? 0 :
		    session_chance(20) ? 1 + session_random(2) : 0;
		GByteArray *frame = pack_link(link, tags, p->v6, p->ip);

		pack_frame(&file, frame, frame->len);
		g_byte_array_unref(frame);
		g_byte_array_unref(p->ip);
	}
	compare(&file, sessions, count);
	for (unsigned i = 0; i < count; i++)
		session_clear(&sessions[i]);
	g_byte_array_unref(file.bytes);
	g_array_unref(all);
}

static void
test_random(void **state)
{
	const char *runs = getenv("CAPTURE_RUNS");
	const char *first = getenv("CAPTURE_SEED");
	uint64_t n = runs ? strtoull(runs, NULL, 10) : 200;
	uint64_t seed = first ? strtoull(first, NULL, 10) : 1;

	(void)state;
	print_message("%llu runs from seed %llu on\n", (unsigned long long)n,
	    (unsigned long long)seed);
	for (uint64_t i = 0; i < n; i++) {
		print_message(i % 1000 == 999 ? "  seed %llu\n" : "",
		    (unsigned long long)(seed + i));
		one_run(seed + i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
