#include "replay/heads.h"

#include <stdlib.h>
#include <string.h>

#include "smtp/address.h"

/* What comes out can stand in an envelope. */

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_envelope *envelope = ms_envelope_new(NULL);

	ms_heads(data, size, envelope);
	if (envelope->sender &&
	    ms_address_check(envelope->sender, true, NULL) != MS_OK)
		abort();
	if (envelope->count > MS_HEADS_RECIPIENTS_MAX)
		abort();
	for (char **r = envelope->recipients; r && *r; r++)
		if (ms_address_check(*r, false, NULL) != MS_OK)
			abort();
	ms_envelope_free(envelope);
	return 0;
}
