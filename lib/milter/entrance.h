#ifndef MS_ENTRANCE_H
#define MS_ENTRANCE_H

#include "milter/milter.h"

/*
 * The socket at which mail servers come to a filter, as far as libmilter, which
 * opens it, leaves that to us. NAME is one of milter/socketname.h.
 */

/* Before it is opened: nothing stands in its way that nobody listens on. */
void ms_entrance_clear(const char *name);

/*
 * Once it is: whose it is, and who may use it; what is said there is said at
 * once.
 *
 * MS_OK
 * MS_E_USAGE  there is no such group
 * MS_E_IO     it cannot be done
 */
enum ms_status ms_entrance_settle(const char *name,
    const struct ms_milter_config *config, struct ms_error *err);

/* It cannot be opened, and libmilter does not say why: ask the system, by
 * trying the same. TEXT is what the user calls NAME. Never MS_OK. */
enum ms_status ms_entrance_explain(const char *name, const char *text,
    struct ms_error *err);

#endif
