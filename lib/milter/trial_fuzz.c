#include "milter/trial.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Packets, each behind a byte that says how long it is. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_trial_answer answer = { .reply = NULL };
	enum ms_status status = MS_OK;
	struct ms_error err;

	while (size > 0 && status == MS_OK) {
		const size_t part = *data < size ? *data : size - 1;

		status = ms_trial_hear(&answer, data + 1, part, &err);
		data += part + 1;
		size -= part + 1;
	}
	/* Whoever is told so is told why. */
	if (answer.reply && (status != MS_END || strlen(answer.reply) < 3 ||
	    answer.fate != (*answer.reply == '4' ? MS_TRIAL_DEFERRED :
	    MS_TRIAL_REFUSED)))
		abort();
	ms_trial_clear(&answer);
	return 0;
}
