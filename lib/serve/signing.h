#ifndef MS_SIGNING_H
#define MS_SIGNING_H

#include "action/signature.h"
#include "base/spool.h"
#include "policy/ruling.h"
#include "scan/outcome.h"

/* The text that clean mail gets (action/sign.h), and where mail goes that has
 * it. A large message takes longer than others like to wait: it is copied piece
 * by piece. */
struct ms_signing_config {
	const struct ms_signature *signature;	/* NULL: there is none */
	struct ms_spool_config spool;
	struct ms_spool_purse *purse;	/* NULL: memory is not counted */
};

struct ms_signing;

/*
 * Begin to sign MESSAGE, if RULING, which was made of it, says that it is clean
 * and goes on as it is. Its descriptor is a loan until the end.
 *
 * MS_OK    *SIGNING is for ms_signing_go_on(), and ms_signing_free()
 * MS_END   it is not signed, and *SIGNING is NULL
 * MS_E_IO, MS_E_PEER  it cannot be: ERR says why; likewise
 */
enum ms_status ms_signing_begin(const struct ms_signing_config *config,
    const struct ms_ruling *ruling, const struct ms_body *message,
    struct ms_signing **signing, struct ms_error *err);

/*
 * Copy some of it, in a few milliseconds.
 *
 * MS_OK    not all is copied yet
 * MS_END   all is: it is in *SPOOL, for ms_spool_free() when it is over, and
 *          in *BODY, in the place of what was there, for the caller to close
 * MS_E_IO, MS_E_PEER  it cannot be signed: ERR says why
 */
enum ms_status ms_signing_go_on(struct ms_signing *signing,
    struct ms_spool **spool, struct ms_body *body, struct ms_error *err);

void ms_signing_free(struct ms_signing *signing);

#endif
