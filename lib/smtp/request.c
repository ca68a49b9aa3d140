#include "smtp/request.h"

#include <string.h>

/* What stands behind a verb. */
enum rest {
	REST_NONE,
	REST_ANY,
	REST_SOME,
	REST_FROM,
	REST_TO,
	REST_CHUNK,
	REST_ATTRIBUTES
};

static const struct verb {
	const char *name;
	enum rest rest;
	const char *syntax;
} verbs[] = {
	[MS_VERB_UNKNOWN] = { "", REST_ANY, "" },
	[MS_VERB_EHLO] = { "EHLO", REST_SOME, "Syntax: EHLO name" },
	[MS_VERB_HELO] = { "HELO", REST_SOME, "Syntax: HELO name" },
	[MS_VERB_LHLO] = { "LHLO", REST_SOME, "Syntax: LHLO name" },
	[MS_VERB_MAIL] = { "MAIL", REST_FROM, "Syntax: MAIL FROM:<address>" },
	[MS_VERB_RCPT] = { "RCPT", REST_TO, "Syntax: RCPT TO:<address>" },
	[MS_VERB_DATA] = { "DATA", REST_NONE, "Syntax: DATA" },
	[MS_VERB_BDAT] = { "BDAT", REST_CHUNK, "Syntax: BDAT size [LAST]" },
	[MS_VERB_RSET] = { "RSET", REST_NONE, "Syntax: RSET" },
	[MS_VERB_NOOP] = { "NOOP", REST_ANY, "Syntax: NOOP [text]" },
	[MS_VERB_QUIT] = { "QUIT", REST_NONE, "Syntax: QUIT" },
	[MS_VERB_VRFY] = { "VRFY", REST_SOME, "Syntax: VRFY address" },
	[MS_VERB_EXPN] = { "EXPN", REST_SOME, "Syntax: EXPN list" },
	[MS_VERB_HELP] = { "HELP", REST_ANY, "Syntax: HELP [text]" },
	[MS_VERB_ETRN] = { "ETRN", REST_SOME, "Syntax: ETRN domain" },
	[MS_VERB_AUTH] = { "AUTH", REST_SOME, "Syntax: AUTH mechanism" },
	[MS_VERB_STARTTLS] = { "STARTTLS", REST_NONE, "Syntax: STARTTLS" },
	[MS_VERB_XCLIENT] = { "XCLIENT", REST_ATTRIBUTES,
	    "Syntax: XCLIENT attribute=value" },
	[MS_VERB_XFORWARD] = { "XFORWARD", REST_ATTRIBUTES,
	    "Syntax: XFORWARD attribute=value" },
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first problem is the one to tell. */
static void
refuse(struct ms_request *request, int code, const char *enhanced,
    const char *text)
{
	if (request->problem.code == 0)
		request->problem = (struct ms_refusal){ code, enhanced, text };
}

static void
refuse_syntax(struct ms_request *request)
{
	refuse(request, 501, "5.5.4", verbs[request->verb].syntax);
}

/* Digits only; what is too much for the type is its most. */
static bool
number(const char *text, size_t size, uint64_t *value)
{
	uint64_t n = 0;

	for (size_t i = 0; i < size; i++) {
		const unsigned digit = (unsigned)(text[i] - '0');

		if (!g_ascii_isdigit(text[i]))
			return false;
		n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX :
		    n * 10 + digit;
	}
	*value = n;
	return size > 0;
}

bool
ms_request_undo_xtext(const char *text, size_t size, GString *out)
{
	const size_t before = out->len;

	for (size_t i = 0; i < size; i++) {
		int c = (unsigned char)text[i];

		if (c == '+') {
			if (size - i < 3 || !g_ascii_isxdigit(text[i + 1]) ||
			    !g_ascii_isxdigit(text[i + 2]))
				return false;
			c = g_ascii_xdigit_value(text[i + 1]) * 16 +
			    g_ascii_xdigit_value(text[i + 2]);
			i += 2;
		} else if (c == '=' || c == ' ') {
			return false;
		}
		if (c < ' ' || c == 0x7f)
			return false;
		g_string_append_c(out, (char)c);
	}
	return g_utf8_validate(out->str + before,
	    (gssize)(out->len - before), NULL);
}

/* A bracket is written so, too: it is what [UNAVAILABLE] begins with. */
void
ms_request_xtext(const char *text, GString *out)
{
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c > 126 || strchr("+=[", *text))
			g_string_append_printf(out, "+%02X", c);
		else
			g_string_append_c(out, *text);
	}
}

