#include "action/label.h"

#include <stdint.h>
#include <string.h>

/* What has no colon among so many bytes is no field of ours, unless they are a
 * name of ours and blanks: others take as many of those as come. */
#define NAME_MAX_BYTES 256

struct ms_label {
	struct ms_label_config config;
	enum {
		AT_NAME,	/* of a field, or at what a line begins with */
		IN_KEPT,	/* within a line that stays */
		IN_REMOVED,
		IN_BODY
	} state;
	GString *held;		/* of AT_NAME */
	bool begun;		/* the fields were written */
	bool removing;		/* the last field was removed, and so is what
				 * is folded behind it */
	unsigned removed;
	/* The subject is changed: */
	bool changed;
	GString *original;	/* what it said, while it is passed on */
};

struct ms_label *
ms_label_new(const struct ms_label_config *config)
{
	struct ms_label *label = g_new0(struct ms_label, 1);

	label->config = *config;
	label->held = g_string_new(NULL);
	label->begun = *config->fields == '\0' && !config->subject;
	return label;
}

void
ms_label_free(struct ms_label *label)
{
	if (!label)
		return;
	g_string_free(label->held, TRUE);
	if (label->original)
		g_string_free(label->original, TRUE);
	g_free(label);
}

/* The length of the field name that the SIZE bytes at TEXT are, but for blanks
 * before the colon (RFC 5322, 4.5.1); 0: that is none. */
static size_t
name_length(const char *text, size_t size)
{
	while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t'))
		size--;
	for (size_t i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == ':')
			return 0;
	return size;
}

static bool
is_named(const char *pattern, const char *name, size_t length)
{
	size_t size = strlen(pattern);

	if (size > 0 && pattern[size - 1] == '*')
		return length >= size - 1 &&
		    g_ascii_strncasecmp(pattern, name, size - 1) == 0;
	return length == size &&
	    g_ascii_strncasecmp(pattern, name, size) == 0;
}

static bool
is_removed(const struct ms_label *label, size_t length)
{
	const char *const *names = label->config.remove;

	for (size_t i = 0; names && names[i] && length > 0; i++)
		if (is_named(names[i], label->held->str, length))
			return true;
	return false;
}

/* SIZE bytes at TEXT of a line are about to pass: is that what the subject
 * says? */
static void
keep_subject(struct ms_label *label, const char *text, size_t size,
    GString *out)
{
	if (!label->original || size == 0)
		return;
	if (label->original->len == 0 && !strchr(" \t\r\n", *text))
		g_string_append_c(out, ' ');
	if (label->original->len <= MS_LABEL_SUBJECT_MAX)
		g_string_append_len(label->original, text, (gssize)size);
}

/* The field is over. */
static void
end_subject(struct ms_label *label, GString *out)
{
	GString *original = label->original;
	bool whole;

	if (!original)
		return;
	label->original = NULL;
	whole = original->len > 0 && original->str[original->len - 1] == '\n';
	if (!whole && original->len <= MS_LABEL_SUBJECT_MAX) {
		g_string_append(out, label->config.line_end);
		g_string_append(original, label->config.line_end);
	}
	if (original->len <= MS_LABEL_SUBJECT_MAX) {
		g_string_append(out, "X-Original-Subject:");
		g_string_append_len(out, original->str,
		    (gssize)original->len);
	}
	g_string_free(original, TRUE);
}

/* It begins, or there is none. If there are several, nobody knows which one is
 * shown. */
static void
put_subject(struct ms_label *label, bool exists, GString *out)
{
	if (!label->config.subject || (label->changed && !exists))
		return;
	label->changed = true;
	g_string_append_printf(out, "Subject: %s", label->config.subject);
	if (exists)
		label->original = g_string_new(NULL);
	else
		g_string_append(out, label->config.line_end);
}

/* Before the first line that is not a From_ line. HEADER: one follows. */
static void
put_fields(struct ms_label *label, bool header, GString *out)
{
	if (label->begun)
		return;
	label->begun = true;
	g_string_append(out, label->config.fields);
	if (header)
		return;
	put_subject(label, false, out);
	g_string_append(out, label->config.line_end);
	label->state = IN_BODY;
}

