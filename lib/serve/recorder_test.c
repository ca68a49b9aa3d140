#include "serve/recorder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char path[64], file[100];
	int dir;
};

static void
set_up(struct place *place)
{
	(void)g_strlcpy(place->path, "/tmp/mailscan-recorder-XXXXXX",
	    sizeof place->path);
	assert_non_null(mkdtemp(place->path));
	(void)snprintf(place->file, sizeof place->file, "%s/7-1.transcript",
	    place->path);
	place->dir = open(place->path, O_RDONLY | O_DIRECTORY);
	assert_true(place->dir >= 0);
}

static void
tear_down(struct place *place)
{
	(void)unlink(place->file);
	(void)close(place->dir);
	assert_int_equal(rmdir(place->path), 0);
}

/* The lines that are no times. */
static char *
read_back(const struct place *place)
{
	GString *out = g_string_new(NULL);
	char *text, **lines;

	assert_true(g_file_get_contents(place->file, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		if (!g_str_has_prefix(*line, "#: time "))
			g_string_append_printf(out, "%s\n", *line);
	g_strfreev(lines);
	g_free(text);
	g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}

static void
test_record(void **state)
{
	struct place place;
	struct ms_recorder_room room = { 1000000, false };
	struct ms_recorder_config config = { .name = "7-1",
		.room = &room, .client = "192.0.2.1:25" };
	struct ms_recorder *recorder;
	char *text;

	(void)state;
	set_up(&place);
	config.dir = place.dir;
	recorder = ms_recorder_new(&config);
	assert_non_null(recorder);
	ms_recorder_said(recorder, MS_SIDE_SERVER, "220 a\r\n", 7);
	ms_recorder_said(recorder, MS_SIDE_CLIENT, "EH", 2);
	ms_recorder_said(recorder, MS_SIDE_CLIENT, "LO\r", 3);
	ms_recorder_said(recorder, MS_SIDE_CLIENT, "\nx", 2);
	ms_recorder_said(recorder, MS_SIDE_SERVER, "", 0);
	ms_recorder_said(recorder, MS_SIDE_SERVER, "250 b\r\n", 7);
	ms_recorder_secured(recorder);
	ms_recorder_ended(recorder, MS_SIDE_CLIENT);
	ms_recorder_free(recorder);
	text = read_back(&place);
	assert_string_equal(text, "#: mailscan-transcript 1\n\n"
	    "#: dialogue 1\n#: client 192.0.2.1:25\nS: 220 a\nC: EHLO\n"
	    "C: x\\\nS: 250 b\n#: tls\n#: end client\n");
	g_free(text);
	/* What is there is not written to. */
	assert_null(ms_recorder_new(&config));
	ms_recorder_said(NULL, MS_SIDE_CLIENT, "x", 1);
	ms_recorder_secured(NULL);
	ms_recorder_ended(NULL, MS_SIDE_CLIENT);
	ms_recorder_free(NULL);
	tear_down(&place);
}

/* A name from outside would be a path; a link would lead elsewhere. */
static void
test_no_file(void **state)
{
	struct place place;
	struct ms_recorder_room room = { 1000000, false };
	struct ms_recorder_config config = { .name = "7-1", .room = &room };

	(void)state;
	set_up(&place);
	config.dir = place.dir;
	assert_int_equal(symlink("/dev/null", place.file), 0);
	assert_null(ms_recorder_new(&config));
	config.dir = -1;
	assert_null(ms_recorder_new(&config));
	tear_down(&place);
}

/* What is there counts, and what there is no room for is left out. */
static void
test_room(void **state)
{
	struct place place;
	struct ms_recorder_room room;
	struct ms_recorder_config config = { .name = "7-1", .room = &room };
	struct ms_recorder *recorder;
	uint64_t left;
	gsize size;
	char *text;

	(void)state;
	set_up(&place);
	config.dir = place.dir;
	room = ms_recorder_measure(place.dir, 10000);
	assert_int_equal(room.left, 10000);
	recorder = ms_recorder_new(&config);
	assert_non_null(recorder);
	ms_recorder_said(recorder, MS_SIDE_SERVER, "220 a\r\n", 7);
	left = room.left;
	assert_true(left < 10000 - MS_RECORDER_FILE);
	text = g_strnfill(20000, 'x');
	ms_recorder_said(recorder, MS_SIDE_CLIENT, text, 20000);
	g_free(text);
	ms_recorder_free(recorder);
	assert_true(room.told);
	assert_true(g_file_get_contents(place.file, &text, &size, NULL));
	g_free(text);
	assert_true(size + MS_RECORDER_FILE <= 10000);
	room = ms_recorder_measure(place.dir, 10000);
	assert_int_equal(room.left, 10000 - MS_RECORDER_FILE - size);
	room = ms_recorder_measure(place.dir, 100);
	assert_int_equal(room.left, 0);
	config.name = "7-2";
	assert_null(ms_recorder_new(&config));
	assert_true(room.told);
	assert_int_equal(ms_recorder_measure(-1, 7).left, 7);
	tear_down(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
