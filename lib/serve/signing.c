#include "serve/signing.h"

#include "action/sign.h"

#include <unistd.h>

/* Bytes that are copied at once. */
#define AT_ONCE ((uint64_t)1 << 20)

struct ms_signing {
	struct ms_sign_copy *copy;
	struct ms_spool *spool;
};

enum ms_status
ms_signing_begin(const struct ms_signing_config *config,
    const struct ms_ruling *ruling, const struct ms_body *message,
    struct ms_signing **signing, struct ms_error *err)
{
	struct ms_signing *made;
	enum ms_status status;

	*signing = NULL;
	if (!config->signature || ruling->action != MS_ACTION_PASS ||
	    ruling->verdict != MS_VERDICT_CLEAN || message->fd < 0)
		return MS_END;
	made = g_new0(struct ms_signing, 1);
	made->spool = ms_spool_new(&config->spool);
	ms_spool_purse(made->spool, config->purse);
	status = ms_sign_copy_new(config->signature, message->fd,
	    message->size, &made->copy, err);
	if (status == MS_OK)
		*signing = made;
	else
		ms_signing_free(made);
	return status;
}

enum ms_status
ms_signing_go_on(struct ms_signing *signing, struct ms_spool **spool,
    struct ms_body *body, struct ms_error *err)
{
	enum ms_status status = ms_sign_copy_some(signing->copy, AT_ONCE,
	    signing->spool, err);
	int fd;

	if (status != MS_END)
		return status;
	if (ms_spool_seal(signing->spool, &fd, err) != MS_OK)
		return MS_E_IO;
	if (body->fd >= 0)
		(void)close(body->fd);
	body->fd = fd;
	body->size = ms_spool_size(signing->spool);
	*spool = g_steal_pointer(&signing->spool);
	return MS_END;
}

void
ms_signing_free(struct ms_signing *signing)
{
	if (!signing)
		return;
	ms_sign_copy_free(signing->copy);
	ms_spool_free(signing->spool);
	g_free(signing);
}
