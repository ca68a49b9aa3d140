#include "serve/doors.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Before the number of a socket that we inherited. */
#define INHERITED "fd:"

/* The descriptor in ADDRESS, which begins with INHERITED. */
static enum ms_status
read_fd(const char *address, int *fd, struct ms_error *err)
{
	guint64 n;

	if (!g_ascii_string_to_unsigned(address + strlen(INHERITED), 10, 3,
	    G_MAXINT, &n, NULL))
		return ms_error_set(err, MS_E_USAGE, "'%s': want fd: and the "
		    "number of a descriptor, from 3 on", address);
	*fd = (int)n;
	return MS_OK;
}

enum ms_status
ms_doors_check(const char *address, struct ms_error *err)
{
	int fd;

	return g_str_has_prefix(address, INHERITED) ?
	    read_fd(address, &fd, err) :
	    ms_endpoint_check_listen(address, err);
}

struct ms_doors *
ms_doors_new(void)
{
	struct ms_doors *doors = g_new0(struct ms_doors, 1);

	doors->fds = g_array_new(FALSE, FALSE, sizeof(int));
	doors->addresses = g_ptr_array_new_with_free_func(g_free);
	return doors;
}

void
ms_doors_free(struct ms_doors *doors)
{
	if (!doors)
		return;
	for (guint i = 0; i < doors->fds->len; i++)
		(void)close(g_array_index(doors->fds, int, i));
	g_array_unref(doors->fds);
	g_ptr_array_unref(doors->addresses);
	g_free(doors);
}

/* Append a copy of FD. */
static enum ms_status
append_copy(GArray *fds, int fd, struct ms_error *err)
{
	const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		return ms_error_errno(err, "descriptor %d", fd);
	g_array_append_val(fds, copy);
	return MS_OK;
}

static enum ms_status
take_old(struct ms_doors *doors, const char *address,
    const struct ms_doors *old, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (guint i = 0; old && status == MS_OK && i < old->fds->len; i++)
		if (strcmp(old->addresses->pdata[i], address) == 0)
			status = append_copy(doors->fds,
			    g_array_index(old->fds, int, i), err);
	return status;
}

static enum ms_status
open_new(struct ms_doors *doors, const char *address, struct ms_error *err)
{
	const struct ms_listen_config config = { .address = address,
		.transparent = doors->transparent, .mode = doors->mode,
		.packets = doors->packets, .owner = doors->owner };
	enum ms_status status;
	int fd = -1;

	if (!g_str_has_prefix(address, INHERITED))
		return ms_listen_open(&config, doors->fds, err);
	status = read_fd(address, &fd, err);
	if (status == MS_OK)
		status = ms_listen_check(fd, err);
	return status == MS_OK ? append_copy(doors->fds, fd, err) : status;
}

enum ms_status
ms_doors_open(struct ms_doors *doors, const char *const *addresses,
    const struct ms_doors *old, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (; addresses && *addresses && status == MS_OK; addresses++) {
		const guint before = doors->fds->len;

		status = take_old(doors, *addresses, old, err);
		if (status == MS_OK && doors->fds->len == before)
			status = open_new(doors, *addresses, err);
		while (doors->addresses->len < doors->fds->len)
			g_ptr_array_add(doors->addresses,
			    g_strdup(*addresses));
	}
	return status;
}

void
ms_doors_remove(const char *const *addresses)
{
	for (; addresses && *addresses; addresses++)
		ms_listen_remove(*addresses);
}
