#include "message/yenc.h"

#include "message/block_fuzz.h"

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	return block_fuzz(ms_yenc_walk, data, size);
}
