#include "serve/signing.h"

#include "action/sign.h"

enum ms_status
ms_signing(const struct ms_signing_config *config,
    const struct ms_ruling *ruling, const struct ms_body *message,
    struct ms_spool **spool, struct ms_body *body, struct ms_error *err)
{
	struct ms_spool *made;
	enum ms_status status;

	*spool = NULL;
	if (!config->signature || ruling->action != MS_ACTION_PASS ||
	    ruling->verdict != MS_VERDICT_CLEAN || message->fd < 0)
		return MS_END;
	made = ms_spool_new(&config->spool);
	ms_spool_purse(made, config->purse);
	status = ms_sign_copy(config->signature, message->fd, message->size,
	    made, err);
	if (status == MS_OK)
		status = ms_spool_seal(made, &body->fd, err);
	body->size = ms_spool_size(made);
	if (status == MS_OK)
		*spool = made;
	else
		ms_spool_free(made);
	return status;
}
