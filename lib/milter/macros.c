#include "milter/macros.h"

#if HAVE_MILTER

#include <glib.h>
#include <libmilter/mfapi.h>

/* By where they are asked for. */
static const struct {
	int where;
	const char *names;
} macros[] = {
	{ SMFIM_CONNECT, "j _ {if_addr} {client_addr}" },
	{ SMFIM_ENVFROM, "i {auth_authen} {mail_addr}" },
	{ SMFIM_ENVRCPT, "i {rcpt_addr}" },
	{ SMFIM_EOM, "i" },
};

void
ms_macros_want(struct smfi_str *context)
{
	for (size_t i = 0; i < G_N_ELEMENTS(macros); i++)
		(void)smfi_setsymlist(context, macros[i].where,
		    (char *)(uintptr_t)macros[i].names);
}

const char *
ms_macros_get(struct smfi_str *context, const char *name)
{
	return smfi_getsymval(context, (char *)(uintptr_t)name);
}

const char *
ms_macros_id(struct smfi_str *context)
{
	return ms_macros_get(context, "i");
}

const char *
ms_macros_login(struct smfi_str *context)
{
	const char *who = ms_macros_get(context, "{auth_authen}");

	return who && *who != '\0' ? who : NULL;
}

static void
put(char **at, const char *value)
{
	g_free(*at);
	*at = g_strdup(value);
}

void
ms_macros_sign(struct smfi_str *context, const struct ms_caller *caller,
    struct ms_envelope *envelope)
{
	ms_caller_sign(caller, ms_macros_get(context, "_"),
	    ms_macros_get(context, "{client_addr}"), envelope);
	put(&envelope->queue_id, ms_macros_id(context));
	put(&envelope->server_address, ms_macros_get(context, "{if_addr}"));
}

#endif
