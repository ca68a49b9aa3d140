#ifndef MS_ROLE_TEST_H
#define MS_ROLE_TEST_H

#include "replay/learn.h"

#include <stdarg.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

/* For tests of what makes roles, changes and plays them. */

/*
 * A dialogue of TEXT, a turn on each line: "C bytes", "S bytes" (\n is CR LF),
 * "G" a gap of the client, "g" one of the server, "E" and "e" their ends, "R"
 * a reset by the client, "T" the beginning of TLS. A tenth of a second lies
 * between turns.
 */
static inline struct ms_dialogue *
role_dialogue(struct ms_stash *stash, const char *text)
{
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	char **lines = g_strsplit(text, "\n", -1);
	int64_t time = 0;

	dialogue->number = 1;
	dialogue->begun = true;
	for (char **line = lines; *line; line++) {
		const char what = **line;
		const enum ms_side side = strchr("CGER", what) ?
		    MS_SIDE_CLIENT : MS_SIDE_SERVER;
		char **parts = g_strsplit(*line, "|", -1);
		char *bytes = g_strjoinv("\r\n", parts);
		enum ms_status status = MS_OK;

		time += 100000;
		if (what == 'C' || what == 'S')
			status = ms_dialogue_say(dialogue, side, time,
			    bytes + 2, strlen(bytes + 2), NULL);
		else if (what == 'G' || what == 'g')
			status = ms_dialogue_gap(dialogue, side, time, 9,
			    NULL);
		else if (what == 'T')
			status = ms_dialogue_secure(dialogue, time, NULL);
		else if (what)
			status = ms_dialogue_end(dialogue, side, time,
			    what == 'R', NULL);
		assert_int_equal(MS_OK, status);
		g_free(bytes);
		g_strfreev(parts);
	}
	g_strfreev(lines);
	return dialogue;
}

static inline struct ms_stash *
role_stash(void)
{
	const struct ms_stash_config config = { 1 << 20, -1, 0 };

	return ms_stash_new(&config);
}

/* What STEP sends, with CR LF as "|", for g_free(). */
static inline char *
role_bytes(const struct ms_role *role, const struct ms_step *step)
{
	GString *out = g_string_new_len(step->line,
	    (gssize)step->line_size);
	uint64_t at = 0;
	char block[7];
	size_t got = 1;
	char **parts;
	char *text;

	while (got > 0) {
		got = sizeof block;
		assert_int_equal(MS_OK, ms_role_read(role, step, at, block,
		    &got, NULL));
		g_string_append_len(out, block, (gssize)got);
		at += got;
	}
	parts = g_strsplit(out->str, "\r\n", -1);
	text = g_strjoinv("|", parts);
	g_strfreev(parts);
	g_string_free(out, TRUE);
	return text;
}

/* ROLE on one line: for each step, after how many it is sent, what, and the
 * codes of its replies; for g_free(). */
static inline char *
role_describe(const struct ms_role *role)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < role->steps->len; i++) {
		const struct ms_step *step = ms_role_step(role, i);
		char *bytes = role_bytes(role, step);

		g_string_append_printf(out, "%s%zu", i > 0 ? "; " : "",
		    step->after);
		if (step->kind == MS_STEP_CLOSE)
			g_string_append(out, step->reset ? " reset" : " end");
		if (step->kind == MS_STEP_LOGIN)
			g_string_append(out, " login");
		if (*bytes)
			g_string_append_printf(out, " [%s]", bytes);
		if (step->own != MS_STEP_RECORDED)
			g_string_append(out, " own");
		if (step->secure)
			g_string_append(out, " secure");
		for (size_t k = 0; k < step->count; k++)
			g_string_append_printf(out, " %d",
			    ms_role_recorded(role, step, k)->code);
		if (ms_role_is_silent(step))
			g_string_append(out, " silent");
		g_free(bytes);
	}
	return g_string_free(out, FALSE);
}

#endif
