#include "imported.h"

#include "mailscan.h"

#include <string.h>

typedef enum ms_status check_text(const char *text, struct ms_error *err);

static enum ms_status
check_clamd(const char *text, struct ms_error *err)
{
	return *text == '/' ? MS_OK : ms_endpoint_check(text, err);
}

static enum ms_status
check_network(const char *text, struct ms_error *err)
{
	struct ms_subnet subnet;

	return strcmp(text, "private") == 0 ? MS_OK :
	    ms_subnet_parse(text, &subnet, err);
}

static enum ms_status
check_local(const char *text, struct ms_error *err)
{
	return strcmp(text, "local") == 0 ? MS_OK : check_network(text, err);
}

static enum ms_status
check_datagrams(const char *text, struct ms_error *err)
{
	const struct ms_herald_config herald = { text, NULL };

	return ms_herald_check(&herald, err);
}

static enum ms_status
check_person(const char *text, struct ms_error *err)
{
	if (ms_notify_is_address(text))
		return MS_OK;
	return ms_error_set(err, MS_E_USAGE, "\"%s\" is no mail address", text);
}

static enum ms_status
check_writer(const char *text, struct ms_error *err)
{
	return strcmp(text, "sender") == 0 ? MS_OK : check_person(text, err);
}

static enum ms_status
check_action(const char *text, struct ms_error *err)
{
	const char *address = strstr(text, "redirect:");

	return address ? check_person(address + strlen("redirect:"), err) :
	    MS_OK;
}

static enum ms_status
check_refusal(const char *text, struct ms_error *err)
{
	return ms_ruling_check(text, '5', err);
}

char *
imported_wrong(const char *name, const char *text)
{
	static const struct {
		const char *name;
		check_text *check;
	} checks[] = {
		{ "listen", ms_endpoint_check_listen },
		{ "upstream", ms_upstream_check },
		{ "clamd", check_clamd },
		{ "header", ms_marking_check },
		{ "on-infected", check_action },
		{ "reject-reply", check_refusal },
		{ "local-nets", check_local },
		{ "block-client-exempt", check_network },
		{ "postmaster", check_person },
		{ "notify-from", check_writer },
		{ "skip-auth", ms_logins_check },
		{ "phish-report-to", check_person },
		{ "phish-fp-report-to", check_person },
		{ "event-udp", check_datagrams },
	};
	struct ms_error err = { "" };

	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
		if (strcmp(checks[i].name, name) == 0 &&
		    checks[i].check(text, &err) != MS_OK)
			return g_strdup(err.text);
	return NULL;
}
