#include "engine/clamdline.h"

#include "base/quote.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Digits of the number of a descriptor, or of a database, at most. */
#define DIGITS_MAX 10

struct text {
	const char *at;
	size_t size;
};

static bool
is(const struct text *text, const char *what)
{
	return text->size == strlen(what) &&
	    memcmp(text->at, what, text->size) == 0;
}

/* Take WHAT off the front; false: it is not there. */
static bool
take(struct text *text, const char *what)
{
	const size_t size = strlen(what);

	if (text->size < size || memcmp(text->at, what, size) != 0)
		return false;
	text->at += size;
	text->size -= size;
	return true;
}

/* The same at the end. */
static bool
take_end(struct text *text, const char *what)
{
	const size_t size = strlen(what);

	if (text->size < size ||
	    memcmp(text->at + text->size - size, what, size) != 0)
		return false;
	text->size -= size;
	return true;
}

/* The number of digits at the front, which are taken off, too. */
static size_t
take_digits(struct text *text)
{
	size_t n = 0;

	while (n < text->size && g_ascii_isdigit(text->at[n]))
		n++;
	text->at += n;
	text->size -= n;
	return n;
}

/* "stream: " or "fd[NUMBER]: ". */
static bool
take_subject(struct text *text)
{
	struct text rest = *text;
	size_t digits;

	if (take(text, "stream: "))
		return true;
	if (!take(&rest, "fd["))
		return false;
	digits = take_digits(&rest);
	if (digits == 0 || digits > DIGITS_MAX || !take(&rest, "]: "))
		return false;
	*text = rest;
	return true;
}

/* With ExtendedDetectionInfo, a name ends in "(MD5:SIZE)", which is none of
 * it. */
static void
drop_extension(struct text *name)
{
	const char *open = memrchr(name->at, '(', name->size);
	struct text rest;
	size_t digits;

	if (!open || open == name->at)
		return;
	rest = (struct text){ open + 1,
		name->size - (size_t)(open + 1 - name->at) };
	for (int i = 0; i < 32; i++, rest.at++, rest.size--)
		if (rest.size == 0 || !g_ascii_isxdigit(*rest.at))
			return;
	if (!take(&rest, ":"))
		return;
	digits = take_digits(&rest);
	if (digits > 0 && is(&rest, ")"))
		name->size = (size_t)(open - name->at);
}

static void
say(struct ms_engine_answer *answer, const char *before,
    const struct text *text)
{
	GString *quoted = g_string_new(before);

	ms_quote_append(quoted, text->at,
	    MIN(text->size, MS_CLAMDLINE_NAME_MAX));
	(void)g_strlcpy(answer->text, quoted->str, sizeof answer->text);
	g_string_free(quoted, TRUE);
}

static bool
is_too_large(struct text text)
{
	(void)take_subject(&text);
	return is(&text, "INSTREAM size limit exceeded. ERROR");
}

/* What clamd says of commands that it does not take. */
static bool
is_refusal(const struct text *text)
{
	return is(text, "UNKNOWN COMMAND") || is(text, "COMMAND UNAVAILABLE") ||
	    is(text, "COMMAND READ TIMED OUT");
}

bool
ms_clamdline_scan(const void *data, size_t size,
    struct ms_engine_answer *answer)
{
	struct text text = { data, size };
	struct text error = text;
	bool subject;

	*answer = (struct ms_engine_answer){ .kind = MS_ENGINE_FAILED };
	if (is_too_large(text)) {
		answer->kind = MS_ENGINE_TOO_LARGE;
		(void)g_strlcpy(answer->text, "larger than clamd's "
		    "StreamMaxLength", sizeof answer->text);
		return true;
	}
	subject = take_subject(&text);
	if (subject && is(&text, "OK")) {
		answer->kind = MS_ENGINE_CLEAN;
		return true;
	}
	if (subject && take_end(&text, " FOUND") && text.size > 0) {
		drop_extension(&text);
		answer->kind = MS_ENGINE_FOUND;
		say(answer, "", &text);
		return true;
	}
	if (take_end(&error, " ERROR") || is_refusal(&error)) {
		(void)take_subject(&error);
		say(answer, "it says ", &error);
		return true;
	}
	say(answer, "it says what clamd does not say: ", &error);
	return false;
}

/* The month with this name, from 0, or -1. */
static int
month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (memcmp(names + 3 * i, name, 3) == 0)
			return i;
	return -1;
}

/* The number in the two characters at P, of which the first may be a space,
 * or -1. */
static int
two_digits(const char *p)
{
	const int tens = p[0] == ' ' ? 0 : g_ascii_digit_value(p[0]);
	const int ones = g_ascii_digit_value(p[1]);

	return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

/* "Sat Nov 21 08:02:11 2026"; -1: it is not. */
static int64_t
time_of(const struct text *date, struct tm *tm)
{
	const char *p = date->at;
	int century, year;

	*tm = (struct tm){ 0 };
	if (date->size != 24 || p[3] != ' ' || p[7] != ' ' || p[10] != ' ' ||
	    p[13] != ':' || p[16] != ':' || p[19] != ' ')
		return -1;
	tm->tm_mon = month_of(p + 4);
	tm->tm_mday = two_digits(p + 8);
	tm->tm_hour = two_digits(p + 11);
	tm->tm_min = two_digits(p + 14);
	tm->tm_sec = two_digits(p + 17);
	century = two_digits(p + 20);
	year = two_digits(p + 22);
	tm->tm_year = century * 100 + year - 1900;
	if (tm->tm_mon < 0 || tm->tm_mday < 1 || tm->tm_hour < 0 ||
	    tm->tm_min < 0 || tm->tm_sec < 0 || century < 19 || year < 0)
		return -1;
	return timegm(tm);
}

/* "/27840/DATE", or nothing. */
static bool
take_database(struct text *text, struct ms_clamdline_version *version)
{
	const char *digits;
	char date[16] = "";
	struct tm tm;
	size_t count;

	if (text->size == 0)
		return true;
	if (!take(text, "/"))
		return false;
	digits = text->at;
	count = take_digits(text);
	if (count == 0 || count > DIGITS_MAX || !take(text, "/"))
		return false;
	version->database_time = time_of(text, &tm);
	if (version->database_time >= 0)
		(void)strftime(date, sizeof date, " of %Y-%m-%d", &tm);
	(void)snprintf(version->database, sizeof version->database,
	    "daily %.*s%s", (int)count, digits, date);
	return true;
}

bool
ms_clamdline_version(const void *data, size_t size,
    struct ms_clamdline_version *version)
{
	struct text text = { data, size };
	size_t n = 0;

	*version = (struct ms_clamdline_version){ .database_time = -1 };
	if (!take(&text, "ClamAV "))
		return false;
	while (n < text.size && g_ascii_isgraph(text.at[n]) &&
	    text.at[n] != '/' && text.at[n] != '\\')
		n++;
	if (n == 0 || n >= sizeof version->version)
		return false;
	memcpy(version->version, text.at, n);
	text.at += n;
	text.size -= n;
	return take_database(&text, version);
}
