#include "scan/classes.h"

#include "unpack/sniff.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *type = ms_sniff(data, size)->name;

	for (int i = 0; i < MS_CLASSES; i++)
		(void)ms_classes_has((enum ms_class)i, type, data, size,
		    false);
	return 0;
}
