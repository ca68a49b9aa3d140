#include "serve/hookenv.h"

#include "action/custody.h"
#include "action/hook.h"

#include <string.h>

/* Append VALUE, as harmless as the header says. */
static void
append(GString *out, const char *value)
{
	const size_t size = strnlen(value, MS_HOOKENV_VALUE_MAX);

	for (size_t i = 0; i < size; i++) {
		const char c = value[i];
		const bool fine = g_ascii_isalnum(c) ||
		    (c != '\0' && strchr("@+_:[]", c)) ||
		    (i > 0 && c != '\0' && strchr(".-=,", c));

		g_string_append_c(out, fine ? c : '_');
	}
}

static void
put(GPtrArray *list, const char *name, const char *value)
{
	GString *out;

	if (!value)
		return;
	out = g_string_new(name);
	g_string_append_c(out, '=');
	append(out, value);
	g_ptr_array_add(list, g_string_free(out, FALSE));
}

/* What we have chosen ourselves stays as it is. */
static void
put_own(GPtrArray *list, const char *name, const char *value)
{
	if (value)
		g_ptr_array_add(list, g_strconcat(name, "=", value, NULL));
}

static void
put_recipients(GPtrArray *list, const struct ms_envelope *envelope)
{
	GString *out = g_string_new("RECIPIENTS=");

	for (unsigned i = 0; envelope && i < envelope->count; i++) {
		if (out->len > MS_HOOKENV_RECIPIENTS_MAX -
		    MS_HOOKENV_VALUE_MAX)
			break;
		if (i > 0)
			g_string_append_c(out, '\n');
		append(out, envelope->recipients[i]);
	}
	g_ptr_array_add(list, g_string_free(out, FALSE));
}

static void
put_email(GPtrArray *list, const struct ms_hookenv_config *config,
    const char *kept)
{
	char *path;

	/* An id is no path that leads elsewhere. */
	if (!config->quarantine || !kept || !ms_custody_is_id(kept))
		return;
	path = g_strdup_printf("%s/%s.eml", config->quarantine, kept);
	put_own(list, "EMAIL", path);
	g_free(path);
}

char **
ms_hookenv(const struct ms_hookenv_config *config,
    const struct ms_outcome *outcome, const struct ms_task_words *words)
{
	const struct ms_envelope *envelope = outcome->envelope;
	const GPtrArray *findings = outcome->facts.findings;
	GPtrArray *list = g_ptr_array_new();

	g_ptr_array_add(list, g_strdup(MS_HOOK_PATH));
	put(list, "CLIENT", words->client ? words->client : "");
	put(list, "SERVER", words->server ? words->server : "");
	if (envelope && envelope->sender && *envelope->sender == '\0')
		put_own(list, "SENDER", "<>");
	else
		put(list, "SENDER", envelope && envelope->sender ?
		    envelope->sender : "");
	put_recipients(list, envelope);
	put(list, "VIRUS", findings->len > 0 ?
	    ((const struct ms_finding *)findings->pdata[0])->name : "");
	put_email(list, config, words->kept);
	put(list, "REMOTE", words->remote);
	put(list, "REMOTE_HELO", words->remote_helo);
	put_own(list, "TMPDIR", config->tempdir);
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}
