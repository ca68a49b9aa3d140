#ifndef MS_SOCKETNAME_H
#define MS_SOCKETNAME_H

#include "base/error.h"

#include <stdbool.h>

/*
 * Addresses as mail servers write those of filters: unix:PATH or local:PATH,
 * inet:PORT@HOST, inet6:PORT@HOST, without @HOST for all addresses of the
 * machine; and as they are written elsewhere here, HOST:PORT and [IPV6]:PORT.
 */

/* TEXT as libmilter takes it, for g_free(); NULL: it is no address, and ERR
 * says why. */
char *ms_socketname(const char *text, struct ms_error *err);

/* The path in NAME, which ms_socketname() made; NULL: it is no unix socket. */
const char *ms_socketname_path(const char *name);

/* TEXT as net/dial.h takes it, for who wants to connect there from this
 * machine; for g_free(), or NULL as above. */
char *ms_socketname_dial(const char *text, struct ms_error *err);

/* Can others than this machine reach it? */
bool ms_socketname_is_open(const char *name);

#endif
