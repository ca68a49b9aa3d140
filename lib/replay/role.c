#include "replay/role.h"

#include <string.h>

/* Characters of a command that people are shown. */
#define SHOWN 400

static void
clear_step(void *step)
{
	g_free(((struct ms_step *)step)->line);
}

static void
clear_recorded(void *recorded)
{
	g_free(((struct ms_recorded *)recorded)->text);
}

struct ms_role *
ms_role_new(void)
{
	struct ms_role *role = g_new0(struct ms_role, 1);
	const struct ms_step greeting = { .kind = MS_STEP_GREETING };
	const struct ms_step end = { .kind = MS_STEP_CLOSE, .after = 1 };

	role->steps = g_array_new(FALSE, TRUE, sizeof(struct ms_step));
	g_array_set_clear_func(role->steps, clear_step);
	role->recorded = g_array_new(FALSE, TRUE, sizeof(struct ms_recorded));
	g_array_set_clear_func(role->recorded, clear_recorded);
	role->pieces = g_array_new(FALSE, TRUE, sizeof(struct ms_role_piece));
	g_array_append_val(role->steps, greeting);
	g_array_append_val(role->steps, end);
	return role;
}

void
ms_role_free(struct ms_role *role)
{
	if (!role)
		return;
	g_array_unref(role->steps);
	g_array_unref(role->recorded);
	g_array_unref(role->pieces);
	ms_dialogue_free(role->dialogue);
	ms_spool_free(role->spool);
	g_free(role->client);
	g_free(role->server);
	g_free(role->source);
	g_free(role->origin);
	g_free(role->preamble);
	g_free(role->cut);
	g_free(role);
}

struct ms_step *
ms_role_step(const struct ms_role *role, size_t i)
{
	return &g_array_index(role->steps, struct ms_step, i);
}

const struct ms_recorded *
ms_role_recorded(const struct ms_role *role, const struct ms_step *step,
    size_t i)
{
	if (step->count == 0)
		return NULL;
	return &g_array_index(role->recorded, struct ms_recorded,
	    step->first + MIN(i, step->count - 1));
}

void
ms_role_answer(struct ms_role *role, struct ms_step *step, int code,
    const char *text)
{
	const struct ms_recorded recorded = { code, g_strdup(text) };

	if (step->count == 0)
		step->first = role->recorded->len;
	step->count++;
	g_array_append_val(role->recorded, recorded);
}

/* The piece in which OFFSET is. */
static const struct ms_role_piece *
find_piece(const GArray *pieces, uint64_t offset)
{
	const struct ms_role_piece *all = (const struct ms_role_piece *)
	    (const void *)pieces->data;
	guint low = 0, high = pieces->len;

	while (high - low > 1) {
		const guint middle = low + (high - low) / 2;

		if (all[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return &all[low];
}

enum ms_status
ms_role_client(const struct ms_role *role, uint64_t offset, void *data,
    size_t *size, struct ms_error *err)
{
	const struct ms_role_piece *piece;

	if (role->pieces->len == 0) {
		*size = 0;
		return MS_OK;
	}
	piece = find_piece(role->pieces, offset);
	return ms_dialogue_read(role->dialogue, piece->turn,
	    offset - piece->offset, data, size, err);
}

enum ms_status
ms_role_read(const struct ms_role *role, const struct ms_step *step,
    uint64_t offset, void *data, size_t *size, struct ms_error *err)
{
	*size = (size_t)MIN(*size, step->size - MIN(offset, step->size));
	if (*size == 0)
		return MS_OK;
	return step->spooled ? ms_spool_read(role->spool,
	    step->offset + offset, data, *size, size, err) :
	    ms_role_client(role, step->offset + offset, data, size, err);
}

void
ms_role_insert(struct ms_role *role, size_t at, const struct ms_step *step)
{
	struct ms_step copy = *step;

	copy.after = at;
	g_array_insert_val(role->steps, (guint)at, copy);
	for (size_t i = at + 1; i < role->steps->len; i++) {
		struct ms_step *later = ms_role_step(role, i);

		later->after = MAX(later->after, at) + 1;
	}
}

void
ms_role_remove(struct ms_role *role, size_t at)
{
	g_array_remove_index(role->steps, (guint)at);
	for (size_t i = at; i < role->steps->len; i++) {
		struct ms_step *later = ms_role_step(role, i);

		if (later->after > at)
			later->after--;
	}
}

struct ms_step
ms_role_command(const char *verb, const char *argument)
{
	struct ms_step step = { .kind = MS_STEP_COMMAND };

	(void)g_strlcpy(step.verb, verb, sizeof step.verb);
	step.line = argument ? g_strconcat(verb, " ", argument, "\r\n", NULL) :
	    g_strconcat(verb, "\r\n", NULL);
	step.line_size = strlen(step.line);
	return step;
}

bool
ms_role_is_silent(const struct ms_step *step)
{
	return step->silent && step->count == 0;
}

bool
ms_role_ends_message(const struct ms_step *step)
{
	const char *last;

	if (step->kind == MS_STEP_CONTENT)
		return true;
	if (strcmp(step->verb, "BDAT") != 0 || !step->line)
		return false;
	last = strrchr(step->line, ' ');
	return last && g_ascii_strncasecmp(last, " LAST", 5) == 0;
}

char *
ms_role_label(const struct ms_step *step)
{
	static const char *const words[] = {
		[MS_STEP_GREETING] = "(connection)",
		[MS_STEP_CONTENT] = "(message)",
		[MS_STEP_RESPONSE] = "(answer in AUTH)",
		[MS_STEP_LOGIN] = "AUTH",
		[MS_STEP_CLOSE] = "(end)",
	};
	size_t size = step->line_size;

	if (step->kind != MS_STEP_COMMAND)
		return g_strdup(words[step->kind]);
	if (!step->line)
		return g_strdup("(a long line)");
	while (size > 0 && (step->line[size - 1] == '\n' ||
	    step->line[size - 1] == '\r'))
		size--;
	/* "AUTH PLAIN" and "AUTH LOGIN" may have a secret behind them. */
	if (strcmp(step->verb, "AUTH") == 0) {
		const char *blank = memchr(step->line, ' ', size);
		const char *rest = blank ? memchr(blank + 1, ' ', size -
		    (size_t)(blank + 1 - step->line)) : NULL;

		if (rest)
			return g_strdup_printf("%.*s ...",
			    (int)MIN((size_t)(rest - step->line), SHOWN),
			    step->line);
	}
	return g_strndup(step->line, MIN(size, SHOWN));
}