/* The bytes that VALUE is the xtext of, or NULL. */
static char *
decoded(const char *value)
{
	GString *out = g_string_new(NULL);
	const bool good = ms_request_undo_xtext(value, strlen(value), out);

	return g_string_free(out, !good);
}

/*
 * Parameters of MAIL and RCPT. VALUE is NULL if there was none.
 */

static bool
take_size(struct ms_request *request, const char *value)
{
	/* RFC 1870, 4: at most 20 digits. */
	request->has_size = value && strlen(value) <= 20 &&
	    number(value, strlen(value), &request->size);
	return request->has_size;
}

/* Which of WORDS, that NULL ends, VALUE is, from 1; 0: none. */
static unsigned
which(const char *const *words, const char *value)
{
	for (unsigned i = 0; value && words[i]; i++)
		if (g_ascii_strcasecmp(words[i], value) == 0)
			return i + 1;
	return 0;
}

static bool
take_body(struct ms_request *request, const char *value)
{
	static const char *const words[] = { "7BIT", "8BITMIME", "BINARYMIME",
		NULL };

	request->body = (enum ms_request_body)which(words, value);
	return request->body != MS_BODY_NONE;
}

static bool
take_smtputf8(struct ms_request *request, const char *value)
{
	request->smtputf8 = true;
	return value == NULL;
}

static bool
take_ret(struct ms_request *request, const char *value)
{
	static const char *const words[] = { "FULL", "HDRS", NULL };

	request->ret = (enum ms_request_ret)which(words, value);
	return request->ret != MS_RET_NONE;
}

static bool
take_envid(struct ms_request *request, const char *value)
{
	/* RFC 3461, 4.4. */
	if (value && *value && strlen(value) <= 100)
		request->envid = decoded(value);
	return request->envid != NULL;
}

static bool
take_auth(struct ms_request *request, const char *value)
{
	if (value && strcmp(value, "<>") == 0)
		request->auth = g_strdup("");
	else if (value && *value)
		request->auth = decoded(value);
	return request->auth != NULL;
}

static bool
take_notify(struct ms_request *request, const char *value)
{
	static const char *const words[] = { "NEVER", "SUCCESS", "FAILURE",
		"DELAY", NULL };
	char **list = g_strsplit(value ? value : "", ",", -1);
	unsigned bits = 0;
	bool good = *list != NULL;

	for (char **word = list; *word && good; word++) {
		const unsigned found = which(words, *word);

		good = found > 0;
		if (good)
			bits |= 1U << (found - 1);
	}
	g_strfreev(list);
	/* RFC 3461, 4.1: NEVER stands alone. */
	if ((bits & MS_NOTIFY_NEVER) && bits != MS_NOTIFY_NEVER)
		good = false;
	request->notify = good ? bits : 0;
	return good;
}

static bool
take_orcpt(struct ms_request *request, const char *value)
{
	const char *semicolon = value ? strchr(value, ';') : NULL;

	if (semicolon && semicolon > value && semicolon[1] &&
	    strlen(value) <= 500)
		request->orcpt = decoded(value);
	return request->orcpt != NULL;
}

