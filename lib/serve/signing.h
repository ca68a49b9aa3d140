#ifndef MS_SIGNING_H
#define MS_SIGNING_H

#include "action/signature.h"
#include "base/spool.h"
#include "policy/ruling.h"
#include "scan/outcome.h"

/* The text that clean mail gets (action/sign.h), and where mail goes that has
 * it. */
struct ms_signing_config {
	const struct ms_signature *signature;	/* NULL: there is none */
	struct ms_spool_config spool;
	struct ms_spool_purse *purse;	/* NULL: memory is not counted */
};

/*
 * Sign MESSAGE, if RULING, which was made of it, says that it is clean and goes
 * on as it is.
 *
 * MS_OK    it is in *SPOOL, for ms_spool_free() when it is over, and in *BODY,
 *          which the caller closes
 * MS_END   it is not signed
 * MS_E_IO  it cannot be: ERR says why
 */
enum ms_status ms_signing(const struct ms_signing_config *config,
    const struct ms_ruling *ruling, const struct ms_body *message,
    struct ms_spool **spool, struct ms_body *body, struct ms_error *err);

#endif
