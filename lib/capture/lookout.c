#include "capture/lookout.h"

#include <glib.h>
#include <string.h>

#include "smtp/request.h"

void
ms_lookout_init(struct ms_lookout *l, unsigned verbs)
{
	l->verbs = verbs;
	memset(l->letter, 0, sizeof l->letter);
	for (unsigned i = 0; i < 32; i++) {
		const char *verb = verbs & 1u << i ?
		    ms_request_verb((enum ms_verb)i) : "";

		if (!*verb)
			continue;
		l->letter[g_ascii_toupper(*verb) & 127] = true;
		l->letter[g_ascii_tolower(*verb) & 127] = true;
	}
	l->at = l->line = 0;
	l->inside = false;
	l->size = 0;
}

/* Is the line one, without its end? Bytes of a cipher hardly are. */
static bool
is_command(const struct ms_lookout *l)
{
	struct ms_request request;
	size_t size = l->size;
	bool is;

	while (size > 0 && l->bytes[size - 1] == '\r')
		size--;
	for (size_t i = 0; i < size; i++)
		if (g_ascii_iscntrl(l->bytes[i]) && l->bytes[i] != '\t')
			return false;
	ms_request_parse(&request, l->bytes, size);
	is = (l->verbs & 1u << request.verb) != 0;
	ms_request_clear(&request);
	return is;
}

/* SIZE bytes of the line that is open. */
static void
take(struct ms_lookout *l, const char *bytes, size_t size)
{
	unsigned char first = size > 0 ? (unsigned char)*bytes : 0;

	if (l->size == 0 && size > 0 && (first > 127 || !l->letter[first]))
		l->inside = true;
	if (l->inside || size > sizeof l->bytes - l->size) {
		l->inside = true;
		return;
	}
	memcpy(l->bytes + l->size, bytes, size);
	l->size += size;
}

bool
ms_lookout_feed(struct ms_lookout *l, const void *data, size_t size)
{
	const char *p = data, *end = p + size;

	while (p < end) {
		const char *feed = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((feed ? feed : end) - p);

		take(l, p, n);
		if (!feed) {
			l->at += n;
			break;
		}
		if (!l->inside && l->size > 0 && is_command(l))
			return true;
		l->at += n + 1;
		l->line = l->at;
		l->inside = false;
		l->size = 0;
		p = feed + 1;
	}
	return false;
}

bool
ms_lookout_hopes(const struct ms_lookout *l)
{
	return !l->inside && l->size > 0;
}
