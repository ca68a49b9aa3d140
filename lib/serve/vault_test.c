#include "serve/vault.h"

#include "action/quarantine.h"
#include "serve/tasks_test.h"

#include <stdlib.h>
#include <sys/stat.h>

#define BODY "Subject: x\r\n\r\nbad\r\n"

struct place {
	char root[64];
	char dir[80];
};

static int
set_up(void **state)
{
	struct place *place = g_new0(struct place, 1);

	(void)g_strlcpy(place->root, "/tmp/mailscan-vault-XXXXXX",
	    sizeof place->root);
	assert_non_null(mkdtemp(place->root));
	(void)g_snprintf(place->dir, sizeof place->dir, "%s/q", place->root);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *place = *state;
	char *argv[] = { (char *)(uintptr_t)"/bin/rm",
		(char *)(uintptr_t)"-rf", place->root, NULL };

	(void)g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
	    NULL, NULL, NULL);
	g_free(place);
	return 0;
}

static char *
contents(const struct place *place, const char *id, const char *end)
{
	char *path = g_strdup_printf("%s/%s.%s", place->dir, id, end);
	char *text = NULL;

	(void)g_file_get_contents(path, &text, NULL, NULL);
	g_free(path);
	return text;
}

static void
test_keep(void **state)
{
	const struct place *place = *state;
	struct ms_vault_config config = { place->dir };
	static const struct ms_task_words none = { .server = NULL };
	struct ms_outcome *outcome = tasks_outcome(BODY);
	struct tasks t;
	char *id, *text;
	bool good;

	assert_int_equal(tasks_begin(&t, ms_vault_run, &config),
	    MS_CONTROL_READY);
	tasks_introduce(&t);
	tasks_ask(&t, 1, BODY, outcome, &none);
	id = tasks_answer(&t, 1, &good);
	if (!good)
		fail_msg("%s", id);
	assert_true(ms_custody_is_id(id));
	text = contents(place, id, "eml");
	assert_string_equal(text, BODY);
	g_free(text);
	text = contents(place, id, "json");
	assert_non_null(strstr(text, "b@example.org"));
	assert_non_null(strstr(text, "Bad.One"));
	assert_non_null(strstr(text, "\"by\": \"serve\""));
	g_free(text);
	g_free(id);
	/* Other bytes than were scanned; none at all; another front. */
	tasks_ask(&t, 2, BODY "x", outcome, &none);
	g_free(tasks_answer(&t, 2, &good));
	assert_false(good);
	tasks_ask(&t, 3, NULL, outcome, &none);
	g_free(tasks_answer(&t, 3, &good));
	assert_false(good);
	tasks_introduce(&t);
	tasks_ask(&t, 1, BODY, outcome, &none);
	g_free(tasks_answer(&t, 1, &good));
	assert_true(good);
	assert_int_equal(tasks_end(&t), 0);
	ms_outcome_free(outcome);
}

static void
test_bad_notes(void **state)
{
	static const char *const notes[] = { "", "no", "{}", "[1]",
		"{\"schema\":1,\"type\":\"other\"}" };
	const struct place *place = *state;
	struct ms_vault_config config = { place->dir };
	static const struct ms_task_words none = { .server = NULL };
	struct tasks t;
	bool good;

	assert_int_equal(tasks_begin(&t, ms_vault_run, &config),
	    MS_CONTROL_READY);
	tasks_introduce(&t);
	for (size_t i = 0; i < G_N_ELEMENTS(notes); i++) {
		const size_t size = strlen(notes[i]);

		tasks_send(&t, ms_task_body(i + 1, 1), tasks_bytes("x", 1));
		tasks_send(&t, ms_task_note(i + 1, size, &none),
		    tasks_bytes(notes[i], size));
		g_free(tasks_answer(&t, i + 1, &good));
		assert_false(good);
	}
	/* Less than was said. */
	tasks_send(&t, ms_task_note(9, 100, &none), tasks_bytes("{}", 2));
	g_free(tasks_answer(&t, 9, &good));
	assert_false(good);
	/* Nonsense ends the conversation, and another one can begin. */
	assert_int_equal(write(t.front, "no", 2), 2);
	tasks_introduce(&t);
	tasks_send(&t, ms_task_note(1, 2, &none), tasks_bytes("{}", 2));
	g_free(tasks_answer(&t, 1, &good));
	assert_int_equal(tasks_end(&t), 0);
}

/* What was asked is done before it ends. */
static void
test_end(void **state)
{
	const struct place *place = *state;
	struct ms_vault_config config = { place->dir };
	static const struct ms_task_words none = { .server = NULL };
	struct ms_outcome *outcome = tasks_outcome(BODY);
	struct ms_quarantine *q;
	struct ms_error err;
	struct tasks t;
	char *argv[] = { (char *)(uintptr_t)"/usr/bin/find",
		(char *)(uintptr_t)place->dir, (char *)(uintptr_t)"-name",
		(char *)(uintptr_t)"*.json", NULL };
	char *list = NULL;
	unsigned lines = 0;

	assert_int_equal(tasks_begin(&t, ms_vault_run, &config),
	    MS_CONTROL_READY);
	tasks_introduce(&t);
	for (unsigned i = 1; i <= 5; i++)
		tasks_ask(&t, i, BODY, outcome, &none);
	assert_int_equal(tasks_end(&t), 0);
	assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
	    &list, NULL, NULL, NULL));
	for (const char *p = list; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 5);
	g_free(list);
	assert_int_equal(ms_quarantine_open(place->dir, false, &q, &err),
	    MS_OK);
	ms_quarantine_close(q);
	ms_outcome_free(outcome);
}

static void
test_no_directory(void **state)
{
	const struct place *place = *state;
	struct ms_vault_config config = { place->dir };
	struct tasks t;

	assert_int_equal(mkdir(place->dir, 0700), 0);
	assert_int_equal(chmod(place->dir, 0777), 0);
	assert_int_equal(tasks_begin(&t, ms_vault_run, &config),
	    MS_CONTROL_FAILED);
	assert_int_equal(tasks_end(&t), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keep, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_notes, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_directory, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
