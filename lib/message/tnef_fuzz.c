#include "message/tnef.h"

#include "message/block_fuzz.h"

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	return block_fuzz(ms_tnef_walk, data, size);
}
