#include "replay/rewrite.h"

#include <string.h>

#include "smtp/request.h"

static const char *
skip_at(const char *text)
{
	return *text == '@' ? text + 1 : text;
}

static bool
is_domain(const char *text, size_t size)
{
	return size > 0 && (text[0] == '@' || !memchr(text, '@', size));
}

/* Where the new half of RULE begins; NULL: there is none. A local part may
 * have an "=" in it, a domain not. */
static const char *
new_of(const char *rule)
{
	const char *at = strchr(rule, '@');
	const char *equal = strchr(rule, '=');

	if (equal && equal > rule && (!at || at > equal || at == rule) &&
	    is_domain(equal + 1, strlen(equal + 1)))
		return equal + 1;
	equal = strchr(at ? at : rule, '=');
	return equal && equal > rule ? equal + 1 : NULL;
}

enum ms_status
ms_rewrite_check(const char *rule, struct ms_error *err)
{
	const char *new = new_of(rule);
	char *address;
	enum ms_status status;

	if (!new || is_domain(rule, (size_t)(new - 1 - rule)) !=
	    is_domain(new, strlen(new)))
		return ms_error_set(err, MS_E_USAGE, "\"%.100s\" is not "
		    "OLD=NEW, two addresses or two domains", rule);
	address = is_domain(new, strlen(new)) ?
	    g_strconcat("a@", skip_at(new), NULL) : g_strdup(new);
	status = ms_address_check(address, false, err);
	g_free(address);
	return status;
}

/* What ADDRESS becomes by RULE, for g_free(); NULL: RULE does not fit. */
static char *
apply(const char *rule, const struct ms_address *address)
{
	const char *new = new_of(rule);
	const size_t old_size = new ? (size_t)(new - 1 - rule) : 0;
	const char *old = rule;
	const char *have = address->text;
	size_t size = old_size;

	if (!new)
		return NULL;
	if (is_domain(rule, old_size)) {
		old = skip_at(rule);
		size -= (size_t)(old - rule);
		have = address->domain;
	}
	if (!have || strlen(have) != size ||
	    g_ascii_strncasecmp(have, old, size) != 0)
		return NULL;
	if (have == address->text)
		return g_strdup(new);
	return g_strdup_printf("%.*s%s", (int)(have - address->text),
	    address->text, skip_at(new));
}

/* Put TEXT in place of ADDRESS in the line of STEP. */
static void
replace(struct ms_step *step, const char *address, const char *text)
{
	char *colon = memchr(step->line, ':', step->line_size);
	GString *line;
	char *at;

	if (!colon)
		return;
	at = memmem(colon, step->line_size - (size_t)(colon - step->line),
	    address, strlen(address));
	if (!at)
		return;
	line = g_string_new_len(step->line, at - step->line);
	g_string_append(line, text);
	at += strlen(address);
	g_string_append_len(line, at,
	    (gssize)(step->line_size - (size_t)(at - step->line)));
	g_free(step->line);
	step->line_size = line->len;
	step->line = g_string_free(line, FALSE);
}

static void
rewrite_step(struct ms_step *step, const char *const *rules)
{
	struct ms_request request;
	size_t size = step->line_size;
	char *text = NULL;

	while (size > 0 && strchr("\r\n", step->line[size - 1]))
		size--;
	if (memchr(step->line, '\0', size))
		return;
	ms_request_parse(&request, step->line, size);
	if (request.address.text && request.address.text[0] != '\0')
		for (; *rules && !text; rules++)
			text = apply(*rules, &request.address);
	if (text)
		replace(step, request.address.text, text);
	g_free(text);
	ms_request_clear(&request);
}

void
ms_rewrite(struct ms_role *role, const char *const *rules)
{
	for (size_t i = 0; i < role->steps->len; i++) {
		struct ms_step *step = ms_role_step(role, i);

		if (step->line && (strcmp(step->verb, "MAIL") == 0 ||
		    strcmp(step->verb, "RCPT") == 0))
			rewrite_step(step, rules);
	}
}