static const struct {
	const char *name;
	enum ms_verb verb;
	bool (*take)(struct ms_request *request, const char *value);
	const char *wrong;
} keywords[] = {
	{ "SIZE", MS_VERB_MAIL, take_size, "Bad SIZE parameter" },
	{ "BODY", MS_VERB_MAIL, take_body, "Bad BODY parameter" },
	{ "SMTPUTF8", MS_VERB_MAIL, take_smtputf8, "Bad SMTPUTF8 parameter" },
	{ "RET", MS_VERB_MAIL, take_ret, "Bad RET parameter" },
	{ "ENVID", MS_VERB_MAIL, take_envid, "Bad ENVID parameter" },
	{ "AUTH", MS_VERB_MAIL, take_auth, "Bad AUTH parameter" },
	{ "NOTIFY", MS_VERB_RCPT, take_notify, "Bad NOTIFY parameter" },
	{ "ORCPT", MS_VERB_RCPT, take_orcpt, "Bad ORCPT parameter" },
};

static void
add(struct ms_request *request, const struct ms_keyword *keyword)
{
	g_array_append_val(request->parameters, *keyword);
}

static bool
is_name(const char *name)
{
	const char *p = name;

	while (g_ascii_isalnum(*p) || *p == '_' || (*p == '-' && p > name))
		p++;
	return p > name && *p == '\0';
}

/* One word behind the address. */
static void
take_keyword(struct ms_request *request, const char *word, size_t size)
{
	const char *equals = memchr(word, '=', size);
	const size_t name = equals ? (size_t)(equals - word) : size;
	struct ms_keyword keyword = {
		.name = g_ascii_strup(word, (gssize)name),
		.value = equals ?
		    g_strndup(equals + 1, size - name - 1) : NULL,
	};
	const bool again = ms_request_find(request, keyword.name) != NULL;

	if (!is_name(keyword.name))
		refuse(request, 501, "5.5.4", "Bad parameter");
	else if (again)
		refuse(request, 501, "5.5.4", "Parameter stands twice");
	for (size_t i = 0; i < G_N_ELEMENTS(keywords) && !again; i++) {
		if (strcmp(keywords[i].name, keyword.name) != 0)
			continue;
		keyword.known = keywords[i].verb == request->verb;
		if (!keyword.known)
			refuse(request, 555, "5.5.4",
			    "Parameter of another command");
		else if (!keywords[i].take(request, keyword.value))
			refuse(request, 501, "5.5.4", keywords[i].wrong);
	}
	add(request, &keyword);
}

/* Give each of the words in SIZE bytes at TEXT to TAKE. */
static void
each_word(struct ms_request *request, const char *text, size_t size,
    void (*take)(struct ms_request *request, const char *word, size_t size))
{
	size_t at = 0;

	while (at < size) {
		size_t n = 0;

		while (at + n < size && !is_blank(text[at + n]))
			n++;
		if (n > 0)
			take(request, text + at, n);
		else if (at > 0)
			request->flaws |= MS_REQUEST_BLANKS;
		at += n + 1;
	}
}

/* "FROM:" or "TO:" and the rest. */
static void
take_path(struct ms_request *request, const char *prefix)
{
	const bool sender = request->verb == MS_VERB_MAIL;
	const char *p = request->argument, *colon = strchr(p, ':');
	const size_t size = strlen(prefix);
	size_t used, rest;
	bool good;

	good = colon && g_ascii_strncasecmp(p, prefix, size) == 0;
	for (const char *q = p + size; good && q < colon; q++)
		good = is_blank(*q);
	if (!good) {
		refuse_syntax(request);
		return;
	}
	if (colon > p + size)
		request->flaws |= MS_REQUEST_BLANKS;
	p = colon + 1;
	good = ms_address_parse(p, strlen(p), &request->address, &used) ==
	    MS_OK;
	if (!good || (!sender && *request->address.text == '\0'))
		refuse(request, 501, sender ? "5.1.7" : "5.1.3",
		    sender ? "Bad sender address" : "Bad recipient address");
	p += used;
	rest = strlen(p);
	if (rest > 0 && !is_blank(*p))
		refuse_syntax(request);
	each_word(request, p, rest, take_keyword);
}

