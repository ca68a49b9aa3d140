#include "milter/letter.h"

#include <string.h>

/* Mail servers allow a thousand or so; who says more wants our memory. */
#define RECIPIENTS_MAX 50000

struct ms_letter {
	struct ms_spool_config config;
	struct ms_spool *spool;
	struct ms_envelope *envelope;	/* NULL: none is open */
	GPtrArray *recipients;		/* as they were said */
	GString *line;			/* of a field */
	size_t header;			/* bytes; with the blank line */
	bool blanks;
	bool failed;
	struct ms_error why;
};

struct ms_letter *
ms_letter_new(const struct ms_spool_config *config)
{
	struct ms_letter *letter = g_new0(struct ms_letter, 1);

	letter->config = *config;
	letter->spool = ms_spool_new(config);
	letter->recipients = g_ptr_array_new_with_free_func(g_free);
	letter->line = g_string_new(NULL);
	return letter;
}

void
ms_letter_free(struct ms_letter *letter)
{
	if (!letter)
		return;
	ms_envelope_free(letter->envelope);
	g_ptr_array_unref(letter->recipients);
	(void)g_string_free(letter->line, TRUE);
	ms_spool_free(letter->spool);
	g_free(letter);
}

struct ms_spool *
ms_letter_aside(const struct ms_letter *letter)
{
	return ms_spool_new(&letter->config);
}

void
ms_letter_blanks(struct ms_letter *letter, bool are_there)
{
	letter->blanks = are_there;
}

void
ms_letter_clear(struct ms_letter *letter)
{
	ms_envelope_free(letter->envelope);
	letter->envelope = NULL;
	g_ptr_array_set_size(letter->recipients, 0);
	ms_spool_clear(letter->spool);
	letter->header = 0;
	letter->failed = false;
}

/* PATH without the brackets that it may have; for g_free(). */
static char *
strip(const char *path)
{
	const size_t size = strlen(path);

	if (size >= 2 && path[0] == '<' && path[size - 1] == '>')
		return g_strndup(path + 1, size - 2);
	return g_strdup(path);
}

void
ms_letter_begin(struct ms_letter *letter, const char *sender)
{
	char *address = strip(sender);

	ms_letter_clear(letter);
	letter->envelope = ms_envelope_new(address);
	g_free(address);
}

bool
ms_letter_is_open(const struct ms_letter *letter)
{
	return letter->envelope != NULL;
}

static void
fail(struct ms_letter *letter, const struct ms_error *why)
{
	if (!letter->failed)
		letter->why = *why;
	letter->failed = true;
}

struct ms_envelope *
ms_letter_ask(const struct ms_letter *letter, const char *recipient)
{
	struct ms_envelope *envelope = ms_envelope_new(
	    letter->envelope->sender);
	char *address = recipient ? strip(recipient) : NULL;

	if (address)
		ms_envelope_add(envelope, address);
	g_free(address);
	return envelope;
}

void
ms_letter_recipient(struct ms_letter *letter, const char *recipient)
{
	struct ms_error err;
	char *address;

	if (!letter->envelope)
		return;
	if (letter->recipients->len >= RECIPIENTS_MAX) {
		(void)ms_error_set(&err, MS_E_IO, "more than %d recipients",
		    RECIPIENTS_MAX);
		fail(letter, &err);
		return;
	}
	address = strip(recipient);
	ms_envelope_add(letter->envelope, address);
	g_ptr_array_add(letter->recipients, g_strdup(recipient));
	g_free(address);
}

static void
append(struct ms_letter *letter, const void *data, size_t size)
{
	struct ms_error err;

	if (letter->envelope && !letter->failed &&
	    ms_spool_write(letter->spool, data, size, &err) != MS_OK)
		fail(letter, &err);
}

void
ms_letter_field(struct ms_letter *letter, const char *name, const char *value)
{
	GString *line = letter->line;

	g_string_assign(line, name);
	g_string_append(line, letter->blanks ? ":" : ": ");
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\n' && (p == value || p[-1] != '\r'))
			g_string_append_c(line, '\r');
		g_string_append_c(line, *p);
	}
	g_string_append(line, "\r\n");
	append(letter, line->str, line->len);
	letter->header += line->len;
}

void
ms_letter_blank_line(struct ms_letter *letter)
{
	append(letter, "\r\n", 2);
	letter->header += 2;
}

void
ms_letter_body(struct ms_letter *letter, const void *data, size_t size)
{
	append(letter, data, size);
}

struct ms_envelope *
ms_letter_envelope(struct ms_letter *letter)
{
	return letter->envelope;
}

const GPtrArray *
ms_letter_recipients(const struct ms_letter *letter)
{
	return letter->recipients;
}

enum ms_status
ms_letter_seal(struct ms_letter *letter, int *fd, uint64_t *size,
    struct ms_error *err)
{
	if (!letter->envelope)
		return ms_error_set(err, MS_E_IO, "there is no message");
	if (letter->failed) {
		*err = letter->why;
		return MS_E_IO;
	}
	*size = ms_spool_size(letter->spool);
	return ms_spool_seal(letter->spool, fd, err);
}

enum ms_status
ms_letter_map(struct ms_letter *letter, struct ms_letter_bytes *bytes,
    struct ms_error *err)
{
	bytes->size = (size_t)ms_spool_size(letter->spool);
	bytes->header = letter->header;
	return ms_spool_map(letter->spool, &bytes->data, err);
}
