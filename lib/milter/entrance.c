#include "milter/entrance.h"

#include "milter/socketname.h"
#include "net/listen.h"

#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whose the socket at PATH is, and who may use it. */
static enum ms_status
settle_path(const char *path, const struct ms_milter_config *config,
    struct ms_error *err)
{
	const struct group *group;

	if (config->group) {
		group = getgrnam(config->group);
		if (!group)
			return ms_error_set(err, MS_E_USAGE,
			    "there is no group '%s'", config->group);
		if (chown(path, (uid_t)-1, group->gr_gid) != 0)
			return ms_error_errno(err, "%s", path);
	}
	return chmod(path, config->mode) == 0 ? MS_OK :
	    ms_error_errno(err, "%s", path);
}

void
ms_entrance_clear(const char *name)
{
	if (ms_socketname_path(name))
		ms_listen_remove(name);
}

enum ms_status
ms_entrance_settle(const char *name, const struct ms_milter_config *config,
    struct ms_error *err)
{
	const char *path = ms_socketname_path(name);

	if (path)
		return settle_path(path, config, err);
	/* libmilter says each edit and the end in a packet of its own, the
	 * second of which would wait for the server to acknowledge the
	 * first one: 40 ms a message. */
	ms_listen_hasten();
	return MS_OK;
}

/* NAME as net/endpoint.h has it, for g_free(). */
static char *
address_of(const char *name)
{
	const bool six = g_str_has_prefix(name, "inet6:");
	const char *port = strchr(name, ':') + 1;
	const char *at = strchr(port, '@');
	const int size = (int)strcspn(port, "@");

	if (ms_socketname_path(name))
		return g_strdup(name);
	if (!at)
		return g_strdup_printf("%s:%.*s", six ? "[::]" : "0.0.0.0",
		    size, port);
	return g_strdup_printf(strchr(at, ':') ? "[%s]:%.*s" : "%s:%.*s",
	    at + 1, size, port);
}

enum ms_status
ms_entrance_explain(const char *name, const char *text, struct ms_error *err)
{
	char *address = address_of(name);
	const struct ms_listen_config config = { .address = address,
		.mode = 0600 };
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
	struct ms_error why = { "libmilter does not say why" };
	enum ms_status status = ms_listen_open(&config, fds, &why);
	const char *reason = why.text;
	char *said = g_strdup_printf("cannot listen on %s: ", address);

	if (g_str_has_prefix(reason, said))
		reason += strlen(said);
	(void)ms_error_set(err, MS_E_IO, "cannot listen on %s: %s", text,
	    reason);
	for (guint i = 0; i < fds->len; i++)
		(void)close(g_array_index(fds, int, i));
	if (status == MS_OK)
		ms_listen_remove(address);
	g_array_unref(fds);
	g_free(said);
	g_free(address);
	return MS_E_IO;
}