static void
take_chunk(struct ms_request *request)
{
	/* RFC 3030 sets no limit; ours is what fits an offset. */
	const uint64_t most = (uint64_t)1 << 63;
	char **words = g_strsplit_set(request->argument, " \t", 0);
	unsigned n = 0;

	/* Blanks in a row make empty words. */
	for (char **w = words; *w; w++) {
		if (**w == '\0') {
			request->flaws |= MS_REQUEST_BLANKS;
			continue;
		}
		if (n == 0)
			request->has_size = number(*w, strlen(*w),
			    &request->size) && request->size <= most;
		else if (n == 1 && g_ascii_strcasecmp(*w, "LAST") == 0)
			request->last = true;
		else
			n = 9;
		n++;
	}
	g_strfreev(words);
	if (request->has_size && n <= 2)
		return;
	/* Whether a payload follows nobody knows. */
	request->has_size = request->last = false;
	request->size = 0;
	refuse(request, 521, "5.5.4", verbs[MS_VERB_BDAT].syntax);
}

static void
take_attribute(struct ms_request *request, const char *word, size_t size)
{
	static const char *const names[] = { "NAME", "ADDR", "PORT", "PROTO",
		"HELO", "IDENT", "SOURCE", "LOGIN", "DESTADDR", "DESTPORT",
		"REVERSE_NAME", NULL };
	const char *equals = memchr(word, '=', size);
	const size_t name = equals ? (size_t)(equals - word) : size;
	struct ms_keyword keyword = {
		.name = g_ascii_strup(word, (gssize)name),
		.value = equals ?
		    g_strndup(equals + 1, size - name - 1) : NULL,
	};
	char *value = keyword.value ? decoded(keyword.value) : NULL;

	keyword.known = which(names, keyword.name) > 0;
	if (!keyword.known || !value) {
		refuse(request, 501, "5.5.4", "Bad attribute");
		g_free(value);
	} else {
		if (g_ascii_strcasecmp(keyword.value, "[UNAVAILABLE]") == 0 ||
		    g_ascii_strcasecmp(keyword.value, "[TEMPUNAVAIL]") == 0)
			*value = '\0';
		g_free(keyword.value);
		keyword.value = value;
	}
	add(request, &keyword);
}

static void
take_rest(struct ms_request *request)
{
	const bool empty = *request->argument == '\0';
	const size_t size = strlen(request->argument);

	switch (verbs[request->verb].rest) {
	case REST_NONE:
		if (!empty)
			refuse_syntax(request);
		break;
	case REST_ANY:
		break;
	case REST_SOME:
		if (empty)
			refuse_syntax(request);
		break;
	case REST_FROM:
		take_path(request, "FROM");
		break;
	case REST_TO:
		take_path(request, "TO");
		break;
	case REST_CHUNK:
		take_chunk(request);
		break;
	case REST_ATTRIBUTES:
		if (empty)
			refuse_syntax(request);
		each_word(request, request->argument, size, take_attribute);
		break;
	}
}

static void
clear_keyword(gpointer data)
{
	struct ms_keyword *keyword = data;

	g_free(keyword->name);
	g_free(keyword->value);
}

/* Bytes that no command has. */
static void
judge_bytes(struct ms_request *request, const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const unsigned char c = (unsigned char)line[i];

		if (c > 127)
			request->flaws |= MS_REQUEST_EIGHT_BIT;
		if (c == '\t')
			request->flaws |= MS_REQUEST_BLANKS;
		else if (c < ' ' || c == 0x7f)
			refuse(request, 500, "5.5.2",
			    "Control characters in a command");
	}
	if ((request->flaws & MS_REQUEST_EIGHT_BIT) &&
	    !g_utf8_validate(line, (gssize)size, NULL))
		refuse(request, 500, "5.5.2", "Bad UTF-8 in a command");
}