static void
release(struct ms_label *label, GString *out)
{
	g_string_append_len(out, label->held->str,
	    (gssize)label->held->len);
	g_string_truncate(label->held, 0);
}

static bool
is_from_line(const GString *line)
{
	return g_str_has_prefix(line->str, "From ") ||
	    g_str_has_prefix(line->str, ">From ");
}

/* What is held is the beginning of a line of some other kind than a field, or
 * all of it. */
static void
keep_line(struct ms_label *label, GString *out)
{
	bool whole = label->held->len > 0 &&
	    label->held->str[label->held->len - 1] == '\n';

	label->removing = false;
	label->state = whole ? AT_NAME : IN_KEPT;
	if (!label->begun && !is_from_line(label->held))
		put_fields(label, false, out);
	release(label, out);
}

/* LENGTH bytes of what is held are the name of a field. */
static void
take_field(struct ms_label *label, size_t length, GString *out)
{
	put_fields(label, true, out);
	label->removing = is_removed(label, length);
	label->state = label->removing ? IN_REMOVED : IN_KEPT;
	if (!label->removing && label->config.subject && length == 7 &&
	    is_named("Subject", label->held->str, length) &&
	    label->held->str[label->held->len - 1] == ':') {
		put_subject(label, true, out);
		g_string_truncate(label->held, 0);
		return;
	}
	if (!label->removing) {
		release(label, out);
		return;
	}
	label->removed++;
	g_string_truncate(label->held, 0);
}

static void
take_fold(struct ms_label *label, GString *out)
{
	if (!label->begun) {
		/* It would be folded into a field of ours. */
		put_fields(label, false, out);
		release(label, out);
		return;
	}
	label->state = label->removing ? IN_REMOVED : IN_KEPT;
	if (!label->removing) {
		keep_subject(label, label->held->str, label->held->len, out);
		release(label, out);
	}
	g_string_truncate(label->held, 0);
}

/* One more byte of what a line begins with. */
static void
take_byte(struct ms_label *label, char c, GString *out)
{
	const bool blank = c == ' ' || c == '\t';
	GString *held = label->held;
	size_t length = 0;

	g_string_append_c(held, c);
	if (c == ':' || (blank && held->len == NAME_MAX_BYTES))
		length = name_length(held->str, held->len - 1);
	if (held->len == 1 && !blank)
		end_subject(label, out);
	if (held->len == 1 && blank) {
		take_fold(label, out);
	} else if (length > 0 && (c == ':' || is_removed(label, length))) {
		take_field(label, length, out);
	} else if (c == '\n' && (held->len == 1 ||
	    (held->len == 2 && held->str[0] == '\r'))) {
		put_fields(label, true, out);
		put_subject(label, false, out);
		release(label, out);
		label->state = IN_BODY;
	} else if (c == '\n' || c == ':' || held->len == NAME_MAX_BYTES) {
		keep_line(label, out);
	}
}

void
ms_label_feed(struct ms_label *label, const void *data, size_t size,
    GString *out)
{
	const char *p = data, *end = p + size, *next;

	while (p < end) {
		if (label->state == AT_NAME) {
			take_byte(label, *p++, out);
			continue;
		}
		next = label->state == IN_BODY ? NULL :
		    memchr(p, '\n', (size_t)(end - p));
		next = next ? next + 1 : end;
		if (label->state == IN_KEPT)
			keep_subject(label, p, (size_t)(next - p), out);
		if (label->state != IN_REMOVED)
			g_string_append_len(out, p, next - p);
		if (label->state != IN_BODY && next[-1] == '\n')
			label->state = AT_NAME;
		p = next;
	}
}

void
ms_label_end(struct ms_label *label, GString *out)
{
	if (label->held->len > 0)
		keep_line(label, out);
	end_subject(label, out);
	if (label->begun && label->state == AT_NAME)
		put_subject(label, false, out);
	put_fields(label, false, out);
}

unsigned
ms_label_removed(const struct ms_label *label)
{
	return label->removed;
}

bool
ms_label_is_past(const struct ms_label *label)
{
	return label->state == IN_BODY;
}
