#ifndef MS_REWRITE_H
#define MS_REWRITE_H

#include "replay/role.h"

/*
 * Other addresses in MAIL and RCPT, for servers that do not know the recorded
 * ones. A rule is OLD=NEW: whole addresses, or domains with or without an @ in
 * front. The first rule that fits is followed; case does not matter.
 */

/* MS_OK, or MS_E_USAGE: that is no rule. */
enum ms_status ms_rewrite_check(const char *rule, struct ms_error *err);

/* RULES ends with NULL. */
void ms_rewrite(struct ms_role *role, const char *const *rules);

#endif
