#include "smtp/handed.h"

#include <string.h>

/* What is left of it. */
struct rest {
	const char *at;
	size_t size;
};

/* The string that REST begins with, without its NUL; NULL: it has no end. */
static const char *
take(struct rest *rest)
{
	const char *text = rest->at;
	const char *end = rest->size > 0 ? memchr(text, '\0', rest->size) :
	    NULL;

	if (!end)
		return NULL;
	rest->size -= (size_t)(end + 1 - text);
	rest->at = end + 1;
	return text;
}

static enum ms_status
cut_off(struct ms_error *err)
{
	return ms_error_set(err, MS_E_IO, "the envelope has no end");
}

/* The recipients, up to the end. */
static enum ms_status
read_recipients(struct rest *rest, struct ms_envelope *envelope,
    struct ms_error *err)
{
	const char *text;

	while ((text = take(rest)) && *text == 'T')
		ms_envelope_add(envelope, text + 1);
	if (!text)
		/* Something else, also where it is cut off. */
		return rest->size > 0 && *rest->at != 'T' ?
		    ms_error_set(err, MS_E_FORMAT, "no recipient where there "
		    "should be one") : cut_off(err);
	if (*text != '\0')
		return ms_error_set(err, MS_E_FORMAT, "no recipient where "
		    "there should be one");
	if (rest->size > 0)
		return ms_error_set(err, MS_E_FORMAT,
		    "there is more behind the envelope");
	return envelope->count > 0 ? MS_OK : ms_error_set(err, MS_E_FORMAT,
	    "there is no recipient");
}

enum ms_status
ms_handed_read(const void *data, size_t size, struct ms_envelope **envelope,
    struct ms_error *err)
{
	struct rest rest = { data, size };
	struct ms_envelope *e;
	const char *text;
	enum ms_status status;

	if (size == 0)
		return ms_error_set(err, MS_E_IO, "there is no envelope");
	if (*rest.at != 'F')
		return ms_error_set(err, MS_E_FORMAT, "no sender where there "
		    "should be one");
	text = take(&rest);
	if (!text)
		return cut_off(err);
	e = ms_envelope_new(text + 1);
	status = read_recipients(&rest, e, err);
	if (status == MS_OK)
		*envelope = e;
	else
		ms_envelope_free(e);
	return status;
}

static void
put(GByteArray *out, char letter, const char *text)
{
	g_byte_array_append(out, (const guint8 *)&letter, 1);
	g_byte_array_append(out, (const guint8 *)text,
	    (guint)strlen(text) + 1);
}

void
ms_handed_write(const char *sender, const char *const *recipients,
    GByteArray *out)
{
	put(out, 'F', sender);
	for (; *recipients; recipients++)
		put(out, 'T', *recipients);
	g_byte_array_append(out, (const guint8 *)"", 1);
}
