#include "capture/handout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What was handed out: "begin KIND NUMBER;", bytes, "end WHY REPLY;". */
static GString *told;
static enum ms_status answer;

static enum ms_status
on_begin(void *arg, const struct ms_hearing_mail *mail, struct ms_error *err)
{
	(void)arg, (void)err;
	g_string_append_printf(told, "begin %d %d;", (int)mail->kind,
	    (int)mail->number);
	return answer;
}

static enum ms_status
on_bytes(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)arg, (void)err;
	g_string_append_len(told, data, (gssize)size);
	return answer;
}

static enum ms_status
on_end(void *arg, const struct ms_hearing_mail *mail,
    const struct ms_envelope *envelope, const char *why, struct ms_error *err)
{
	(void)arg, (void)err, (void)mail;
	g_string_append_printf(told, ";end %s %s %s;", why ? why : "-",
	    envelope->reply ? envelope->reply : "-",
	    envelope->helo ? envelope->helo : "-");
	return answer;
}

static const struct ms_hearing_ops ops = { on_begin, on_bytes, on_end };

struct scene {
	struct ms_stash *stash;
	struct ms_dialogue *dialogue;
	struct ms_session *session;
	struct ms_handout *handout;
};

static void
set_up(struct scene *s)
{
	static const struct ms_stash_config room = { .memory_max = 1 << 16,
		.fd = -1 };
	static const struct ms_session_config config = { .lmtp = false };

	told = g_string_new(NULL);
	answer = MS_OK;
	s->stash = ms_stash_new(&room);
	s->dialogue = ms_dialogue_new(s->stash);
	s->session = ms_session_new(&config);
	s->handout = ms_handout_new(s->dialogue, &ops, NULL);
}

static void
tear_down(struct scene *s, const char *want)
{
	assert_string_equal(told->str, want);
	ms_handout_free(s->handout);
	ms_session_free(s->session);
	ms_dialogue_free(s->dialogue);
	ms_stash_free(s->stash);
	(void)g_string_free(told, TRUE);
}

static void
test_order(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	assert_false(ms_handout_is_open(s.handout));
	assert_int_equal(ms_handout_end(s.handout, s.session, "250 x", NULL,
	    NULL), MS_OK);
	assert_int_equal(ms_handout_begin(s.handout, MS_HEARING_MESSAGE, 5,
	    NULL), MS_OK);
	/* It is open already. */
	assert_int_equal(ms_handout_begin(s.handout, MS_HEARING_STRAY, 6,
	    NULL), MS_OK);
	assert_int_equal(ms_handout_bytes(s.handout, "abc", 3, NULL), MS_OK);
	assert_int_equal(ms_handout_bytes(s.handout, "", 0, NULL), MS_OK);
	ms_handout_helo(s.handout, "me");
	ms_handout_helo(s.handout, NULL);
	assert_int_equal(ms_handout_end(s.handout, s.session, "250 x", NULL,
	    NULL), MS_OK);
	assert_false(ms_handout_is_open(s.handout));
	tear_down(&s, "begin 0 1;abc;end - 250 x me;");
}

/* The first reason is the best; a refusal of DATA is better than what comes
 * at the end; and none of them is there for the next message. */
static void
test_reasons(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	ms_handout_refused(s.handout, g_strdup("554 no"));
	(void)ms_handout_begin(s.handout, MS_HEARING_MESSAGE, 0, NULL);
	ms_handout_lacks(s.handout, "first");
	ms_handout_lacks(s.handout, "second");
	ms_handout_late(s.handout, 3, g_strdup("550 late"));
	ms_handout_late(s.handout, 3, g_strdup("550 later"));
	(void)ms_handout_end(s.handout, s.session, "250 x", "third", NULL);
	(void)ms_handout_begin(s.handout, MS_HEARING_SEALED, 0, NULL);
	(void)ms_handout_end(s.handout, s.session, NULL, "TLS", NULL);
	tear_down(&s, "begin 0 1;;end first 554 no -;"
	    "begin 2 2;;end TLS - -;");
}

/* Who cannot begin has nothing open. */
static void
test_failures(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	answer = MS_E_IO;
	assert_int_equal(ms_handout_begin(s.handout, MS_HEARING_STRAY, 0,
	    NULL), MS_E_IO);
	assert_false(ms_handout_is_open(s.handout));
	answer = MS_OK;
	(void)ms_handout_begin(s.handout, MS_HEARING_STRAY, 0, NULL);
	answer = MS_E_LIMIT;
	assert_int_equal(ms_handout_bytes(s.handout, "a", 1, NULL),
	    MS_E_LIMIT);
	assert_int_equal(ms_handout_end(s.handout, s.session, NULL, NULL,
	    NULL), MS_E_LIMIT);
	tear_down(&s, "begin 1 1;begin 1 2;a;end - - -;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
