#include "serve/links.h"

#include "serve/links_test.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* What is heard, and from whom. */
struct bench {
	struct other other;
	struct ms_links *links;
	struct ms_link *teller;	/* of the last frame */
	struct ms_link *loser;	/* the last one that was lost */
	char text[8];		/* the last frame */
	int fd;			/* beside it, if it was to be taken */
	bool takes;
	unsigned heard, died, babbled, turns;
};

static enum ms_status
on_hear(void *arg, struct ms_link *link, const unsigned char *data,
    size_t size, int *fd)
{
	struct bench *b = arg;

	b->teller = link;
	b->heard++;
	assert_true(size < sizeof b->text);
	memcpy(b->text, data, size);
	b->text[size] = '\0';
	if (b->takes) {
		b->fd = *fd;
		*fd = -1;
	}
	return strcmp(b->text, "odd") == 0 ? MS_E_FORMAT : MS_OK;
}

static void
on_lost(void *arg, struct ms_link *link, bool died)
{
	struct bench *b = arg;

	assert_ptr_not_equal(ms_links_current(b->links), link);
	b->loser = link;
	b->died += died;
	b->babbled += !died;
}

static void
on_turn(void *arg)
{
	struct bench *b = arg;

	b->turns++;
}

static GByteArray *
frame(const char *text)
{
	return g_byte_array_append(g_byte_array_new(), (const guint8 *)text,
	    (guint)strlen(text));
}

static void
set_up(struct bench *b)
{
	static const struct ms_links_events events = { on_hear, on_lost,
		on_turn };

	*b = (struct bench){ .fd = -1 };
	other_begin(&b->other);
	b->links = ms_links_new(b->other.loop, &events, b);
	assert_null(ms_links_current(b->links));
	assert_false(ms_links_send(b->links, frame("none"), -1));
}

static struct ms_link *
meet(struct bench *b)
{
	ms_links_peer(b->links, other_new(&b->other));
	return ms_links_current(b->links);
}

static void
tear_down(struct bench *b)
{
	ms_links_free(b->links);
	other_end(&b->other);
}

static void
test_both_ways(void **state)
{
	struct bench b;
	struct ms_link *link;
	char got[8] = "";

	(void)state;
	set_up(&b);
	link = meet(&b);
	assert_int_equal(b.turns, 1);
	assert_true(ms_links_send(b.links, frame("ask"), -1));
	assert_int_equal(read(b.other.socket, got, sizeof got), 3);
	assert_string_equal(got, "ask");
	other_say(&b.other, frame("one"));
	other_say(&b.other, frame("two"));
	other_run(&b.other, 20);
	assert_int_equal(b.heard, 2);
	assert_int_equal(b.turns, 2);
	assert_string_equal(b.text, "two");
	assert_ptr_equal(b.teller, link);
	tear_down(&b);
	ms_links_free(NULL);
}

/* One that dies, and one that talks nonsense: what it said before counts, and
 * another one may come. */
static void
test_lost(void **state)
{
	struct bench b;
	struct ms_link *link;

	(void)state;
	set_up(&b);
	(void)meet(&b);
	other_say(&b.other, frame("last"));
	other_die(&b.other);
	other_run(&b.other, 20);
	assert_string_equal(b.text, "last");
	assert_int_equal(b.died, 1);
	assert_null(ms_links_current(b.links));
	assert_int_equal(b.turns, 2);
	link = meet(&b);
	other_say(&b.other, frame("odd"));
	other_say(&b.other, frame("unheard"));
	other_run(&b.other, 20);
	assert_int_equal(b.babbled, 1);
	assert_ptr_equal(b.loser, link);
	assert_string_equal(b.text, "odd");
	assert_null(ms_links_current(b.links));
	(void)meet(&b);
	assert_true(ms_links_send(b.links, frame("ask"), -1));
	tear_down(&b);
}

/* A descriptor is taken, or nonsense, and closed in any case. */
static void
test_descriptors(void **state)
{
	struct bench b;
	struct ms_error err;
	int fd, pair[2];
	char got;

	(void)state;
	set_up(&b);
	(void)meet(&b);
	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	for (int i = 0; i < 2; i++) {
		GByteArray *with = frame("with");

		b.takes = i == 0;
		assert_int_equal(ms_frame_send(b.other.socket, with, pair[1],
		    &err), MS_OK);
		g_byte_array_unref(with);
		other_run(&b.other, 20);
		assert_int_equal(b.heard, i + 1);
		assert_int_equal(b.babbled, i);
	}
	assert_true(b.fd >= 0);
	(void)close(b.fd);
	(void)close(pair[1]);
	assert_int_equal(read(pair[0], &got, 1), 0);
	(void)close(pair[0]);
	fd = memfd_create("test", MFD_CLOEXEC);
	(void)meet(&b);
	assert_true(ms_links_send(b.links, frame("mine"), fd));
	assert_int_equal(close(fd), 0);
	tear_down(&b);
}

/* Old ones are let go when they owe nothing, and no sooner. */
static void
test_generations(void **state)
{
	struct bench b;
	struct ms_link *first, *second;
	struct other old;
	char got[8];

	(void)state;
	set_up(&b);
	first = meet(&b);
	ms_links_owe(first);
	ms_links_owe(first);
	assert_int_equal(ms_links_owed(first), 2);
	old = b.other;
	b.other.socket = -1;
	second = meet(&b);
	assert_ptr_not_equal(first, second);
	/* It is told that there will be nothing more. */
	assert_int_equal(read(old.socket, got, sizeof got), 0);
	assert_true(ms_links_send(b.links, frame("new"), -1));
	assert_int_equal(read(b.other.socket, got, sizeof got), 3);
	ms_links_settle(first);
	other_say(&old, frame("late"));
	other_run(&b.other, 20);
	assert_ptr_equal(b.teller, first);
	assert_string_equal(b.text, "late");
	ms_links_settle(first);
	other_run(&b.other, 20);
	assert_int_equal(send(old.socket, "more", 4, MSG_NOSIGNAL), -1);
	(void)close(old.socket);
	/* Nobody lost anything by that. The current one stays. */
	assert_int_equal(b.died + b.babbled, 0);
	ms_links_owe(second);
	ms_links_settle(second);
	other_run(&b.other, 20);
	assert_ptr_equal(ms_links_current(b.links), second);
	other_say(&b.other, frame("here"));
	other_run(&b.other, 20);
	assert_string_equal(b.text, "here");
	tear_down(&b);
}

/* One that takes no more for a while: there is a turn later. */
static void
test_full(void **state)
{
	struct bench b;
	unsigned turns;
	char got[8];

	(void)state;
	set_up(&b);
	(void)meet(&b);
	while (ms_links_send(b.links, frame("ask"), -1))
		;
	turns = b.turns;
	other_run(&b.other, 120);
	assert_true(b.turns > turns);
	assert_int_equal(b.died + b.babbled, 0);
	while (recv(b.other.socket, got, sizeof got, MSG_DONTWAIT) > 0)
		;
	assert_true(ms_links_send(b.links, frame("ask"), -1));
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_generations),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
