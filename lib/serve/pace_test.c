#include "serve/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOTHING MS_PROXY_DUE_NOTHING
#define HANDSHAKE MS_PROXY_DUE_HANDSHAKE
#define WORDS MS_PROXY_DUE_WORDS
#define CONTENT MS_PROXY_DUE_CONTENT
#define END MS_PROXY_DUE_END

static const struct ms_pace_config config = { .hop_ms = 600000,
	.client_ms = 100000, .rate = 100 };

/* One after the other; each says what is due then, from whom. */
struct moment {
	int64_t now;
	struct ms_pace_side client, hop;
	bool in_message;
	int64_t due;
	enum ms_proxy_side side;
};

static void
play(const struct ms_pace_config *c, const struct moment *moments, size_t count)
{
	struct ms_pace pace;

	ms_pace_init(&pace, 0);
	for (size_t i = 0; i < count; i++) {
		const struct moment *m = &moments[i];
		const struct ms_pace_side sides[2] = { m->client, m->hop };
		const struct ms_pace_due due = ms_pace(&pace, c, sides,
		    m->in_message, m->now);

		if (due.ms != m->due)
			fail_msg("at %zu: %lld, and not %lld", i,
			    (long long)due.ms, (long long)m->due);
		if (due.ms >= 0)
			assert_int_equal(due.side, m->side);
	}
}

#define PLAY(c, moments) play(c, moments, sizeof moments / sizeof *moments)

/* Words of either side are due as a whole. */
static void
test_words(void **state)
{
	static const struct moment moments[] = {
		{ 10, { NOTHING, 0, 0 }, { WORDS, 0, 0 }, false, 300010, 1 },
		{ 5000, { NOTHING, 0, 0 }, { WORDS, 0, 9 }, false, 300010, 1 },
		{ 6000, { WORDS, 0, 0 }, { NOTHING, 1, 0 }, false, 106000, 0 },
		{ 7000, { WORDS, 0, 5 }, { NOTHING, 1, 0 }, false, 106000, 0 },
		{ 8000, { WORDS, 1, 9 }, { NOTHING, 1, 0 }, false, 108000, 0 },
		{ 9000, { NOTHING, 1, 9 }, { NOTHING, 1, 0 }, false, -1, 0 },
		{ 9500, { NOTHING, 1, 9 }, { END, 1, 0 }, true, 609500, 1 },
		/* One of several replies. */
		{ 9600, { NOTHING, 1, 9 }, { END, 2, 0 }, true, 609600, 1 },
		{ 9700, { HANDSHAKE, 2, 9 }, { NOTHING, 3, 0 }, false, 69700,
		    0 },
		{ 9800, { NOTHING, 3, 9 }, { HANDSHAKE, 3, 0 }, false, 69800,
		    1 },
	};

	(void)state;
	PLAY(&config, moments);
}

/* A client has its time for nothing, and more for what it says. */
static void
test_content(void **state)
{
	static const struct moment moments[] = {
		{ 1000, { WORDS, 5, 700 }, { NOTHING, 1, 0 }, false, 101000,
		    0 },
		{ 2000, { CONTENT, 6, 700 }, { NOTHING, 1, 0 }, false, 102000,
		    0 },
		/* Half the time it is as slow as may be. */
		{ 52000, { CONTENT, 6, 5700 }, { NOTHING, 1, 0 }, true,
		    152000, 0 },
		/* Then slower: not when it was last heard counts. */
		{ 140000, { CONTENT, 6, 5701 }, { NOTHING, 1, 0 }, true,
		    152010, 0 },
		{ 150000, { CONTENT, 6, 5800 }, { NOTHING, 1, 0 }, true,
		    153000, 0 },
		/* A NOOP for the next hop changes nothing. */
		{ 151000, { CONTENT, 6, 5800 }, { WORDS, 1, 0 }, true,
		    153000, 0 },
		{ 152000, { CONTENT, 6, 5800 }, { NOTHING, 2, 0 }, true,
		    153000, 0 },
		/* Much: it may be silent for its time then. */
		{ 152500, { CONTENT, 6, 999999 }, { NOTHING, 2, 0 }, true,
		    252500, 0 },
		/* Chunks are one content. */
		{ 153000, { WORDS, 7, 999999 }, { NOTHING, 2, 0 }, true,
		    253000, 0 },
		{ 154000, { CONTENT, 7, 999999 }, { NOTHING, 2, 0 }, true,
		    254000, 0 },
		/* The next message is another one. */
		{ 155000, { NOTHING, 8, 999999 }, { CONTENT, 3, 0 }, true,
		    335000, 1 },
		{ 156000, { NOTHING, 8, 999999 }, { CONTENT, 3, 1 }, true,
		    336000, 1 },
		{ 157000, { WORDS, 8, 999999 }, { NOTHING, 4, 1 }, false,
		    257000, 0 },
		{ 158000, { CONTENT, 9, 999999 }, { NOTHING, 4, 1 }, false,
		    258000, 0 },
		{ 200000, { CONTENT, 9, 1000001 }, { NOTHING, 4, 1 }, true,
		    258020, 0 },
	};

	(void)state;
	PLAY(&config, moments);
}

static void
test_any_rate(void **state)
{
	static const struct ms_pace_config any = { .hop_ms = 2000,
		.client_ms = 1000 };
	static const struct moment moments[] = {
		{ 0, { CONTENT, 6, 0 }, { NOTHING, 1, 0 }, false, 1000, 0 },
		{ 999, { CONTENT, 6, 1 }, { NOTHING, 1, 0 }, true, 1999, 0 },
		{ 1998, { CONTENT, 6, 2 }, { WORDS, 1, 0 }, true, 2998, 0 },
		{ 2500, { CONTENT, 6, UINT64_MAX / 2 }, { WORDS, 1, 0 }, true,
		    3500, 0 },
		{ 3400, { CONTENT, 6, UINT64_MAX }, { WORDS, 1, 0 }, true,
		    3998, 1 },
	};
	static const struct ms_pace_config slow = { .hop_ms = 2000,
		.client_ms = 1000, .rate = 1 };
	static const struct moment huge[] = {
		{ 0, { CONTENT, 6, 0 }, { NOTHING, 1, 0 }, false, 1000, 0 },
		{ 500, { CONTENT, 6, (uint64_t)1 << 40 }, { NOTHING, 1, 0 },
		    true, 1500, 0 },
	};

	(void)state;
	PLAY(&any, moments);
	PLAY(&slow, huge);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_any_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
