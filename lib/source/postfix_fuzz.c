#include "source/postfix.h"

#include "source/entry_fuzz.h"

/* No more comes out than is in the file: nothing is read twice. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct entry_file file = entry_file_new(data, size);
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;

	(void)ms_postfix_is(data, size);
	ms_entry_begin(&entry, intake);
	(void)ms_postfix_read(file.cursor, &entry, NULL);
	if (entry.fed > size)
		abort();
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&file);
	return 0;
}