void
ms_request_parse(struct ms_request *request, const char *line, size_t size)
{
	size_t at = 0, word = 0;

	line = size > 0 ? line : "";
	*request = (struct ms_request){ 0 };
	request->parameters = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_keyword));
	g_array_set_clear_func(request->parameters, clear_keyword);
	judge_bytes(request, line, size);
	while (size > 0 && is_blank(line[size - 1])) {
		request->flaws |= MS_REQUEST_BLANKS;
		size--;
	}
	while (at < size && is_blank(line[at])) {
		request->flaws |= MS_REQUEST_BLANKS;
		at++;
	}
	while (at + word < size && !is_blank(line[at + word]))
		word++;
	request->word = g_strndup(line + at, word);
	at += word;
	for (size_t first = at; at < size && is_blank(line[at]); at++)
		if (at > first)
			request->flaws |= MS_REQUEST_BLANKS;
	request->argument = g_strndup(line + at, size - at);
	for (size_t i = 1; i < G_N_ELEMENTS(verbs); i++)
		if (g_ascii_strcasecmp(verbs[i].name, request->word) == 0)
			request->verb = (enum ms_verb)i;
	if (request->verb == MS_VERB_UNKNOWN)
		refuse(request, 500, "5.5.2", "Command not recognized");
	take_rest(request);
}

void
ms_request_clear(struct ms_request *request)
{
	g_free(request->word);
	g_free(request->argument);
	g_free(request->envid);
	g_free(request->orcpt);
	g_free(request->auth);
	ms_address_clear(&request->address);
	if (request->parameters)
		g_array_free(request->parameters, TRUE);
	*request = (struct ms_request){ 0 };
}

static void
append_keywords(const struct ms_request *request, GString *out)
{
	const bool attributes =
	    verbs[request->verb].rest == REST_ATTRIBUTES;

	for (unsigned i = 0; i < request->parameters->len; i++) {
		const struct ms_keyword *keyword = &g_array_index(
		    request->parameters, struct ms_keyword, i);

		g_string_append_printf(out, " %s", keyword->name);
		if (!keyword->value)
			continue;
		g_string_append_c(out, '=');
		if (!attributes)
			g_string_append(out, keyword->value);
		else if (*keyword->value == '\0')
			g_string_append(out, "[UNAVAILABLE]");
		else
			ms_request_xtext(keyword->value, out);
	}
}

void
ms_request_append(const struct ms_request *request, GString *out)
{
	const struct ms_address *address = &request->address;

	g_string_append(out, request->verb == MS_VERB_UNKNOWN ?
	    request->word : verbs[request->verb].name);
	switch (verbs[request->verb].rest) {
	case REST_FROM:
	case REST_TO:
		g_string_append_printf(out, " %s:<%s%s%s>",
		    request->verb == MS_VERB_MAIL ? "FROM" : "TO",
		    address->route ? address->route : "",
		    address->route ? ":" : "",
		    address->text ? address->text : "");
		append_keywords(request, out);
		break;
	case REST_CHUNK:
		g_string_append_printf(out, " %" G_GUINT64_FORMAT "%s",
		    (guint64)request->size, request->last ? " LAST" : "");
		break;
	case REST_ATTRIBUTES:
		append_keywords(request, out);
		break;
	case REST_NONE:
	case REST_ANY:
	case REST_SOME:
		if (*request->argument)
			g_string_append_printf(out, " %s", request->argument);
		break;
	}
}

const struct ms_keyword *
ms_request_find(const struct ms_request *request, const char *name)
{
	for (unsigned i = 0; i < request->parameters->len; i++) {
		const struct ms_keyword *keyword = &g_array_index(
		    request->parameters, struct ms_keyword, i);

		if (strcmp(keyword->name, name) == 0)
			return keyword;
	}
	return NULL;
}

const char *
ms_request_verb(enum ms_verb verb)
{
	return verbs[verb].name;
}
