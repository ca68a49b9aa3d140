#include "smtp/address.h"

#include <glib.h>
#include <string.h>

/* RFC 5321, 4.5.3.1. */
#define LOCAL_MAX 64
#define DOMAIN_MAX 255

/* Beyond letters and digits (RFC 5322, 3.2.3). */
static const char atext[] = "!#$%&'*+-/=?^_`{|}~";

static bool
is_atext(char c)
{
	return g_ascii_isalnum(c) || (unsigned char)c > 127 ||
	    (c != '\0' && strchr(atext, c));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

enum ms_status
ms_address_check(const char *address, bool empty, struct ms_error *err)
{
	bool quoted = false, good = empty || address[0] != '\0';
	const char *p;

	for (p = address; *p && good; p++) {
		const unsigned char c = (unsigned char)*p;

		if (c < ' ' || c == 0x7f || (!quoted && (c == ' ' ||
		    c == '<' || c == '>')))
			good = false;
		else if (c == '\\' && quoted)
			good = (unsigned char)*++p >= ' ';
		else if (c == '"')
			quoted = !quoted;
		if (!good)
			break;
	}
	if (good && !quoted && (size_t)(p - address) <= MS_ADDRESS_MAX)
		return MS_OK;
	return ms_error_set(err, MS_E_USAGE,
	    "\"%.100s\" is no address for an envelope", address);
}

/* How many of SIZE bytes at TEXT stand before the first byte of WANT that is
 * outside quotes. */
static size_t
until(const char *text, size_t size, const char *want)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < size; i++) {
		if (quoted && text[i] == '\\') {
			if (++i == size)
				break;
		} else if (text[i] == '"') {
			quoted = !quoted;
		} else if (!quoted && strchr(want, text[i])) {
			break;
		}
	}
	return i < size ? i : size;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]", or a tag of the future. */
static bool
is_literal(const char *domain, size_t size)
{
	char *inner;
	bool good;

	if (size < 3 || domain[size - 1] != ']')
		return false;
	inner = g_strndup(domain + 1, size - 2);
	if (g_ascii_strncasecmp(inner, "IPv6:", 5) == 0)
		good = strchr(inner + 5, ':') && !strchr(inner, '%') &&
		    g_hostname_is_ip_address(inner + 5);
	else if (strchr(inner, ':'))
		good = g_ascii_isalpha(*inner) && !strpbrk(inner, "[]\\");
	else
		good = g_hostname_is_ip_address(inner);
	g_free(inner);
	return good;
}

/* Flaws of a domain that is there. */
static unsigned
judge_domain(const char *domain)
{
	const size_t size = strlen(domain);
	unsigned flaws = size > DOMAIN_MAX ? MS_ADDRESS_LONG : 0;
	char before = '.';

	if (*domain == '[')
		return flaws | MS_ADDRESS_LITERAL |
		    (is_literal(domain, size) ? 0 : MS_ADDRESS_ODD);
	for (size_t i = 0; i <= size; i++) {
		const char c = domain[i];
		const bool edge = c == '.' || c == '\0';

		if ((edge || c == '-') && before == '.')
			flaws |= MS_ADDRESS_ODD;
		if (edge && before == '-')
			flaws |= MS_ADDRESS_ODD;
		if (!edge && c != '-' && !g_ascii_isalnum(c) &&
		    (unsigned char)c < 128)
			flaws |= MS_ADDRESS_ODD;
		before = c;
	}
	return flaws;
}

/* Flaws of the SIZE bytes at LOCAL; *GOOD: quotes are in order. */
static unsigned
judge_local(const char *local, size_t size, bool *good)
{
	unsigned flaws = size > LOCAL_MAX ? MS_ADDRESS_LONG : 0;
	char before = '.';

	*good = true;
	if (size > 0 && *local == '"') {
		size_t i = 1;

		while (i < size && local[i] != '"')
			i += local[i] == '\\' ? 2 : 1;
		*good = i < size;
		return flaws | (i + 1 == size ? 0 : MS_ADDRESS_ODD);
	}
	for (size_t i = 0; i < size; i++) {
		if (local[i] == '.' ? before == '.' : !is_atext(local[i]))
			flaws |= MS_ADDRESS_ODD;
		before = local[i];
	}
	return flaws | (before == '.' ? MS_ADDRESS_ODD : 0);
}

