#ifndef REQUEST_TEST_H
#define REQUEST_TEST_H

#include "smtp/request.h"

/*
 * What a request says, without how it was spelled: for tests and fuzz targets.
 */

static inline void
request_test_say(const struct ms_request *r, GString *out)
{
	g_string_append(out, r->verb == MS_VERB_UNKNOWN ? "?" :
	    ms_request_verb(r->verb));
	if (r->address.text)
		g_string_append_printf(out, " <%s>", r->address.text);
	if (r->address.route)
		g_string_append_printf(out, " route %s", r->address.route);
	if (r->has_size)
		g_string_append_printf(out, " size %" G_GUINT64_FORMAT,
		    (guint64)r->size);
	if (r->last)
		g_string_append(out, " last");
	if (r->body)
		g_string_append_printf(out, " body %d", r->body);
	if (r->smtputf8)
		g_string_append(out, " utf8");
	if (r->ret)
		g_string_append_printf(out, " ret %d", r->ret);
	if (r->notify)
		g_string_append_printf(out, " notify %u", r->notify);
	if (r->envid)
		g_string_append_printf(out, " envid %s", r->envid);
	if (r->orcpt)
		g_string_append_printf(out, " orcpt %s", r->orcpt);
	if (r->auth)
		g_string_append_printf(out, " auth <%s>", r->auth);
	for (unsigned i = 0; i < r->parameters->len; i++) {
		const struct ms_keyword *keyword = &g_array_index(
		    r->parameters, struct ms_keyword, i);

		if (keyword->known && (r->verb == MS_VERB_MAIL ||
		    r->verb == MS_VERB_RCPT))
			continue;
		g_string_append_printf(out, " %s%s", keyword->known ? "" :
		    "?", keyword->name);
		if (keyword->value)
			g_string_append_printf(out, "=%s", keyword->value);
	}
	if (!r->address.text && r->parameters->len == 0 &&
	    r->verb != MS_VERB_BDAT && *r->argument)
		g_string_append_printf(out, " (%s)", r->argument);
	if (r->problem.code)
		g_string_append_printf(out, " %d %s %s", r->problem.code,
		    r->problem.enhanced, r->problem.text);
}

#endif
