#include "unpack/sniff.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct ms_sniff_type *type = ms_sniff(data, size);
	char name[80];

	if ((type->kind == MS_SNIFF_ARCHIVE) !=
	    (type->format != MS_SNIFF_NONE) ||
	    type->format >= MS_SNIFF_FORMATS ||
	    ms_sniff_name(type->name) != type->name)
		abort();
	if (size < sizeof name) {
		memcpy(name, data, size);
		name[size] = '\0';
		(void)ms_sniff_name(name);
	}
	return 0;
}