/* Where the domain begins: behind the last @ that is in no quotes. */
static char *
domain_of(char *text)
{
	const size_t size = strlen(text);
	size_t at = 0, found = size;

	while ((at += until(text + at, size - at, "@")) < size)
		found = at++;
	return found < size ? text + found + 1 : NULL;
}

/* Can ADDRESS stand in an envelope? */
static enum ms_status
judge(struct ms_address *address)
{
	const char *text = address->text;
	size_t local = strlen(text);
	bool good;

	if (!g_str_is_ascii(text))
		address->flaws |= MS_ADDRESS_UTF8;
	if (local == 0)
		return address->route ? MS_E_FORMAT : MS_OK;
	if (address->domain) {
		local = (size_t)(address->domain - text) - 1;
		address->flaws |= judge_domain(address->domain);
	} else {
		address->flaws |= MS_ADDRESS_NO_DOMAIN;
	}
	address->flaws |= judge_local(text, local, &good);
	/* A bracket would let a blank or a comma be part of the domain. */
	if (address->domain && *address->domain == '[')
		good &= g_str_has_suffix(address->domain, "]");
	if (!good || local == 0 ||
	    (address->domain && *address->domain == '\0') ||
	    !g_utf8_validate(text, -1, NULL))
		return MS_E_FORMAT;
	return ms_address_check(text, false, NULL) == MS_OK ?
	    MS_OK : MS_E_FORMAT;
}

/* The path between < and >, or without them. */
static enum ms_status
inner(const char *text, size_t size, struct ms_address *address)
{
	enum ms_status status = MS_OK;
	size_t route = 0;

	while (size > 0 && is_blank(text[size - 1])) {
		size--;
		address->flaws |= MS_ADDRESS_BLANK;
	}
	while (size > 0 && is_blank(*text)) {
		text++;
		size--;
		address->flaws |= MS_ADDRESS_BLANK;
	}
	if (size > 0 && *text == '@')
		route = until(text, size, ":");
	if (route > 0 && route < size) {
		address->route = g_strndup(text, route);
		address->flaws |= MS_ADDRESS_ROUTE;
		if (ms_address_check(address->route, false, NULL) != MS_OK ||
		    !g_utf8_validate(address->route, -1, NULL))
			status = MS_E_FORMAT;
		text += route + 1;
		size -= route + 1;
	}
	address->text = g_strndup(text, size);
	address->domain = domain_of(address->text);
	if (judge(address) != MS_OK)
		status = MS_E_FORMAT;
	return status;
}

enum ms_status
ms_address_parse(const char *text, size_t size, struct ms_address *address,
    size_t *used)
{
	enum ms_status status = MS_OK;
	size_t at = 0, n;

	*address = (struct ms_address){ 0 };
	while (at < size && is_blank(text[at])) {
		at++;
		address->flaws |= MS_ADDRESS_BLANK;
	}
	*used = at;
	if (at == size)
		return MS_E_FORMAT;
	if (text[at] != '<') {
		address->flaws |= MS_ADDRESS_BARE;
		n = until(text + at, size - at, " \t");
		*used = at + n;
		return inner(text + at, n, address);
	}
	at++;
	n = until(text + at, size - at, ">");
	if (at + n == size) {
		/* Quotes that never end would swallow everything. */
		const char *end = memchr(text + at, '>', size - at);

		status = MS_E_FORMAT;
		if (!end)
			end = memchr(text + at, ' ', size - at);
		n = end ? (size_t)(end - text) - at : size - at;
		*used = at + n + (end && *end == '>' ? 1 : 0);
	} else {
		*used = at + n + 1;
	}
	if (inner(text + at, n, address) != MS_OK)
		status = MS_E_FORMAT;
	return status;
}

void
ms_address_clear(struct ms_address *address)
{
	g_free(address->text);
	g_free(address->route);
	*address = (struct ms_address){ 0 };
}

void
ms_address_copy(struct ms_address *to, const struct ms_address *from)
{
	*to = (struct ms_address){
		.text = g_strdup(from->text),
		.route = g_strdup(from->route),
		.flaws = from->flaws,
	};
	if (from->domain)
		to->domain = to->text + (from->domain - from->text);
}
