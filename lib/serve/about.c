#include "serve/about.h"

#include "base/clock.h"

#include <glib.h>

enum ms_status
ms_about_check(const struct ms_pipeline_about *about, int64_t days,
    struct ms_error *err)
{
	const int64_t age = about->database_time < 0 ? -1 :
	    (ms_clock_wall() - about->database_time) / 86400;

	if (about->blind)
		return ms_error_set(err, MS_E_USAGE,
		    "the engine looks for nothing");
	if (days > 0 && age >= days)
		return ms_error_set(err, MS_E_ENGINE, "the signature database "
		    "is %" G_GINT64_FORMAT " days old", age);
	return MS_OK;
}

static GString *
describe(const struct ms_pipeline_about *about)
{
	GString *out = g_string_new(about->engine);

	if (about->version)
		g_string_append_printf(out, " %s", about->version);
	if (about->database)
		g_string_append_printf(out, ", database %s", about->database);
	return out;
}

char *
ms_about_engine(const struct ms_pipeline_about *about)
{
	return g_string_free(describe(about), FALSE);
}

char *
ms_about_all(const struct ms_pipeline_about *about)
{
	GString *out = describe(about);

	if (about->signatures > 0)
		g_string_append_printf(out, ", %" G_GUINT64_FORMAT
		    " signatures", about->signatures);
	g_string_append_printf(out, ", sandbox %s", about->sandbox ?
	    about->sandbox : "none");
	return g_string_free(out, FALSE);
}
