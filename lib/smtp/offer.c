#include "smtp/offer.h"

#include <string.h>

enum way {
	PASS,			/* as the next hop has it */
	OWN,			/* said by the proxy, if at all */
	HIDE
};

static const struct {
	const char *name;
	enum way way;
	enum ms_verb verb;	/* that must not be refused */
} known[] = {
	{ "8BITMIME", PASS, MS_VERB_UNKNOWN },
	{ "SMTPUTF8", PASS, MS_VERB_UNKNOWN },
	{ "DSN", PASS, MS_VERB_UNKNOWN },
	{ "ENHANCEDSTATUSCODES", PASS, MS_VERB_UNKNOWN },
	{ "DELIVERBY", PASS, MS_VERB_UNKNOWN },
	{ "MT-PRIORITY", PASS, MS_VERB_UNKNOWN },
	{ "REQUIRETLS", HIDE, MS_VERB_UNKNOWN },
	{ "LIMITS", PASS, MS_VERB_UNKNOWN },
	{ "AUTH", PASS, MS_VERB_AUTH },
	{ "VRFY", PASS, MS_VERB_VRFY },
	{ "EXPN", PASS, MS_VERB_EXPN },
	{ "ETRN", PASS, MS_VERB_ETRN },
	{ "HELP", OWN, MS_VERB_UNKNOWN },
	{ "SIZE", OWN, MS_VERB_UNKNOWN },
	{ "PIPELINING", OWN, MS_VERB_UNKNOWN },
	{ "CHUNKING", OWN, MS_VERB_UNKNOWN },
	{ "BINARYMIME", OWN, MS_VERB_UNKNOWN },
	{ "STARTTLS", OWN, MS_VERB_UNKNOWN },
	{ "XCLIENT", OWN, MS_VERB_UNKNOWN },
	{ "XFORWARD", OWN, MS_VERB_UNKNOWN },
	{ "CHECKPOINT", HIDE, MS_VERB_UNKNOWN },
	{ "XEXCH50", HIDE, MS_VERB_UNKNOWN },
	{ "BURL", HIDE, MS_VERB_UNKNOWN },
	{ "ATRN", HIDE, MS_VERB_UNKNOWN },
	{ "TURN", HIDE, MS_VERB_UNKNOWN },
};

void
ms_offer_clear(struct ms_offer *offer)
{
	g_free(offer->xclient);
	*offer = (struct ms_offer){ 0 };
}

static bool
is_hidden(const struct ms_offer_own *own, const char *line, size_t size)
{
	for (size_t i = 0; own->hide && own->hide[i]; i++)
		if (strlen(own->hide[i]) == size &&
		    g_ascii_strncasecmp(own->hide[i], line, size) == 0)
			return true;
	return false;
}

void
ms_offer_read(struct ms_offer *offer, const struct ms_reply *reply,
    bool extended, const struct ms_offer_own *own)
{
	char *value;

	ms_offer_clear(offer);
	offer->extended = extended;
	if (!extended)
		return;
	offer->pipelining = ms_reply_extension(reply, "PIPELINING", NULL);
	offer->chunking = !is_hidden(own, "CHUNKING", 8) &&
	    ms_reply_extension(reply, "CHUNKING", NULL);
	offer->binarymime = offer->chunking &&
	    !is_hidden(own, "BINARYMIME", 10) &&
	    ms_reply_extension(reply, "BINARYMIME", NULL);
	offer->starttls = ms_reply_extension(reply, "STARTTLS", NULL);
	offer->xforward = ms_reply_extension(reply, "XFORWARD", NULL);
	(void)ms_reply_extension(reply, "XCLIENT", &offer->xclient);
	if (ms_reply_extension(reply, "SIZE", &value)) {
		if (value)
			offer->size = g_ascii_strtoull(value, NULL, 10);
		g_free(value);
	}
}

uint64_t
ms_offer_size(const struct ms_offer *offer, uint64_t own)
{
	if (offer->size == 0 || own == 0)
		return MAX(offer->size, own);
	return MIN(offer->size, own);
}

/* May the keyword of SIZE bytes at LINE be passed on? */
static bool
is_passed(const struct ms_offer_own *own, const char *line, size_t size)
{
	if (size == 0 || is_hidden(own, line, size))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (strlen(known[i].name) == size &&
		    g_ascii_strncasecmp(known[i].name, line, size) == 0)
			return known[i].way == PASS &&
			    !(own->refuse & (1U << known[i].verb));
	return own->pass_unknown;
}

static void
add(const struct ms_offer_own *own, bool offered, const char *line,
    GString *out)
{
	if (offered && !is_hidden(own, line, strcspn(line, " ")))
		g_string_append_printf(out, "\n%s", line);
}

void
ms_offer_compose(const struct ms_offer *offer, const struct ms_reply *reply,
    const struct ms_offer_own *own, GString *out)
{
	const uint64_t size = ms_offer_size(offer, own->size_max);
	char *limit = NULL;
	char **lines;

	g_string_append(out, own->hostname);
	if (!offer->extended)
		return;
	limit = size == 0 ? g_strdup("SIZE") :
	    g_strdup_printf("SIZE %" G_GUINT64_FORMAT, size);
	lines = g_strsplit(reply->text->str, "\n", -1);
	for (size_t i = 1; lines[0] && lines[i]; i++)
		if (is_passed(own, lines[i], strcspn(lines[i], " =\t")))
			g_string_append_printf(out, "\n%s", lines[i]);
	g_strfreev(lines);
	add(own, true, "PIPELINING", out);
	add(own, true, limit, out);
	add(own, offer->chunking, "CHUNKING", out);
	add(own, offer->binarymime, "BINARYMIME", out);
	add(own, own->starttls, "STARTTLS", out);
	add(own, own->xclient, "XCLIENT NAME ADDR PORT PROTO HELO LOGIN "
	    "DESTADDR DESTPORT", out);
	add(own, own->xforward, "XFORWARD NAME ADDR PORT PROTO HELO IDENT "
	    "SOURCE", out);
	g_free(limit);
}

static bool
is_word_of(const char *words, const char *word)
{
	char **list = g_strsplit_set(words, " \t", -1);
	bool found = false;

	for (char **w = list; *w && !found; w++)
		found = g_ascii_strcasecmp(*w, word) == 0;
	g_strfreev(list);
	return found;
}

void
ms_offer_xclient(const struct ms_offer *offer,
    const struct ms_keyword *keywords, size_t count, GString *out)
{
	g_string_append(out, "XCLIENT");
	for (size_t i = 0; i < count; i++) {
		if (!offer->xclient ||
		    !is_word_of(offer->xclient, keywords[i].name))
			continue;
		g_string_append_printf(out, " %s=", keywords[i].name);
		if (keywords[i].value && *keywords[i].value)
			ms_request_xtext(keywords[i].value, out);
		else
			g_string_append(out, "[UNAVAILABLE]");
	}
}
