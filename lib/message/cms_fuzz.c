#include "message/cms.h"

#include "message/block_fuzz.h"

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	return block_fuzz(ms_cms_walk, data, size);
}
