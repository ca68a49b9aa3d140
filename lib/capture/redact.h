#ifndef MS_REDACT_H
#define MS_REDACT_H

#include "base/error.h"
#include "capture/dialogue.h"

/*
 * Dialogues that can be shown to others: every turn is at its time and as long
 * as it was, commands and replies are the same commands and codes, messages
 * have the same lines and the same structure; but addresses, hosts' names and
 * IP addresses are pseudonyms, the same one for the same one in all dialogues
 * (disguise.h), what AUTH says is masked, and messages say nothing any more
 * (conceal.h). What is not known to be harmless is not kept. Notes are left
 * out; what was inside TLS and not decrypted is zeros in the same records.
 */

struct ms_redact;

struct ms_redact *ms_redact_new(void);
void ms_redact_free(struct ms_redact *redact);

/*
 * MS_OK  *REDACTED is the caller's to free, and in the stash of DIALOGUE
 * other  as ms_dialogue_say() and ms_dialogue_read()
 */
enum ms_status ms_redact(struct ms_redact *redact,
    const struct ms_dialogue *dialogue, struct ms_dialogue **redacted,
    struct ms_error *err);

#endif
