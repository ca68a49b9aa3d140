#include "engine/spamc.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_spamc_answer answer;
	struct ms_error err;

	if (ms_spamc_read(data, size, &answer, &err) == MS_OK &&
	    (!isfinite(answer.score) || !isfinite(answer.threshold) ||
	    answer.at + answer.size != size))
		abort();
	return 0;
}
